import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequestFacts } from "./request-facts.ts";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { readPlaces } from "../../bytes/body-places.ts";
import { editList, applyEdits } from "../../bytes/edits.ts";
import { readElements } from "../../bytes/json-places.ts";
import { editBody, type NativeTarget } from "./body.ts";
import { neutralNativeProfile } from "../../vendors/messages-profile.ts";

type Json = Record<string, unknown>;

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const target = (change: Partial<NativeTarget> = {}): NativeTarget => ({
  model: "claude-opus-5-5",
  profile: neutralNativeProfile,
  maxTokens: undefined,
  isForeign: (proof) => proof.startsWith("foreign"),
  withoutThinking: false,
  mayLackThinking: false,
  dropsSampling: false,
  ...change,
});
const edited = (text: string, to: NativeTarget): string => {
  const body = encode(text);
  readRequestFacts(body);
  return decode(concatBytes(editBody(body, readPlaces(body), to)));
};

const space = fc.constantFrom("", "", " ", "\n  ", "\t\r\n");
// What parsing and writing again would not leave alone: number forms, escapes, solidus, duplicate keys, deep look-alikes.
const oddValue = fc.constantFrom(
  "1.0",
  "1e3",
  "-0",
  '"\\u0041\\/\\ud83d\\ude00"',
  '{"a":1,"a":2}',
  '{"type":"thinking","signature":"foreign"}',
  '["]","}","\\\\\\""]',
  '"中文 😀"',
  '""',
);
const textBlock = fc.tuple(space, oddValue).map(([gap, odd]) => `{${gap}"type":"text",${gap}"text":"t","x":${odd}}`);
const thinkingBlock = fc
  .tuple(space, fc.constantFrom("foreign", "foreign\\n1", "own", ""), oddValue, fc.boolean())
  .map(([gap, proof, odd, isRedacted]) =>
    isRedacted
      ? `{"type"${gap}:"redacted_thinking","data":"${proof}"${gap}}`
      : `{"thinking":"a \\"thought\\"",${gap}"y":${odd},"signature"${gap}:${gap}"${proof}","type":"thinking"}`,
  );
const callBlock = oddValue.map((odd) => `{"type":"tool_use","id":"toolu_1","name":"f","input":{"v":${odd}}}`);
const resultBlock = oddValue.map((odd) => `{"type":"tool_result","tool_use_id":"toolu_1","content":"r","z":${odd}}`);
const list = (parts: readonly string[], gap: string) => `[${gap}${parts.join(`${gap},${gap}`)}${gap}]`;
const assistant = fc
  .tuple(space, fc.array(fc.oneof(textBlock, thinkingBlock, callBlock), { minLength: 1, maxLength: 4 }), oddValue)
  .map(([gap, blocks, odd]) => `{"role":"assistant","q":${odd},${gap}"content":${list(blocks, gap)}}`);
const user = fc.oneof(
  fc
    .tuple(space, fc.array(fc.oneof(textBlock, resultBlock), { minLength: 1, maxLength: 3 }))
    .map(([gap, blocks]) => `{${gap}"content":${list(blocks, gap)},"role":"user"${gap}}`),
  fc.constant('{"role":"user","content":"a \\"text\\" \\u00e9"}'),
);
const conversation = fc.array(fc.oneof(user, assistant), { minLength: 1, maxLength: 7 });
const thinkingMember = fc.constantFrom(
  [],
  ['"thinking":{"type":"enabled","budget_tokens":1024.0}'],
  ['"thinking" : {"type":"adaptive"}'],
  ['"thinking":{"type":"disabled"}'],
);
const managementMember = fc.constantFrom(
  [],
  ['"context_management":{"edits":[{"type":"clear_thinking_20251015"}]}'],
  ['"context_management":{"edits":[ {"type":"clear_tool_uses_20250919"} , {"type":"clear_thinking_20251015"} ]}'],
);
const body = fc
  .tuple(conversation, thinkingMember, managementMember, space, oddValue)
  .map(([messages, thinking, management, gap, odd]) => {
    const members = [`"odd":${odd}`, ...thinking, `"messages":${list(messages, gap)}`, '"model":"m"', ...management];
    return { text: `{${gap}${members.join(`,${gap}`)}${gap}}`, messages };
  });

const isThinking = (block: Json) => block["type"] === "thinking" || block["type"] === "redacted_thinking";
const proofOf = (block: Json) => (block["type"] === "thinking" ? block["signature"] : block["data"]) as string;

