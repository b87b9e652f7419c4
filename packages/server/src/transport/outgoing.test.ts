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
async function written(body: unknown, seen: string[]): Promise<void> {
  for await (const bytes of body as AsyncIterable<Uint8Array>) {
    seen.push(`write ${bytes.length}`);
    // As undici does when the socket has no more room.
    if (bytes.length > 60_000) await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
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
    await nextTurn();
    await written(body, seen);
    expect(seen).toEqual(["hold", "write 10", "write 20", "write 100000", "let go"]);
  });

  it("lets go when the writing has to wait for room", async () => {
    const { seen, holdWrites } = recorder();
    await written(bodyOf([part(100_000, 1), part(20, 2), part(100_000, 3)], holdWrites), seen);
    expect(seen).toEqual(["hold", "write 100000", "let go", "write 20", "write 100000"]);
  });
});
