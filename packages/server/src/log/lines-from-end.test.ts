import fc from "fast-check";
import { expect, it } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { linesFromEnd } from "./lines-from-end.ts";

async function read(path: string, maxBytes = 1e9, maxFiles = 9): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesFromEnd(path, { maxBytes, maxFiles })) lines.push(line);
  return lines;
}

it("reads the lines of all files, the newest first, whatever their lengths", async () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    fc.constantFrom("é😀".repeat(30_000), "x".repeat(90_000)),
  );
  const file = fc.array(
    line.map((text) => text.replaceAll(/[\n\r]/g, "n")),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), async (files) => {
      using folder = new TemporaryFolder();
      files.forEach((lines, index) =>
        folder.write(index === 0 ? "log" : `log.${index}`, lines.map((text) => `${text}\n`).join("")),
      );
      expect(await read(`${folder.path}/log`)).toEqual(files.flatMap((lines) => lines.toReversed()));
    }),
    { numRuns: 60 },
  );
});

it("reads no more bytes and files than it may, and nothing where there is none", async () => {
  using folder = new TemporaryFolder();
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`);
  const path = folder.write("log", `${lines.join("\n")}\n`);
  folder.write("log.1", "old\n");
  expect((await read(path, 100)).slice(0, 3)).toEqual(["line 999", "line 998", "line 997"]);
  expect((await read(path, 100)).length).toBeLessThan(12);
  expect((await read(path, 1e6, 0)).at(-1)).toBe("line 0");
  expect((await read(path, 1e6, 1)).at(-1)).toBe("old");
  expect(await read(`${folder.path}/missing`)).toEqual([]);
});

it("tells why a log cannot be read", async () => {
  using folder = new TemporaryFolder();
  await expect(read(folder.path)).rejects.toThrow(/EISDIR/);
});