/** The same on parsed JSON: what the bytes have to mean in the end. */
function reference(text: string): Json {
  const request = JSON.parse(text) as Json & {
    messages: Json[];
    thinking?: Json;
    context_management?: { edits: Json[] };
  };
  request["model"] = "claude-opus-5-5";
  const touched = new Set<Json>();
  const strip = (message: Json, isDropped: (block: Json) => boolean) => {
    const content = message["content"];
    if (message["role"] !== "assistant" || !Array.isArray(content)) return;
    const kept = (content as Json[]).filter((block) => !isDropped(block));
    if (kept.length < content.length) touched.add(message);
    message["content"] = kept;
  };
  const isGone = (message: Json) => touched.has(message) && (message["content"] as Json[]).length === 0;
  for (const message of request.messages)
    strip(message, (block) => isThinking(block) && proofOf(block).startsWith("foreign"));
  const start = request.messages.findLastIndex(
    ({ role, content }) =>
      role === "user" && !(Array.isArray(content) && (content as Json[]).some(({ type }) => type === "tool_result")),
  );
  const turn = request.messages
    .slice(start + 1)
    .filter((message) => message["role"] === "assistant" && !isGone(message));
  const blocksOf = (message: Json) => message["content"] as Json[];
  const isLost =
    request.thinking?.["type"] === "enabled" &&
    turn.some((message) => blocksOf(message).some(({ type }) => type === "tool_use")) &&
    turn.some((message) => touched.has(message)) &&
    !blocksOf(turn[0] as Json).some(isThinking);
  if (isLost) {
    for (const message of turn) strip(message, isThinking);
    request.thinking = { type: "disabled" };
    const edits = request.context_management?.edits.filter(({ type }) => !String(type).startsWith("clear_thinking"));
    if (edits?.length === 0) delete request.context_management;
    else if (edits) request.context_management = { edits };
  }
  request.messages = request.messages.filter((message) => !isGone(message));
  return request;
}

describe("editBody", () => {
  it("means what the same changes to the parsed request mean", () => {
    fc.assert(
      fc.property(body, ({ text }) => {
        expect(JSON.parse(edited(text, target()))).toEqual(reference(text));
      }),
      { numRuns: 500 },
    );
  });

  it("leaves every message that holds nothing foreign as it was written, and of the others what stays", () => {
    fc.assert(
      fc.property(body, ({ text, messages }) => {
        const result = edited(text, target());
        const isOff =
          result.includes('"thinking":{"type":"disabled"}') || /"thinking" : \{"type":"disabled"/.test(result);
        let from = 0;
        for (const message of messages) {
          const parsed = JSON.parse(message) as Json;
          const isTouched =
            parsed["role"] === "assistant" &&
            (parsed["content"] as Json[]).some(
              (block) => isThinking(block) && (isOff || proofOf(block).startsWith("foreign")),
            );
          if (isTouched) continue;
          const at = result.indexOf(message, from);
          expect(at).toBeGreaterThanOrEqual(0);
          from = at + message.length;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("changes nothing but the model where nothing is foreign", () => {
    fc.assert(
      fc.property(body, ({ text }) => {
        const result = edited(text, target({ isForeign: () => false }));
        expect(result).toBe(text.replace('"model":"m"', '"model":"claude-opus-5-5"'));
      }),
    );
  });

  it("only ever cuts out and puts in: what is left of the body stands in its order", () => {
    fc.assert(
      fc.property(body, ({ text }) => {
        const bytes = encode(text);
        const parts = editBody(bytes, readPlaces(bytes), target());
        let from = 0;
        for (const part of parts) {
          if (part.buffer !== bytes.buffer) continue;
          expect(part.byteOffset).toBeGreaterThanOrEqual(from);
          from = part.byteOffset + part.length;
        }
      }),
    );
  });

  it("strips all thinking after a refusal", () => {
    fc.assert(
      fc.property(body, ({ text }) => {
        const result = JSON.parse(edited(text, target({ withoutThinking: true }))) as { messages: Json[] };
        for (const { role, content } of result.messages) {
          if (role === "assistant") expect((content as Json[]).filter(isThinking)).toEqual([]);
        }
      }),
    );
  });
});

describe("editList", () => {
  it("keeps, drops and inserts as the same changes to a parsed list do", () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.option(fc.nat(9), { nil: undefined })), { maxLength: 6 });
    fc.assert(
      fc.property(changes, fc.option(fc.nat(9), { nil: undefined }), space, (elements, last, gap) => {
        const text = list(
          elements.map((_, index) => `"e${index}"`),
          gap,
        );
        const inserts = new Map<number, string>();
        for (const [index, [, insert]] of elements.entries()) if (insert !== undefined) inserts.set(index, `${insert}`);
        if (last !== undefined) inserts.set(elements.length, `${last}`);
        const bytes = encode(text);
        const edits = editList({
          open: 1,
          elements: readElements(bytes, 0).elements,
          isKept: (index) => elements[index]?.[0] ?? false,
          inserts,
        });
        const expected = [
          ...elements.flatMap(([isKept, insert], index) => [
            ...(insert === undefined ? [] : [insert]),
            ...(isKept ? [`e${index}`] : []),
          ]),
          ...(last === undefined ? [] : [last]),
        ];
        expect(JSON.parse(decode(concatBytes(applyEdits(bytes, edits))))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
