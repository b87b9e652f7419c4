import { toChatRequest, messagesToResponses } from "@ccpb/core/translate";
import type { MessagesRequest } from "../../../core/src/protocol/anthropic.ts";
import { many, type LinearCase } from "./linear-case.ts";

type Json = Readonly<Record<string, unknown>>;

const text = (index: number): Json => ({ type: "text", text: `t${index}` });
const call = (index: number): Json => ({ type: "tool_use", id: `toolu_${index}`, name: "f", input: { index } });
const result = (index: number): Json => ({ type: "tool_result", tool_use_id: `toolu_${index}`, content: "r" });
const image: Json = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
const user = (content: unknown): Json => ({ role: "user", content });
const assistant = (content: unknown): Json => ({ role: "assistant", content });

/** Bodies by what there is much of. */
const bodies: Readonly<Record<string, readonly [size: number, make: (size: number) => Json]>> = {
  "parallel calls": [
    8_000,
    (size) => ({ messages: [user("q"), assistant(many(size, call)), user(many(size, result))] }),
  ],
  "calls in turn": [
    8_000,
    (size) => ({ messages: many(size, (index) => [assistant([call(index)]), user([result(index)])]).flat() }),
  ],
  "calls without results": [
    16_000,
    (size) => ({ messages: [user("q"), ...many(size, (index) => assistant([call(index)]))] }),
  ],
  "calls of one id": [
    8_000,
    (size) => ({ messages: [user("q"), assistant(many(size, () => call(1))), user(many(size, () => result(1)))] }),
  ],
  "results without calls": [16_000, (size) => ({ messages: [user(many(size, result))] })],
  "results with images without calls": [
    8_000,
    (size) => ({ messages: [user(many(size, (index) => ({ ...result(index), content: [image] })))] }),
  ],
  "assistant turns": [
    32_000,
    (size) => ({ messages: [user("q"), ...many(size, (index) => assistant([text(index)]))] }),
  ],
  "texts between thoughts": [
    8_000,
    (size) => ({
      messages: [
        user("q"),
        assistant(
          many(size, (index) => [text(index), { type: "thinking", thinking: "x", signature: "ccpb1.x" }]).flat(),
        ),
      ],
    }),
  ],
  "user turns of parts": [16_000, (size) => ({ messages: many(size, () => user([text(1), image])) })],
  "system turns": [
    32_000,
    (size) => ({ messages: [user("q"), ...many(size, (index) => ({ role: "system", content: `s${index}` }))] }),
  ],
  "system blocks": [32_000, (size) => ({ system: many(size, text), messages: [user("q")] })],
  "references to one large tool": [
    4_000,
    (size) => ({
      tools: [{ name: "f", description: "d".repeat(size * 10), input_schema: { type: "object" } }],
      messages: [
        user("q"),
        assistant([call(1)]),
        user([{ ...result(1), content: many(size, () => ({ type: "tool_reference", tool_name: "f" })) }]),
      ],
    }),
  ],
  tools: [
    4_000,
    (size) => ({ tools: many(size, (index) => ({ name: `f${index}`, input_schema: {} })), messages: [user("q")] }),
  ],
  "names that have to be shortened": [
    8_000,
    (size) => ({ messages: [user("q"), assistant(many(size, (index) => ({ ...call(index), name: `名${index}` })))] }),
  ],
  "required properties": [
    16_000,
    (size) => {
      const names = many(size, (index) => `p${index}`);
      const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
      const schema = { type: "object", properties, required: names.toReversed(), additionalProperties: false };
      return { tools: [{ name: "f", strict: true, input_schema: schema }], messages: [user("q")] };
    },
  ],
  "parts of an allOf": [
    4_000,
    (size) => {
      const allOf = many(size, (index) => ({ properties: { [`p${index}`]: {} }, required: [`p${index}`] }));
      return { tools: [{ name: "f", input_schema: { type: "object", allOf } }], messages: [user("q")] };
    },
  ],
  "references to one large definition": [
    8_000,
    (size) => {
      const large = { type: "object", properties: Object.fromEntries(many(size, (index) => [`p${index}`, {}])) };
      const properties = Object.fromEntries(many(400, (index) => [`r${index}`, { $ref: "#/$defs/large" }]));
      const schema = { type: "object", properties, $defs: { large } };
      return { tools: [{ name: "f", input_schema: schema }], messages: [user("q")] };
    },
  ],
  "definitions that refer to the next": [
    2_000,
    (size) => {
      const nested = (index: number): Json =>
        many(20, (depth) => depth).reduce<Json>((inner) => ({ type: "array", items: inner }), {
          $ref: `#/$defs/d${index}`,
        });
      const $defs = Object.fromEntries(many(size, (index) => [`d${index}`, nested(index + 1)]));
      const schema = { type: "object", properties: { a: { $ref: "#/$defs/d0" } }, $defs };
      return { tools: [{ name: "f", input_schema: schema }], messages: [user("q")] };
    },
  ],
  "unknown members": [
    8_000,
    (size) => ({ ...Object.fromEntries(many(size, (index) => [`m${index}`, 1])), messages: [user("q")] }),
  ],
  "a user id that looks like an old one": [
    64_000,
    (size) => ({ metadata: { user_id: "_session_a!".repeat(size) }, messages: [user("q")] }),
  ],
  "nested content": [
    4_000,
    (size) => ({
      messages: [
        user(many(size, () => ({ type: "document", source: { type: "content", content: [text(1), image] } }))),
      ],
    }),
  ],
};

const profiles: Readonly<Record<string, Json>> = {
  openai: {},
  strictest: {
    alternate: true,
    bridgeAfterTools: true,
    midSystem: "user",
    toolSchema: "gemini",
    toolIdFormat: "mistral",
    maxTools: null,
  },
};

/** Requests of the Messages API, translated for both dialects under two profiles. */
export const requestCases: readonly LinearCase[] = Object.entries(bodies).flatMap(([name, [size, make]]) =>
  Object.entries(profiles).flatMap(([profileName, profile]) => [
    { name: `chat request, ${profileName}: ${name}`, size, prepare: prepareWith(make, profile, toChatRequest) },
    {
      name: `responses request, ${profileName}: ${name}`,
      size,
      prepare: prepareWith(make, profile, messagesToResponses),
    },
  ]),
);

function prepareWith(
  make: (size: number) => Json,
  profile: Json,
  translate: typeof toChatRequest | typeof messagesToResponses,
): LinearCase["prepare"] {
  return (size) => {
    const request = { model: "m", max_tokens: 100, ...make(size) } as unknown as MessagesRequest;
    return () => JSON.stringify(translate(request, { model: "m", profile }).body);
  };
}
