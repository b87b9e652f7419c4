import { describe, expect, it } from "vitest";
import { bodyOf } from "./outgoing.ts";

const part = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);

/** Notes what happens in which order. */
function recorder() {
  const seen: string[] = [];
  const holdWrites = (): (() => void) => {
    seen.push("hold");
    return () => seen.push("let go");
  };
  return { seen, holdWrites };
}

/** Reads a body as undici writes it. */
async function written(body: unknown, seen: string[], until = Infinity): Promise<void> {
  for await (const bytes of body as AsyncIterable<Uint8Array>) {
    seen.push(`write ${bytes.length}`);
    if (seen.filter((each) => each.startsWith("write")).length >= until) break;
  }
}

describe("bodyOf", () => {
  it("joins small parts, and gives one part as it is", () => {
    const { seen, holdWrites } = recorder();
    expect(bodyOf([part(2, 1), part(1, 2)], holdWrites)).toEqual(Buffer.from([1, 1, 2]));
    const whole = part(100_000, 1);
    expect(bodyOf([whole], holdWrites)).toBe(whole);
    expect(bodyOf([], holdWrites)).toBeNull();
    expect(seen).toEqual([]);
  });

  it("holds back the head and the parts of a large body until the last one is written", async () => {
    const { seen, holdWrites } = recorder();
    const body = bodyOf([part(10, 1), part(20, 2), part(100_000, 3)], holdWrites);
    expect(seen).toEqual([]);
    await written(body, seen);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["hold", "write 10", "write 20", "write 100000", "let go"]);
  });

  it("lets go when the writing is given up", async () => {
    const { seen, holdWrites } = recorder();
    await written(bodyOf([part(10, 1), part(20, 2), part(100_000, 3)], holdWrites), seen, 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["hold", "write 10", "let go"]);
  });
});
