import fc from "fast-check";
import { makeSignature } from "../../src/conversation/ids/signature.ts";
import { encodeToolId } from "../../src/conversation/ids/tool-ids.ts";

const word = fc.constantFrom("a", "", " ", "x y", "Error: z", "你好", "</system-reminder>", "\u0000");
const id = fc.oneof(
  fc.constantFrom("c1", "c2", "c3", "toolu_01D7FLrfh4GYq7yT1ULFeyMV"),
  fc.string({ maxLength: 90 }),
  fc.string({ maxLength: 30 }).map((text) => encodeToolId(text)),
);
const name = fc.oneof(fc.constantFrom("f", "g", "mcp__a__b"), fc.string({ minLength: 1, maxLength: 120 }));
const mark = fc.option(fc.constant({ type: "ephemeral" }), { nil: undefined });

const text = fc.record({ type: fc.constant("text"), text: word, cache_control: mark });
const image = fc.record({
  type: fc.constant("image"),
  source: fc.constantFrom(
    { type: "base64", media_type: "image/png", data: "AAAA" },
    { type: "url", url: "https://x/y.png" },
    { type: "file", file_id: "file_1" },
    null,
  ),
});
const document = fc.record({
  type: fc.constant("document"),
  title: word,
  source: fc.constantFrom(
    { type: "text", media_type: "text/plain", data: "BODY" },
    { type: "base64", media_type: "application/pdf", data: "AAAA" },
    { type: "content", content: [{ type: "text", text: "t" }] },
    { type: "url", url: "https://x/y.pdf" },
  ),
});
const unknownBlock = fc.record({
  type: fc.constantFrom("hologram", "browser_state"),
  data: fc.jsonValue({ maxDepth: 2 }),
});
const thinking = fc.record({
  type: fc.constant("thinking"),
  thinking: word,
  signature: fc.constantFrom(
    "",
    "ccpb1.x",
    "Sig",
    makeSignature({
      provider: "p",
      origin: { kind: "rs", id: "rs_1", encryptedContent: "gAAAA", phase: "commentary" },
    }),
    makeSignature({ provider: "p", origin: { kind: "rc" } }),
  ),
});
const serverBlock = fc.constantFrom(
  { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "x" } },
  {
    type: "web_search_tool_result",
    tool_use_id: "s1",
    content: [{ type: "web_search_result", title: "T", url: "https://x" }],
  },
  { type: "web_fetch_tool_result", tool_use_id: "s1", content: { type: "web_fetch_result", url: "u", content: null } },
  { type: "code_execution_tool_result", content: { stdout: "1", stderr: "", return_code: 1 } },
  { type: "compaction", content: "SUMMARY" },
  { type: "fallback", from: {}, to: {} },
);
const toolUse = fc.record({
  type: fc.constant("tool_use"),
  id,
  name,
  input: fc.jsonValue({ maxDepth: 2 }),
  cache_control: mark,
});
const toolResult = fc.record({
  type: fc.constant("tool_result"),
  tool_use_id: id,
  is_error: fc.boolean(),
  content: fc.oneof(
    word,
    fc.constant(undefined),
    fc.array(
      fc.oneof(
        text,
        image,
        document,
        unknownBlock,
        fc.record({ type: fc.constant("tool_reference"), tool_name: name }),
      ),
    ),
  ),
  cache_control: mark,
});

const message = fc.oneof(
  fc.record({
    role: fc.constant("user"),
    content: fc.oneof(word, fc.array(fc.oneof(text, toolResult, image, document, unknownBlock, serverBlock))),
  }),
  fc.record({
    role: fc.constant("assistant"),
    content: fc.oneof(word, fc.array(fc.oneof(text, toolUse, thinking, serverBlock, unknownBlock))),
  }),
  fc.record({ role: fc.constant("system"), content: fc.oneof(word, fc.array(text), fc.constant(undefined)) }),
);
const tool = fc.record({
  name,
  description: word,
  input_schema: fc.constantFrom(
    { type: "object", properties: { a: { type: "string" } } },
    { $schema: "x", type: "object" },
    {
      type: ["object", "null"],
      properties: { b: { $ref: "#/$defs/b" } },
      $defs: { b: { type: "array", items: { $ref: "#/$defs/b" } } },
    },
    null,
  ),
  defer_loading: fc.boolean(),
  strict: fc.boolean(),
});
/** Requests as they may come, with the oddities of old histories: orphans, doubles, unknown blocks, foreign thinking. */
export const arbitraryRequest: fc.Arbitrary<object> = fc.record(
  {
    model: fc.constant("claude-x"),
    max_tokens: fc.constantFrom(1, 4096, 128_000),
    messages: fc.array(message, { minLength: 1, maxLength: 12 }),
    system: fc.oneof(word, fc.array(text)),
    tools: fc.array(tool, { maxLength: 5 }),
    tool_choice: fc.constantFrom({ type: "any" }, { type: "tool", name: "f" }, { type: "none" }, { type: "?" }),
    thinking: fc.constantFrom({ type: "enabled", budget_tokens: 2000 }, { type: "adaptive" }, { type: "disabled" }),
    output_config: fc.constantFrom({ effort: "max" }, { format: { type: "json_schema", schema: { type: "object" } } }),
    stop_sequences: fc.array(word, { maxLength: 6 }),
    stream: fc.boolean(),
  },
  { requiredKeys: ["model", "messages"] },
);

const hostile = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(
    { type: "text" },
    { type: "tool_use" },
    { type: "tool_result" },
    { type: "image" },
    { type: "document", source: 1 },
  ),
  fc.constant(JSON.parse('{"__proto__": {"type": "text"}, "type": 1}') as unknown),
);
const hostileMessage = fc.oneof(
  hostile,
  fc.record({
    role: fc.oneof(fc.constantFrom("user", "assistant", "system"), hostile),
    content: fc.oneof(hostile, fc.array(hostile)),
  }),
);
const hostileBody = fc.record(
  {
    model: hostile,
    messages: fc.oneof(hostile, fc.array(hostileMessage)),
    system: fc.oneof(hostile, fc.array(hostile)),
    tools: fc.oneof(hostile, fc.array(fc.oneof(hostile, fc.record({ name: fc.string(), input_schema: hostile })))),
    tool_choice: hostile,
    max_tokens: hostile,
    stop_sequences: hostile,
    thinking: hostile,
    output_config: fc.oneof(
      hostile,
      fc.record({
        effort: hostile,
        format: fc.oneof(hostile, fc.record({ type: fc.constant("json_schema"), schema: hostile })),
      }),
    ),
    metadata: fc.oneof(hostile, fc.record({ user_id: fc.oneof(hostile, fc.constant('{"session_id":1}')) })),
    stream: hostile,
  },
  { requiredKeys: [] },
);

/** Any JSON at all, and requests whose every member may be anything. */
export const hostileRequest: fc.Arbitrary<unknown> = fc.oneof(hostile, hostileBody);

/** Freezes a value and all that is in it, so that whoever changes it throws. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null)
    for (const member of Object.values(Object.freeze(value))) deepFreeze(member);
  return value;
}
