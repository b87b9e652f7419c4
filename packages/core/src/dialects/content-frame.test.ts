import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ContentFrame, frameOf } from "./content-frame.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const event = (content: string, rest = '"finish_reason":null', padding = "ab"): string =>
  `data: {"id":"c","choices":[{"delta":{"content":${JSON.stringify(content)}},${rest}}],"p":"${padding}"}\n\n`;

/** Whether an event that stands between others has the frame, to its end. */
function has(frame: ContentFrame | undefined, text: string): boolean {
  const chunk = bytes(`before${text}behind`);
  const view = new DataView(chunk.buffer);
  return frame?.endOf(chunk, view, 6) === chunk.length - 6;
}

const frame = frameOf(bytes(event("one")), bytes(event("two")));
const padded = frameOf(bytes(event("one", undefined, "abc")), bytes(event("four", undefined, "x")));

describe("a frame of two events", () => {
  it.each(["", "three", 'say "usage": 1', "\\", "\\\\", "世界", "a\nb", "x".repeat(5_000)])(
    "is that of an event with the text %j",
    (text) => {
      expect(has(frame, event(text))).toBe(true);
      expect(has(padded, event(text, undefined, "more"))).toBe(true);
    },
  );

  it.each([
    ["another end", event("", '"finish_reason":"stop"')],
    ["one more member", event("six", '"finish_reason":null,"usage":{"total_tokens":1}')],
    ["a text that ends early", event("six").replace('"six"', '"six","error":"}')],
    ["a line break in the text", event("six").replace("six", "s\nx")],
    ["an escaped line break in the text", event("six").replace("six", "s\\\nx")],
    ["another head of the same length", event("six").replace('"id":"c"', '"error":')],
    ["another padding where none was", event("six", undefined, "cd")],
    ["no end", event("six").slice(0, -1)],
    ["half a text", event("six").slice(0, 45)],
    ["nothing", ""],
  ])("is not that of an event with %s", (_name, text) => {
    expect(has(frame, text)).toBe(false);
  });

  it("follows each of several events, and stops where they stop", () => {
    const chunk = bytes(event("a") + event('b"') + event("c", '"finish_reason":"stop"'));
    const view = new DataView(chunk.buffer);
    const first = frame?.endOf(chunk, view, 0) ?? -1;
    const second = frame?.endOf(chunk, view, first) ?? -1;
    expect(new TextDecoder().decode(chunk.subarray(first, second))).toBe(event('b"'));
    expect(frame?.endOf(chunk, view, second)).toBe(-1);
  });

  it.each([
    ["their numbers", 'data: {"a":1,"b":"x"}\n\n', 'data: {"a":2,"b":"y"}\n\n'],
    ["the names of members", 'data: {"a":"x"}\n\n', 'data: {"b":"x"}\n\n'],
    ["elements of an array", 'data: {"a":["x","y"]}\n\n', 'data: {"a":["x","z"]}\n\n'],
    ["nothing", 'data: {"a":"x"}\n\n', 'data: {"a":"x"}\n\n'],
    ["their lengths", 'data: {"a":"x"}\n\n', 'data: {"a":"y"}\n\n\n\n'],
    ["what is no data", ': {"a":"x"}\n\n', ': {"a":"y"}\n\n'],
    ["two lines", 'data: {"a":"x",\ndata: "b":1}\n\n', 'data: {"a":"y",\ndata: "b":1}\n\n'],
    ["line ends of two bytes", 'data: {"a":"x"}\r\n\r\n', 'data: {"a":"y"}\r\n\r\n'],
  ])("is not there where they differ in %s", (_name, one, other) => {
    expect(frameOf(bytes(one), bytes(other))).toBeUndefined();
  });

  it("is that of whole events alone, which have the same members and values but for strings", () => {
    const piece = fc.constantFrom('"', "\\", ":", ",", "}", "\n", "x", '"finish_reason":"stop"', '"usage":{', " ", "é");
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const sameButStrings = (one: string): string =>
      JSON.stringify(JSON.parse(one.slice(6)), (_k, v: unknown) => (typeof v === "string" ? "" : v));
    fc.assert(
      fc.property(text, (middle) => {
        const given = event("").replace('""', `"${middle}"`);
        if (has(frame, given) && isJson(given)) expect(sameButStrings(given)).toBe(sameButStrings(event("one")));
        // Whatever text the model says has the frame.
        expect(has(frame, event(middle))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

function isJson(given: string): boolean {
  try {
    JSON.parse(given.slice(6));
    return true;
  } catch {
    return false;
  }
}
