import { SseDecoder } from "@ccpb/core/sse";
import { estimateTokens } from "@ccpb/core/tokens";
import { matcherOf } from "../../../core/src/policy/error-rules.ts";
import { NativeStreamReader } from "../../../core/src/dialects/messages/stream.ts";
import { readNativeWhole } from "../../../core/src/dialects/messages/whole.ts";
import { MessageAssembler } from "../../../core/src/conversation/answer/message-assembler.ts";
import { toGeminiSchema } from "../../../core/src/conversation/request/gemini-schema.ts";
import { cleanParameters } from "../../../core/src/conversation/request/tool-schema.ts";
import { editBody } from "../../../core/src/dialects/messages/body.ts";
import { neutralNativeProfile } from "../../../core/src/vendors/messages-profile.ts";
import { readPlaces } from "../../../core/src/bytes/body-places.ts";
import { readRequestFacts } from "../../../core/src/dialects/messages/request-facts.ts";
import { many, type LinearCase } from "./linear-case.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const event = (value: { readonly type: string }): string => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const start = event({
  type: "message_start",
  message: { id: "m", type: "message", role: "assistant", model: "m", content: [], usage: {} },
} as never);
const block = (index: number): string =>
  event({ type: "content_block_start", index, content_block: { type: "text", text: "" } } as never) +
  event({ type: "content_block_delta", index, delta: { type: "text_delta", text: "x" } } as never) +
  event({ type: "content_block_stop", index } as never);
const stop =
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } } as never) +
  event({ type: "message_stop" });

/** Splits bytes into pieces of that length. */
function pieces(whole: Uint8Array, length: number): readonly Uint8Array[] {
  return many(Math.ceil(whole.length / length), (index) => whole.subarray(index * length, (index + 1) * length));
}

function bodyOf(messages: readonly unknown[], more: object = {}): Uint8Array {
  return bytes(JSON.stringify({ model: "m", max_tokens: 1, messages, ...more }));
}

function editing(make: (size: number) => Uint8Array): LinearCase["prepare"] {
  return (size) => {
    const body = make(size);
    const profile = {
      ...neutralNativeProfile,
      midSystem: "user" as const,
      cacheMarks: 4,
      bodyMembers: ["messages", "model"],
    };
    return () => {
      readRequestFacts(body);
      return editBody(body, readPlaces(body), {
        model: "other",
        profile,
        maxTokens: 5,
        isForeign: () => true,
        withoutThinking: true,
        mayLackThinking: true,
        dropsSampling: true,
      });
    };
  };
}

