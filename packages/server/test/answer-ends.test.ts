import {
  type Answer,
  anthropicFrames,
  anthropicMessage,
  type BehaviourSource,
  body as bodyOf,
  cut,
  frames,
  openaiCompletion,
  openaiFrames,
  paced,
  startFakeUpstream,
  tools,
} from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { checkChatStream, chatFrames } from "../../core/test/contract/chat-stream-check.ts";
import { checkResponsesStream } from "../../core/test/contract/responses-stream-check.ts";
import { call, provider, startTestServer, type TestReply } from "./running-server.ts";

type Members = Readonly<Record<string, unknown>>;

const clients = ["chat", "responses"] as const;
const dialects = ["messages", "chat"] as const;
type Client = (typeof clients)[number];
type Dialect = (typeof dialects)[number];

const weather = { type: "object", properties: { city: { type: "string" } } };
const requests: Readonly<Record<Client, { readonly path: string; readonly body: Members }>> = {
  chat: {
    path: "/v1/chat/completions",
    body: {
      model: "gpt-5.6",
      messages: [{ role: "user", content: "Hello" }],
      tools: [{ type: "function", function: { name: "get_weather", parameters: weather } }],
    },
  },
  responses: {
    path: "/v1/responses",
    body: { model: "gpt-5.6", input: "Hello", tools: [{ type: "function", name: "get_weather", parameters: weather }] },
  },
};

