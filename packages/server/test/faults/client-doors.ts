import { expect } from "vitest";

/** The API that the clients of this run speak. The fault suite runs once for each: see the projects in vitest.config.ts. */
export type ClientName = "messages" | "chat" | "responses";

const asked = process.env["CCPB_TEST_CLIENT"] ?? "messages";
if (asked !== "messages" && asked !== "chat" && asked !== "responses") throw new Error(`no client ${asked}`);

export const clientName: ClientName = asked;

type Json = Readonly<Record<string, unknown>>;

/** One event of a stream as a client reads it. */
export interface ClientEvent {
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into events of many shapes
  readonly data: any;
}

/** How the clients of one API ask, and what they take for an answer. Requests are given as changes to a Messages request. */
export interface Door {
  readonly path: string;
  request(change: Json): Json;
  /** The words that a whole answer, or one event of a stream, holds. */
  wholeWords(body: Json): string;
  eventWords(event: ClientEvent): string;
  expectWhole(body: Json): void;
  expectWholeStream(events: readonly ClientEvent[]): void;
  /** A stream that broke: nothing that ends an answer, and the error last where the ending is one. */
  expectBrokenStream(events: readonly ClientEvent[], ending: "error" | "abort"): void;
  /** The error object of a refusal or of the last event of a broken stream. */
  errorOf(body: Json): { readonly type: string; readonly message: string };
  /** A sign of life without content. */
  readonly keepAlive: string;
  /** The word for the type of an error of Anthropic's. */
  errorType(type: string): string;
}

const base = { model: "claude-opus-5-5", messages: [{ role: "user", content: "Hello" }] };

/** Chat and Responses members for the members of a Messages request that the tests change. */
function tools(change: Json): readonly Json[] | undefined {
  return change["tools"] as readonly Json[] | undefined;
}

const messages: Door = {
  path: "/v1/messages",
  request: (change) => ({ ...base, max_tokens: 100, ...change }),
  wholeWords: ({ content }) => (content as { text?: string }[]).map(({ text = "" }) => text).join(""),
  eventWords: ({ data }) => (data?.delta?.type === "text_delta" ? String(data.delta.text) : ""),
  expectWhole: (body) => {
    expect(body).toMatchObject({ type: "message", role: "assistant" });
  },
  expectWholeStream: (events) => {
    const names = events.map(({ name }) => name);
    expect(names[0]).toBe("message_start");
    expect(names.filter((event) => event === "message_start").length).toBe(1);
    expect(names.filter((event) => event === "message_stop").length).toBe(1);
    expect(names.at(-1)).toBe("message_stop");
    expect(names).not.toContain("error");
  },
  expectBrokenStream: (events, ending) => {
    const names = events.map(({ name }) => name);
    expect(names).not.toContain("message_stop");
    expect(names).not.toContain("message_delta");
    expect(names.filter((name) => name === "error").length).toBe(ending === "error" ? 1 : 0);
    // Claude Code runs a tool at its content_block_stop.
    const count = (name: string): number => names.filter((one) => one === name).length;
    expect(count("content_block_start")).toBeGreaterThan(count("content_block_stop"));
    if (ending !== "error") return;
    expect(names.at(-1)).toBe("error");
    expect(events.at(-1)?.data).toMatchObject({ type: "error", error: { message: expect.any(String) } });
  },
  errorOf: (body) => {
    expect(body).toMatchObject({ type: "error", error: { message: expect.any(String) } });
    return body["error"] as { type: string; message: string };
  },
  keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
  errorType: (type) => type,
};

const openAiTypes: Readonly<Record<string, string>> = {
  authentication_error: "authentication_error",
  rate_limit_error: "rate_limit_error",
  permission_error: "permission_error",
  api_error: "server_error",
  overloaded_error: "server_error",
  timeout_error: "server_error",
  billing_error: "insufficient_quota",
};

const openAi = {
  keepAlive: ": keep-alive\n\n",
  errorType: (type: string) => openAiTypes[type] ?? "invalid_request_error",
  errorOf: (body: Json) => {
    const holder = (body["response"] as Json | undefined) ?? body;
    expect(holder).toMatchObject({ error: { message: expect.any(String) } });
    return holder["error"] as { type: string; message: string };
  },
};

