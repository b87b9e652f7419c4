import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { forwardLines } from "./whole-lines.ts";

function sink(): Writable & { readonly texts: string[] } {
  const texts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      texts.push(chunk.toString());
      callback();
    },
  });
  return Object.assign(stream, { texts });
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("forwardLines", () => {
  it("writes whole lines of several sources, however they are cut", async () => {
    const to = sink();
    const [one, other] = [new PassThrough(), new PassThrough()];
    forwardLines(one, to);
    forwardLines(other, to);
    one.write("a1\na");
    other.write("b1 ");
    one.write("2\na3");
    other.write("…\n");
    await settled();
    one.end();
    await settled();
    expect(to.texts.every((text) => text.endsWith("\n"))).toBe(true);
    expect(to.texts.join("").split("\n").toSorted()).toEqual(["", "a1", "a2", "a3", "b1 …"]);
  });
});