/** A server over one provider, and a client that asks it, whole or streamed. */
async function startOne(client: Client, dialect: Dialect, behaviour: BehaviourSource) {
  const type = dialect === "messages" ? "anthropic" : "openai";
  const upstream = await startFakeUpstream({ dialect: type, defaultBehaviour: behaviour });
  const server = await startTestServer({
    providers: [provider("one", upstream.url, { type, ...(dialect === "chat" && { dialect }) })],
  });
  const { path, body } = requests[client];
  return {
    ask: (stream: boolean): Promise<TestReply> =>
      call(server.url, path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...body, stream }),
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Answers in full, with the provider's own word for the end. */
function ending(dialect: Dialect, answer: Answer, word: string): BehaviourSource {
  return ({ body }) => {
    const { stream, stream_options: options } = body as { stream?: boolean; stream_options?: Members };
    const context = { id: "1", model: "m", byteLength: 100, includeUsage: options?.["include_usage"] === true };
    const renamed = (text: string): string =>
      text.replace(/"(stop_reason|finish_reason)":"\w+"/, `"$1":${JSON.stringify(word)}`);
    if (stream === true) {
      const made = dialect === "messages" ? anthropicFrames(answer, context) : openaiFrames(answer, context);
      return frames(...made.map((frame) => renamed(frame)));
    }
    const whole = dialect === "messages" ? anthropicMessage(answer, context) : openaiCompletion(answer, context);
    return bodyOf(renamed(JSON.stringify(whole)));
  };
}

/** What a client of a whole answer reads: the words, the calls, and how it ended. */
interface Outcome {
  readonly text: string;
  readonly calls: readonly (readonly [name: unknown, args: unknown])[];
  readonly end: unknown;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function wholeChat(body: Members): Outcome {
  const [choice] = body["choices"] as readonly { message: Members; finish_reason: unknown }[];
  const calls = (choice?.message["tool_calls"] ?? []) as readonly { function: Members }[];
  return {
    text: textOf(choice?.message["content"]),
    calls: calls.map(({ function: called }) => [called["name"], called["arguments"]]),
    end: choice?.finish_reason,
  };
}

function streamedChat(reply: TestReply): Outcome {
  expect(checkChatStream(reply.body, false)).toEqual([]);
  const data = chatFrames(reply.body);
  expect(data.at(-1)).toBe("[DONE]");
  let text = "";
  let end: unknown;
  const calls: [unknown, string][] = [];
  for (const frame of data.slice(0, -1)) {
    const { choices } = JSON.parse(frame) as { choices: { delta: Members; finish_reason: unknown }[] };
    for (const { delta, finish_reason: reason } of choices) {
      text += textOf(delta["content"]);
      end = reason ?? end;
      for (const piece of (delta["tool_calls"] ?? []) as { index: number; function: Members }[]) {
        const known = (calls[piece.index] ??= [piece.function["name"], ""]);
        known[1] += textOf(piece.function["arguments"]);
      }
    }
  }
  return { text, calls, end };
}

function wholeResponse(response: Members): Outcome {
  const output = response["output"] as readonly Members[];
  const parts = output.flatMap(({ content }) => (content ?? []) as readonly Members[]);
  const { reason } = (response["incomplete_details"] ?? {}) as Members;
  return {
    text: parts.map((part) => textOf(part["text"] ?? part["refusal"])).join(""),
    calls: output.filter(({ type }) => type === "function_call").map((one) => [one["name"], one["arguments"]]),
    end: reason ?? response["status"],
  };
}

function eventsOf(reply: TestReply): readonly Members[] {
  return reply.body
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as Members);
}

function streamedResponse(reply: TestReply): Outcome {
  const events = eventsOf(reply);
  expect(checkResponsesStream(events)).toEqual([]);
  return wholeResponse(events.at(-1)?.["response"] as Members);
}

const readers = {
  chat: { whole: wholeChat, streamed: streamedChat },
  responses: { whole: wholeResponse, streamed: streamedResponse },
};

const words: Answer = { blocks: [{ type: "text", text: "One two three." }] };
const called: Answer = {
  blocks: [
    { type: "text", text: "Let me see." },
    { type: "tool", name: "get_weather", input: { city: "Graz" } },
  ],
};
const nothing: Answer = { blocks: [] };

/** The provider's word for the end, and what clients of each API read. */
const ends: readonly {
  readonly dialect: Dialect;
  readonly word: string;
  readonly what: string;
  readonly answer: Answer;
  readonly end: Readonly<Record<Client, string>>;
}[] = [
  ...[
    { dialect: "messages", word: "end_turn" } as const,
    { dialect: "messages", word: "stop_sequence" } as const,
    { dialect: "chat", word: "stop" } as const,
  ].map((row) => ({ ...row, what: "words", answer: words, end: { chat: "stop", responses: "completed" } })),
  ...[
    { dialect: "messages", word: "max_tokens" } as const,
    { dialect: "messages", word: "model_context_window_exceeded" } as const,
    { dialect: "chat", word: "length" } as const,
  ].flatMap((row) =>
    [
      { what: "words", answer: words },
      { what: "nothing", answer: nothing },
    ].map((said) => ({ ...row, ...said, end: { chat: "length", responses: "max_output_tokens" } })),
  ),
  ...[{ dialect: "messages", word: "refusal" } as const, { dialect: "chat", word: "content_filter" } as const].flatMap(
    (row) =>
      [
        { what: "words", answer: words },
        { what: "nothing", answer: nothing },
      ].map((said) => ({ ...row, ...said, end: { chat: "content_filter", responses: "content_filter" } })),
  ),
  ...[
    { dialect: "messages", word: "tool_use" } as const,
    { dialect: "chat", word: "tool_calls" } as const,
    // Some say so of an answer with calls.
    { dialect: "chat", word: "stop" } as const,
  ].map((row) => ({ ...row, what: "a call", answer: called, end: { chat: "tool_calls", responses: "completed" } })),
  {
    dialect: "messages",
    word: "pause_turn",
    what: "words",
    answer: words,
    end: { chat: "stop", responses: "pause_turn" },
  },
];

describe.each(clients)("the end of an answer, %s client", (client) => {
  const { whole, streamed } = readers[client];

  it.each(ends)("$dialect provider: $word behind $what", async ({ dialect, word, answer, end }) => {
    await using bench = await startOne(client, dialect, ending(dialect, answer, word));
    const reply = await bench.ask(false);
    expect([reply.status, reply.body]).toEqual([200, expect.any(String)]);
    const outcome = whole(reply.json());
    // What passes as it came has the provider's own word.
    const expected = client === dialect ? word : end[client];
    expect(outcome.end).toBe(expected);
    expect(outcome.calls.length).toBe(answer === called ? 1 : 0);
    expect(streamed(await bench.ask(true))).toEqual(outcome);
  });

  it.each(dialects)("%s provider: an answer without content is whole", async (dialect) => {
    await using bench = await startOne(
      client,
      dialect,
      ending(dialect, nothing, dialect === "chat" ? "stop" : "end_turn"),
    );
    const reply = await bench.ask(false);
    const stream = await bench.ask(true);
    expect([reply.status, stream.status]).toEqual([200, 200]);
    const outcome = whole(reply.json());
    expect(outcome).toMatchObject({ text: "", calls: [], end: client === "chat" ? "stop" : "completed" });
    expect(streamed(stream)).toEqual(outcome);
  });

  it.each(dialects)("%s provider: a call that breaks off is never handed over as whole", async (dialect) => {
    const long = tools({ name: "get_weather", input: { city: "Graz, ".repeat(20) } });
    await using bench = await startOne(client, dialect, cut(paced(long, 1), "mid-content"));
    const stream = await bench.ask(true);
    expect(stream.status).toBe(200);
    if (client === "chat") {
      expect(stream.body).toContain("get_weather");
      expect(stream.body).not.toMatch(/\[DONE\]|"finish_reason":"/);
      const last = JSON.parse(chatFrames(stream.body).at(-1) ?? "") as Members;
      expect(last["error"]).toMatchObject({ message: expect.any(String), type: "server_error" });
    } else {
      const events = eventsOf(stream);
      expect(checkResponsesStream(events)).toEqual([]);
      const types = events.map(({ type }) => type);
      expect(types).toContain("response.function_call_arguments.delta");
      expect(types).not.toContain("response.function_call_arguments.done");
      expect(types).not.toContain("response.output_item.done");
      expect(types.at(-1)).toBe("response.failed");
    }
    const reply = await bench.ask(false);
    expect(reply.status).toBeGreaterThanOrEqual(500);
    expect(reply.json().error.message).toMatch(/./);
  });
});
