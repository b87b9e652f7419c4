import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highestIndex, tellsMore } from "./telling-members.ts";

const telling = /"(?:finish_reason|usage)"\s*:\s*[^\s,}n]|"(?:error|base_resp|x_groq)"\s*:/;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a chunk of Chat Completions tells more than content", () => {
  it.each([
    ['data: {"choices":[{"delta":{"content":"usage"},"finish_reason":null}],"usage":null}', false],
    ['data: {"choices":[{"delta":{"content":"say \\"usage\\": 1"}}]}', false],
    ['data: {"choices":[{"delta":{},"finish_reason":"stop"}]}', true],
    ['data: {"choices":[],"usage" : {"total_tokens":1}}', true],
    ['data: {"error":null}', true],
    ['data: {"x_groq":{}}', true],
    ['data: {"base_resp"\n:{}}', true],
    ['data: {"choices":[{"delta":{"content":"error"}}]}', false],
    ['"usage"', false],
    ['"usage":', false],
  ])("%s: %s", (text, expected) => {
    expect(tellsMore(bytes(text))).toBe(expected);
  });

  it("as the expression says, for any text of such pieces", () => {
    const piece = fc.constantFrom(
      '"',
      "usage",
      "finish_reason",
      "error",
      "base_resp",
      "x_groq",
      ":",
      " ",
      "\n",
      "null",
      "1",
      "{",
      "}",
      ",",
      "é",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        expect(tellsMore(bytes(text))).toBe(telling.test(text));
      }),
      { numRuns: 3_000 },
    );
  });
});

it.each([
  ['{"choices":[{"index":0}]}', 0],
  ['{"choices":[{"index":1},{"index" : 12}, {"index":3}]}', 12],
  ['{"choices":[{"delta":{"content":"\\"index\\":7","index":"9"}}]}', 0],
  ['{"index":-1,"indexes":5,"index":', 0],
  ['{"index":0,"delta":{"tool_calls":[{"index":7}]}}', 0],
  ['{"delta":{"tool_calls":[{"index":7},{"index":8}]},"index":3}', 8],
  ['{"delta":{"tool_calls":[{"id":"c","index":2}]}}', 2],
  ["", 0],
])("the highest index in %s is %i", (text, expected) => {
  expect(highestIndex(bytes(text))).toBe(expected);
});
