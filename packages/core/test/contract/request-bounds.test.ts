import { describe, expect, it } from "vitest";
import { StopAutomaton } from "../../src/conversation/answer/stop-automaton.ts";
import { StopSequenceCutter } from "../../src/conversation/answer/text-filters.ts";
import { contains } from "../../src/conversation/answer/said-parts.ts";
import { toChatRequest } from "../../src/dialects/chat/request.ts";
import { messagesToResponses } from "../../src/dialects/responses/request.ts";
import type { MessagesRequest } from "../../src/protocol/anthropic.ts";

const gemini = { toolSchema: "gemini", maxTools: null } as const;

function translated(
  more: object,
  translate: typeof toChatRequest | typeof messagesToResponses = toChatRequest,
): string {
  const request = { model: "m", max_tokens: 1, messages: [{ role: "user", content: "q" }], ...more };
  return JSON.stringify(translate(request as MessagesRequest, { model: "m", profile: gemini }).body);
}

function nested(depth: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe.each([
  ["chat", toChatRequest],
  ["responses", messagesToResponses],
] as const)("a %s request is bounded", (_name, translate) => {
  it.each([257, 130_000])("%i stop sequences are refused, and say how many are accepted", (count) => {
    const stop_sequences = Array.from({ length: count }, (_, index) => `s${index}`);
    expect(() => translated({ stop_sequences }, translate)).toThrow(/stop_sequences: at most 256 are accepted/);
  });

  it("a stop sequence of more than 1,024 characters is refused, and its place is told", () => {
    expect(() => translated({ stop_sequences: ["a", "b".repeat(1_025)] }, translate)).toThrow(
      /stop_sequences\.1: at most 1024/,
    );
    expect(() => translated({ stop_sequences: ["b".repeat(1_024)] }, translate)).not.toThrow();
  });

  it.each([100, 900, 990])("values nested %i levels deep are translated, or refused as the client's fault", (depth) => {
    const places = [
      { tools: [{ name: "f", input_schema: { type: "object", default: nested(depth) } }] },
      { tools: [{ name: "f", input_schema: { type: "object", items: nested(depth) } }] },
      {
        messages: [
          { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: { a: nested(depth) } }] },
        ],
      },
      { messages: [{ role: "user", content: nested(depth) }] },
      { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: nested(depth) }] }] },
      { system: nested(depth) },
      { metadata: { user_id: nested(depth) } },
    ];
    for (const place of places) {
      try {
        translated(place, translate);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_request", status: 400 });
      }
    }
  });

  it("references of a tool schema do not multiply what they refer to", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`p${index}`, { type: "string" }]),
    );
    const references = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`r${index}`, { $ref: "#/$defs/d" }]),
    );
    const schema = { type: "object", properties: references, $defs: { d: { type: "object", properties } } };
    const body = translated({ tools: [{ name: "f", input_schema: schema }] }, translate);
    expect(body.length).toBeLessThan(30 * JSON.stringify(schema).length);
  });

  it("references to a tool do not multiply its definition", () => {
    const tools = [{ name: "f", description: "d".repeat(100_000), input_schema: { type: "object" } }];
    const content = Array.from({ length: 1_000 }, () => ({ type: "tool_reference", tool_name: "f" }));
    const messages = [
      { role: "user", content: "q" },
      { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content }] },
    ];
    expect(translated({ tools, messages }, translate).length).toBeLessThan(1_600_000);
  });
});

describe("stop sequences", () => {
  it.each([
    ["ab", ["abc", "b"], "a", "b"],
    ["xabcdx", ["bcd", "abcd"], "x", "abcd"],
    ["aaab", ["aab"], "a", "aab"],
    ["abab", ["abc", "bab"], "a", "bab"],
    ["none", ["x"], "none", undefined],
  ])("in %s, of %j, leave %s", (text, sequences, left, matched) => {
    for (const length of [1, 2, text.length]) {
      let out = "";
      const cutter = new StopSequenceCutter(new StopAutomaton(sequences), (piece) => (out += piece));
      for (let start = 0; start < text.length; start += length) cutter.push(text.slice(start, start + length));
      cutter.flush();
      expect([out, cutter.matched]).toEqual([left, matched]);
    }
  });
});

it("a text is found in another one as String.includes finds it", () => {
  const part = `${"a".repeat(40)}b`;
  expect(contains(`${"a".repeat(1_000)}b`, part)).toBe(true);
  expect(contains("a".repeat(1_000), part)).toBe(false);
  expect(contains(`x${part}`, part)).toBe(true);
  expect(contains("", "")).toBe(true);
});
