import { describe, expect, test } from "vitest";
import type { TranslationContext } from "../../src/conversation/context.ts";
import { createReader } from "../../src/call/create-reader.ts";
import { chatClient } from "../../src/dialects/chat/client-dialect.ts";
import type { ReplyReader } from "../../src/dialects/reader.ts";
import { responsesClient } from "../../src/dialects/responses/client-dialect.ts";

// A stream with status 200 may tell of an error in the shape of whatever stands before the model: Google's front end, a gateway, a proxy.

type Api = "messages" | "chat" | "responses";

const context = { model: "m", includeUsage: true, request: {}, customTools: new Map(), id: "a", createdAtMs: 0 };
const clients = {
  chat: { dialect: chatClient, context },
  responses: { dialect: responsesClient, context },
  messages: undefined,
} as const;

function reader(client: Api, dialect: Api): ReplyReader {
  const translation: TranslationContext | undefined =
    dialect === "messages"
      ? undefined
      : {
          requestedModel: "m",
          stream: true,
          dialect,
          toolNames: new Map(),
          stopSequences: [],
          localStopSequences: [],
          thinkTags: false,
          estimatedInputTokens: 0,
        };
  return createReader({
    stream: true,
    dialect,
    requestedModel: "m",
    answerModel: undefined,
    translation,
    client: clients[client],
    generateId: (prefix) => `${prefix}1`,
  });
}

function named(...events: readonly { readonly type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

function chunk(delta: object): string {
  const choices = [{ index: 0, delta, finish_reason: null }];
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
}

const message = { id: "m", type: "message", role: "assistant", model: "m", content: [], stop_reason: null };
const response = { id: "r", object: "response", model: "m", status: "in_progress", output: [] };
const place = { item_id: "i", output_index: 0, content_index: 0 };

/** A stream's beginning, without content and with it. */
const beginnings: Readonly<Record<Api, readonly [head: string, content: string]>> = {
  messages: [
    named({ type: "message_start", message: { ...message, usage: { input_tokens: 1, output_tokens: 1 } } } as never),
    named(
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never,
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Half" } } as never,
    ),
  ],
  chat: [chunk({ role: "assistant", content: "" }), chunk({ content: "Half" })],
  responses: [
    named({ type: "response.created", sequence_number: 0, response } as never),
    named(
      {
        type: "response.output_item.added",
        sequence_number: 1,
        output_index: 0,
        item: { type: "message", id: "i", role: "assistant", status: "in_progress", content: [] },
      } as never,
      {
        type: "response.content_part.added",
        sequence_number: 2,
        ...place,
        part: { type: "output_text", text: "", annotations: [] },
      } as never,
      { type: "response.output_text.delta", sequence_number: 3, ...place, delta: "Half" } as never,
    ),
  ],
};

const words = "Resource has been exhausted (e.g. check quota).";
const google = { error: { code: 429, message: words, status: "RESOURCE_EXHAUSTED" } };

const forms: readonly (readonly [what: string, text: string])[] = [
  ["an event without a name", `data: ${JSON.stringify(google)}\n\n`],
  ["a list without a name", `data: ${JSON.stringify([google])}\n\n`],
  ["an error event", `event: error\ndata: ${JSON.stringify(google)}\n\n`],
  ["an error event with a list", `event: error\ndata: ${JSON.stringify([google])}\n\n`],
  ["a line that is no field", `${JSON.stringify(google)}\n\n`],
  ["a list in a line that is no field", `${JSON.stringify([google])}\n`],
  ["a list behind which nothing comes", JSON.stringify([google])],
  ["an event behind which nothing comes", `data: ${JSON.stringify(google)}`],
];

const pairs: readonly (readonly [client: Api, provider: Api])[] = (["messages", "chat", "responses"] as const).flatMap(
  (client) => (["messages", "chat", "responses"] as const).map((provider) => [client, provider] as const),
);

describe.each(pairs)("a client of %s, a provider of %s", (client, provider) => {
  const [head, content] = beginnings[provider];
  const prefixes = [
    ["in front of the stream", ""],
    ["before content", head],
    ["after content", head + content],
  ] as const;
  const cases = prefixes.flatMap(([where, before]) => forms.map(([what, text]) => ({ where, before, what, text })));

  test.each(cases)("$what $where is the error that it says", ({ before, text }) => {
    const parts = [before, text].map((part) => new TextEncoder().encode(part));
    for (const size of [1, 7, 16_384]) {
      const read = reader(client, provider);
      const out: Uint8Array[] = [];
      const take = (part: Uint8Array | undefined): void => void (part && out.push(part));
      for (const bytes of parts)
        for (let at = 0; at < bytes.length; at += size) take(read.push(bytes.slice(at, at + size)));
      take(read.end());
      expect(read).toMatchObject({
        state: "failed",
        failure: { type: "error", status: 429, error: { message: words } },
      });
      const given = out.map((part) => new TextDecoder().decode(part)).join("");
      if (before === head + content) expect(given).toContain("Half");
      else expect(given).toBe("");
      // The error goes out in the client's own form when the stream is broken off, not as it came.
      expect(given).not.toContain("RESOURCE_EXHAUSTED");
    }
  });
});
