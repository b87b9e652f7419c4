import { describe, expect, it } from "vitest";
import { answer, type BehaviourSource, offeredTools, startFakeUpstream, text, tools } from "@ccpb/fake-upstream";
import { eventSchema, responseSchema } from "../../core/test/contract/open-responses-schema.ts";
import { checkResponsesStream } from "../../core/test/contract/responses-stream-check.ts";
import { call, provider, startTestServer, type TestReply } from "./running-server.ts";

type Members = Readonly<Record<string, unknown>>;

const words = "Four.";
const image = "data:image/png;base64,iVBORw0KGgo=";
const pdf = "data:application/pdf;base64,JVBERi0xLjEK";
const user = (content: unknown): Members => ({ type: "message", role: "user", content });
const weather: Members = {
  type: "function",
  name: "get_weather",
  description: "Returns the weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

/** Calls the tool that it is offered, unless the conversation holds its result; otherwise it speaks. */
const model: BehaviourSource = ({ body }) =>
  offeredTools(body).size > 0 && !JSON.stringify(body).includes("64 degrees")
    ? tools({ name: "get_weather", input: { city: "Graz" } })
    : text(words);

interface Case {
  readonly name: string;
  readonly request: Members;
  /** The types of the items that are answered. */
  readonly output: readonly string[];
  /** What the provider must have been sent, in any place. */
  readonly sent: readonly string[];
}

/** The situations of the public compliance list that one request over HTTP makes. */
const cases: readonly Case[] = [
  { name: "a text", request: { input: [user("Say hello.")] }, output: ["message"], sent: ["Say hello."] },
  { name: "a string as input", request: { input: "Say hello." }, output: ["message"], sent: ["Say hello."] },
  {
    name: "assistant messages with phases",
    request: {
      input: [
        { type: "message", role: "assistant", phase: "commentary", content: "I use the saved number." },
        { type: "message", role: "assistant", phase: "final_answer", content: "The number is four." },
        user("Repeat the number."),
      ],
    },
    output: ["message"],
    sent: ["I use the saved number.", "The number is four.", "Repeat the number."],
  },
  {
    name: "a system message",
    request: { input: [{ type: "message", role: "system", content: "Be a pirate." }, user("Say hello.")] },
    output: ["message"],
    sent: ["Be a pirate.", "Say hello."],
  },
  {
    name: "a tool",
    request: { input: [user("What is the weather?")], tools: [weather] },
    output: ["function_call"],
    sent: ["get_weather", "Returns the weather of a city"],
  },
  {
    name: "a tool that must be called",
    request: {
      input: "What is the weather?",
      tools: [weather],
      tool_choice: { type: "function", name: "get_weather" },
    },
    output: ["function_call"],
    sent: ["get_weather"],
  },
  {
    name: "an image",
    request: {
      input: [
        user([
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: image },
        ]),
      ],
    },
    output: ["message"],
    sent: ["What is this?", "iVBORw0KGgo="],
  },
  {
    name: "a file",
    request: {
      input: [
        user([
          { type: "input_text", text: "What is its title?" },
          { type: "input_file", filename: "a.pdf", file_data: pdf },
        ]),
      ],
    },
    output: ["message"],
    sent: ["What is its title?", "JVBERi0xLjEK"],
  },
  {
    name: "several turns",
    request: {
      input: [user("I am Alice."), { type: "message", role: "assistant", content: "Hello Alice!" }, user("Who am I?")],
    },
    output: ["message"],
    sent: ["I am Alice.", "Hello Alice!", "Who am I?"],
  },
];

