import { describe, expect, it } from "vitest";
import { SseDecoder, type SseItem } from "./decode.ts";

function decode(input: string | Uint8Array, readSize: number, maxBufferSize?: number) {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const decoder = new SseDecoder(maxBufferSize === undefined ? {} : { maxBufferSize });
  const items: SseItem[] = [];
  for (let start = 0; start < bytes.length; start += readSize) {
    items.push(...decoder.push(bytes.subarray(start, start + readSize)));
  }
  items.push(...decoder.end());
  return { items, failure: decoder.failure };
}

const event = (data: string, more: object = {}) => ({ type: "event", event: undefined, id: undefined, data, ...more });

describe.each([1, 7, 16_384])("an event stream read %i bytes at a time", (readSize) => {
  it.each([
    ["LF", "data: a\n\ndata: b\n\n"],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n"],
    ["CR", "data: a\r\rdata: b\r\r"],
    ["a BOM", "\uFEFFdata: a\n\ndata: b\n\n"],
    ["no space after the colon", "data:a\n\ndata:b\n\n"],
    ["a last event without its blank line", "data: a\n\ndata: b\n"],
    ["a last event without its line end", "data: a\n\ndata: b"],
    ["more blank lines", "\n\ndata: a\n\n\n\ndata: b\n\n\n"],
    ["retry fields", "retry: 10\nretry: soon\ndata: a\n\ndata: b\n\n"],
  ])("with %s gives its events", (_title, text) => {
    expect(decode(text, readSize).items).toEqual([event("a"), event("b")]);
  });

  it("joins data lines and keeps name and id", () => {
    expect(decode("event: message\nid: 1\ndata: a\ndata: b\n\n", readSize).items).toEqual([
      event("a\nb", { event: "message", id: "1" }),
    ]);
  });

  it("reports comments and junk in their place", () => {
    expect(decode(": hello\n\ndata: a\n\n<html>\n\n:\n\n", readSize).items).toEqual([
      { type: "comment", comment: "hello" },
      event("a"),
      { type: "junk", line: "<html>" },
      { type: "comment", comment: "" },
    ]);
  });

  it("keeps characters of several bytes whole", () => {
    expect(decode("data: 你好 👩‍👩‍👧 é\n\n", readSize).items).toEqual([event("你好 👩‍👩‍👧 é")]);
  });
});

describe("a decoder", () => {
  it("fails on an unfinished event that is larger than allowed, after giving out the ones before", () => {
    const { items, failure } = decode(`data: a\n\ndata: ${"x".repeat(500)}\n\n`, 7, 100);
    expect(items).toEqual([event("a")]);
    expect(failure?.type).toBe("too-large");
  });

  it.each([
    ["in its data", [0x64, 0xff, 0x65], "d\uFFFDe"],
    ["at the end of its data", [0x64, 0xe4, 0xbd], "d\uFFFD"],
    [
      "behind a character of four bytes whose half looks like a mark",
      [0xf0, 0x90, 0xb2, 0x80, 0x80],
      "\u{10C80}\uFFFD",
    ],
    ["at the beginning of a surrogate", [0xed, 0xa0, 0x80], "\uFFFD\uFFFD\uFFFD"],
  ])("takes from bytes that are no UTF-8 %s no other event than theirs, in any split", (_title, bad, data) => {
    const bytes = (text: string) => [...new TextEncoder().encode(text)];
    const around = [bytes("data: 你好\n\n: c\n\ndata: "), bad, bytes("\n\ndata: \u{10C80}\n\n")];
    for (const newline of ["\n", "\r\n", "\r"]) {
      const stream = around.flat().flatMap((byte) => (byte === 0x0a ? bytes(newline) : [byte]));
      for (const size of [1, 2, 3, 5, 7, 11, 16_384]) {
        const { items, failure } = decode(new Uint8Array(stream), size);
        expect(failure).toBeUndefined();
        expect(items.map((item) => [item.type, item.type === "damaged" ? item.data.normalize() : undefined])).toEqual([
          ["event", undefined],
          ["comment", undefined],
          ["damaged", data],
          ["event", undefined],
        ]);
        expect(items.at(-1)).toEqual(event("\u{10C80}"));
      }
    }
  });

  it("reports a last event that is cut inside a character as damaged", () => {
    const cut = new TextEncoder().encode("data: a\n\ndata: 你").slice(0, -1);
    for (const size of [1, 3, 16]) {
      expect(decode(cut, size).items).toEqual([event("a"), { type: "damaged", event: undefined, data: "\uFFFD" }]);
    }
  });

  it("reports a line that is no field as damaged where it is no UTF-8", () => {
    const line = new Uint8Array([...new TextEncoder().encode("data: a\n\nda"), 0xff, 0x0a, 0x0a]);
    expect(decode(line, 16).items).toEqual([event("a"), { type: "damaged", event: undefined, data: "" }]);
  });

  it("gives out nothing after its end or a failure", () => {
    const ended = new SseDecoder();
    ended.end();
    expect(ended.push(new TextEncoder().encode("data: a\n\n"))).toEqual([]);
    const failed = new SseDecoder({ maxBufferSize: 5 });
    failed.push(new TextEncoder().encode("data: aaaaaaaaa"));
    expect(failed.failure).toEqual({ type: "too-large", detail: expect.stringContaining("5") });
    expect(failed.push(new TextEncoder().encode("\n\ndata: b\n\n"))).toEqual([]);
    expect(failed.end()).toEqual([]);
  });
});
