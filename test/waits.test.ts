import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sourceFiles } from "./import-graph.ts";

const root = join(import.meta.dirname, "..");
const files = ["packages", "examples", "test"]
  .flatMap(sourceFiles)
  .filter((file) => file.endsWith(".ts"))
  .filter((file) => file.endsWith(".test.ts") || !file.includes("/src/"));
const leastMs = 30_000;

/** Returns the text of each call of a function: from its name to the bracket that closes its arguments. */
function callsOf(name: string, source: string): string[] {
  return source
    .split(`${name}(`)
    .slice(1)
    .map((rest) => {
      let depth = 1;
      for (let at = 0; at < rest.length; at += 1) {
        if (rest[at] === "(") depth += 1;
        else if (rest[at] === ")" && (depth -= 1) === 0) return `${name}(${rest.slice(0, at + 1)}`;
      }
      return `${name}(${rest}`;
    });
}

/** Returns the bound of a wait in milliseconds; undefined where it has none. A constant is looked up in the file. */
function boundOf(call: string, source: string): number | undefined {
  const last = /,\s*(\w+|\{[^{}]*\}),?\s*\)$/.exec(call)?.[1];
  if (last === undefined) return undefined;
  const options = /^[a-z]\w*$/i.test(last)
    ? new RegExp(`const ${last} = (\\{[^}]*\\}|[0-9_]+)`).exec(source)?.[1]
    : last;
  const number = /timeout: ?([0-9_]+)/.exec(options ?? "")?.[1] ?? /^[0-9_]+$/.exec(options ?? "")?.[0];
  return number === undefined ? undefined : Number(number.replaceAll("_", ""));
}

it("every wait for an event lasts at least half a minute, so that a busy machine fails no test", () => {
  const tooShort: string[] = [];
  let waits = 0;
  for (const file of files) {
    const source = readFileSync(join(root, file), "utf8");
    for (const call of callsOf("vi.waitFor", source)) {
      waits += 1;
      // Without a bound of its own it gives up after a second.
      if ((boundOf(call, source) ?? 1_000) < leastMs) tooShort.push(`${file}: ${call.slice(0, 100)}`);
    }
    for (const call of callsOf("expect.poll", source)) {
      waits += 1;
      if ((boundOf(call, source) ?? leastMs) < leastMs) tooShort.push(`${file}: ${call.slice(0, 100)}`);
    }
  }
  expect(waits).toBeGreaterThan(50);
  expect(tooShort).toEqual([]);
});

it("no test is tried again until it passes", () => {
  const again = files.filter((file) => /\{ retry: \d/.test(readFileSync(join(root, file), "utf8")));
  expect(again).toEqual([]);
});