/** Everything beside the translators that reads a client's or a provider's bytes or texts. */
export const readerCases: readonly LinearCase[] = [
  {
    name: "native stream: events byte by byte",
    size: 1_000,
    prepare: (size) => {
      const chunks = pieces(bytes(start + many(size, block).join("") + stop), 1);
      return () => {
        const reader = new NativeStreamReader({ answerModel: "a", onSignature: () => undefined });
        for (const chunk of chunks) reader.push(chunk);
        reader.end();
      };
    },
  },
  {
    name: "native stream: one long event in pieces",
    size: 200_000,
    prepare: (size) => {
      const long = event({
        type: "content_block_delta",
        index: 0,
        delta: { type: "text_delta", text: "x".repeat(size) },
      } as never);
      const chunks = pieces(bytes(start + block(0) + long + stop), 1);
      return () => {
        const reader = new NativeStreamReader();
        for (const chunk of chunks) reader.push(chunk);
        reader.end();
      };
    },
  },
  {
    name: "native whole answer from events",
    size: 8_000,
    prepare: (size) => {
      const body = bytes(start + many(size, block).join("") + stop);
      return () => readNativeWhole(body, { answerModel: "a", framing: "json" });
    },
  },
  {
    name: "native whole answer as events",
    size: 16_000,
    prepare: (size) => {
      const content = many(size, () => ({ type: "text", text: "x" }));
      const body = bytes(
        JSON.stringify({
          id: "m",
          type: "message",
          role: "assistant",
          model: "m",
          content,
          stop_reason: "end_turn",
          usage: {},
        }),
      );
      return () => readNativeWhole(body, { answerModel: "a", framing: "events" });
    },
  },
  {
    name: "message assembler: citations",
    size: 32_000,
    prepare: (size) => () => {
      const assembler = new MessageAssembler();
      assembler.push({ type: "message_start", message: { content: [] } } as never);
      assembler.push({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never);
      for (let index = 0; index < size; index += 1) {
        assembler.push({
          type: "content_block_delta",
          index: 0,
          delta: { type: "citations_delta", citation: { index } },
        } as never);
        assembler.push({
          type: "content_block_delta",
          index: 0,
          delta: { type: "later_delta", list: [index] },
        } as never);
        assembler.push({ type: "message_delta", delta: {}, usage: { [`k${index}`]: 1 } } as never);
      }
      return assembler.message();
    },
  },
  {
    name: "event stream in pieces",
    size: 200_000,
    prepare: (size) => {
      const chunks = pieces(bytes(`data: ${"x".repeat(size)}\n\n`), 1);
      return () => {
        const decoder = new SseDecoder();
        for (const chunk of chunks) decoder.push(chunk);
        return decoder.end();
      };
    },
  },
  {
    name: "event stream: lines of one event",
    size: 64_000,
    prepare: (size) => {
      const whole = bytes(`${"data: x\n".repeat(size)}\n`);
      return () => new SseDecoder().push(whole);
    },
  },
  {
    name: "native body: system turns",
    size: 16_000,
    prepare: editing((size) =>
      bodyOf([
        { role: "user", content: "q" },
        ...many(size, () => ({ role: "system", content: "s" })),
        { role: "user", content: "q" },
      ]),
    ),
  },
  {
    name: "native body: messages with thinking",
    size: 8_000,
    prepare: editing((size) =>
      bodyOf(
        many(size, (index) => [
          { role: "user", content: [{ type: "text", text: "q", cache_control: { type: "ephemeral" } }] },
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "t", signature: `s${index}` },
              { type: "text", text: "a" },
            ],
          },
        ]).flat(),
      ),
    ),
  },
  {
    // A body has at most 1,000 members: what grows are the ones of its metadata.
    name: "native body: unknown members",
    size: 16_000,
    prepare: editing((size) =>
      bodyOf([{ role: "user", content: "q" }], {
        metadata: Object.fromEntries(many(size, (index) => [`m${index}`, index])),
      }),
    ),
  },
  {
    name: "token estimate: texts, tools and images",
    size: 8_000,
    prepare: (size) => {
      const image = { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "/9j/".repeat(100) } };
      const request = {
        model: "m",
        tools: many(size, () => ({ name: "f", input_schema: { type: "object" } })),
        messages: many(size, () => ({ role: "user", content: [{ type: "text", text: "hello" }, image] })),
      };
      return () => estimateTokens(request);
    },
  },
  {
    name: "token estimate: the pages of a PDF",
    size: 4_000,
    prepare: (size) => {
      const data = btoa("/Count /Type /Page ".repeat(size * 8) + " ".repeat(size));
      const document = { type: "document", source: { type: "base64", media_type: "application/pdf", data } };
      return () => estimateTokens({ model: "m", messages: [{ role: "user", content: [document] }] });
    },
  },
  {
    name: "schema converter",
    size: 16_000,
    prepare: (size) => {
      const properties = Object.fromEntries(
        many(size, (index) => [`p${index}`, { anyOf: [{ type: "string" }, { type: "null" }] }]),
      );
      return () => toGeminiSchema(cleanParameters({ type: "object", properties, $schema: "s" }, "tools.0"));
    },
  },
  {
    name: "an operator's expression",
    size: 64_000,
    prepare: (size) => {
      const matches = matcherOf("/model.*not found/");
      return () => matches("model ".repeat(size).slice(0, 2_402));
    },
  },
];