/** A server over one provider that speaks `dialect`. */
async function startOne(dialect: "messages" | "chat", behaviour: BehaviourSource = model) {
  const type = dialect === "messages" ? "anthropic" : "openai";
  const upstream = await startFakeUpstream({ dialect: type, defaultBehaviour: behaviour });
  const server = await startTestServer({
    providers: [
      provider("one", upstream.url, { type, ...(dialect === "chat" && { dialect, profile: { files: true } }) }),
    ],
  });
  return {
    sent: () => JSON.stringify(upstream.requests.at(-1)?.body),
    ask: (body: Members, path = "/v1/responses") =>
      call(server.url, path, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer unused" },
        body: JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** The events of a stream, each checked to be framed as the specification has it. */
function eventsOf({ status, headers, body }: TestReply): readonly Members[] {
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^text\/event-stream/);
  return body
    .split("\n\n")
    .filter((frame) => frame !== "" && !frame.startsWith(":"))
    .map((frame) => {
      const [, name, data = ""] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const event = JSON.parse(data) as Members;
      expect(event["type"]).toBe(name);
      return event;
    });
}

/** The response that a stream ends with, its events checked against the schema and the order of the specification. */
function streamed(reply: TestReply): Members {
  const events = eventsOf(reply);
  for (const event of events) expect(eventSchema.safeParse(event).error, String(event["type"])).toBeUndefined();
  expect(checkResponsesStream(events)).toEqual([]);
  return responseSchema.parse(events.at(-1)?.["response"]);
}

/** A response without what differs between two of them. */
function comparable(response: Members): unknown {
  const drop = new Set(["id", "call_id", "created_at", "completed_at", "usage"]);
  return JSON.parse(JSON.stringify(response, (key, value: unknown) => (drop.has(key) ? undefined : value)));
}

describe.each(["messages", "chat"] as const)("Open Responses over a %s provider", (dialect) => {
  it.each(cases)("$name: whole and streamed", async ({ request, output, sent }) => {
    await using bench = await startOne(dialect);
    const body = { model: "gpt-5.6", ...request };
    const reply = await bench.ask({ ...body, stream: false });
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toMatch(/^application\/json/);
    const whole = responseSchema.parse(reply.json());
    expect(whole).toMatchObject({ status: "completed", model: "gpt-5.6", output: output.map((type) => ({ type })) });
    for (const part of sent) expect(bench.sent()).toContain(part);
    const last = streamed(await bench.ask({ ...body, stream: true }));
    expect(comparable(last)).toEqual(comparable(whole));
    for (const part of sent) expect(bench.sent()).toContain(part);
  });

  it("goes on behind a call with its output, the conversation sent again", async () => {
    await using bench = await startOne(dialect);
    const first = { model: "gpt-5.6", input: [user("What is the weather?")], tools: [weather], store: false };
    const called = (await bench.ask(first)).json().output as readonly Members[];
    const callId = called[0]?.["call_id"];
    expect(callId).toMatch(/./);
    const result = { type: "function_call_output", call_id: callId, output: "64 degrees and clear" };
    const reply = await bench.ask({ ...first, input: [...first.input, ...called, result] });
    const response = responseSchema.parse(reply.json());
    expect(response).toMatchObject({ status: "completed", output: [{ type: "message", content: [{ text: words }] }] });
    expect(bench.sent()).toContain("64 degrees and clear");
  });

  it("names a previous response that it does not know", async () => {
    await using bench = await startOne(dialect);
    const reply = await bench.ask({ model: "gpt-5.6", previous_response_id: "resp_missing", input: "Go on." });
    expect(reply.status).toBe(400);
    expect(reply.json().error).toMatchObject({ code: "previous_response_not_found", param: "previous_response_id" });
  });

  it("refuses to compact without a model", async () => {
    await using bench = await startOne(dialect);
    const reply = await bench.ask({ input: [user("Compact this.")] }, "/v1/responses/compact");
    expect(reply.status).toBe(400);
    expect(reply.json().error.message).toContain("model");
  });
});

describe.each(["messages", "chat"] as const)("the end of a response over a %s provider", (dialect) => {
  it.each([
    ["max_tokens", "incomplete", "max_output_tokens"],
    ["refusal", "incomplete", "content_filter"],
    ["end_turn", "completed", undefined],
  ] as const)("%s: whole and streamed are %s", async (stopReason, status, reason) => {
    await using bench = await startOne(dialect, answer([{ type: "text", text: words }], { stopReason }));
    const body = { model: "gpt-5.6", input: "Hello" };
    const whole = responseSchema.parse((await bench.ask(body)).json());
    expect(whole).toMatchObject({ status, incomplete_details: reason === undefined ? null : { reason } });
    expect(comparable(streamed(await bench.ask({ ...body, stream: true })))).toEqual(comparable(whole));
  });
});