const chat: Door = {
  ...openAi,
  path: "/v1/chat/completions",
  request: ({ max_tokens, stop_sequences, thinking: _thinking, ...change }) => ({
    ...base,
    max_completion_tokens: max_tokens ?? 100,
    ...change,
    ...(stop_sequences !== undefined && { stop: stop_sequences }),
    ...(tools(change) && {
      tools: tools(change)?.map(({ name, input_schema }) => ({
        type: "function",
        function: { name, parameters: input_schema },
      })),
    }),
  }),
  wholeWords: (body) => (body["choices"] as { message: { content: string | null } }[])[0]?.message.content ?? "",
  eventWords: ({ data }) => String(data?.choices?.[0]?.delta?.content ?? ""),
  expectWhole: (body) => {
    expect(body).toMatchObject({ object: "chat.completion", choices: [{ index: 0, message: { role: "assistant" } }] });
    expect(body["choices"]).toMatchObject([{ finish_reason: expect.any(String) }]);
  },
  expectWholeStream: (events) => {
    expect(events[0]?.data).toMatchObject({ choices: [{ delta: { role: "assistant" } }] });
    expect(finishes(events)).toBe(1);
    expect(events.filter(({ data }) => data === "[DONE]").length).toBe(1);
    expect(events.at(-1)?.data).toBe("[DONE]");
    expect(events.filter(({ data }) => data?.error !== undefined)).toEqual([]);
  },
  expectBrokenStream: (events, ending) => {
    expect(finishes(events)).toBe(0);
    expect(events.filter(({ data }) => data === "[DONE]")).toEqual([]);
    const errors = events.filter(({ data }) => data?.error !== undefined);
    expect(errors.length).toBe(ending === "error" ? 1 : 0);
    if (ending !== "error") return;
    expect(events.at(-1)).toBe(errors[0]);
    expect(events.at(-1)?.data).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
  },
};

function finishes(events: readonly ClientEvent[]): number {
  return events.filter(({ data }) => typeof data?.choices?.[0]?.finish_reason === "string").length;
}

const terminals = new Set(["response.completed", "response.incomplete"]);

const responses: Door = {
  ...openAi,
  path: "/v1/responses",
  request: ({ max_tokens, stop_sequences: _stops, messages: input, thinking: _thinking, ...change }) => ({
    model: base.model,
    store: false,
    max_output_tokens: max_tokens ?? 100,
    input: input ?? base.messages,
    ...change,
    ...(tools(change) && {
      tools: tools(change)?.map(({ name, input_schema }) => ({ type: "function", name, parameters: input_schema })),
    }),
  }),
  wholeWords: ({ output }) =>
    (output as { type: string; content?: { text?: string }[] }[])
      .flatMap(({ type, content }) => (type === "message" ? (content ?? []) : []))
      .map(({ text = "" }) => text)
      .join(""),
  eventWords: ({ data }) => (data?.type === "response.output_text.delta" ? String(data.delta) : ""),
  expectWhole: (body) => {
    expect(body).toMatchObject({ object: "response", status: "completed" });
  },
  expectWholeStream: (events) => {
    const types = events.map(({ data }) => data?.type as string);
    expect(types[0]).toBe("response.created");
    expect(types.filter((type) => type === "response.created").length).toBe(1);
    expect(types.filter((type) => terminals.has(type)).length).toBe(1);
    expect(terminals.has(types.at(-1) ?? "")).toBe(true);
    expect(types).not.toContain("error");
    expect(types).not.toContain("response.failed");
    expectNumbered(events);
  },
  expectBrokenStream: (events, ending) => {
    const types = events.map(({ data }) => data?.type as string);
    expect(types.filter((type) => terminals.has(type))).toEqual([]);
    expect(types.filter((type) => type === "response.failed").length).toBe(ending === "error" ? 1 : 0);
    expectNumbered(events);
    if (ending !== "error") return;
    expect(types.at(-1)).toBe("response.failed");
    expect(events.at(-1)?.data).toMatchObject({
      response: { status: "failed", error: { message: expect.any(String) } },
    });
  },
};

function expectNumbered(events: readonly ClientEvent[]): void {
  const numbers = events.filter(({ data }) => data !== null).map(({ data }) => data.sequence_number as number);
  expect(numbers).toEqual(numbers.map((_, index) => index));
}

const doors: Readonly<Record<ClientName, Door>> = { messages, chat, responses };

/** The door through which the clients of this run come. */
export const door: Door = doors[clientName];
