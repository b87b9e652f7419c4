import { describe, expect, it } from "vitest";
import { toResponse } from "../../src/dialects/responses/client-answer.ts";
import { ResponsesAnswerMachine } from "../../src/dialects/responses/client-answer-machine.ts";
import { responsesToMessages } from "../../src/dialects/responses/client-request.ts";
import { eventSchema, responseSchema } from "./open-responses-schema.ts";
import { answerContext, answerEvents, answerMessage, answers } from "./responses-client-cases.ts";
import { checkResponsesStream } from "./responses-stream-check.ts";

type Members = Readonly<Record<string, unknown>>;

const user = (content: unknown): Members => ({ type: "message", role: "user", content });
const weather: Members = {
  type: "function",
  name: "get_weather",
  description: "Returns the weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const picture = "data:image/png;base64,iVBORw0KGgo=";
const said = [{ type: "text", text: "Fine." }];
const calls = [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Paris" } }];

interface Case {
  readonly name: string;
  readonly request: Members;
  /** What the provider answers. */
  readonly content: readonly Members[];
  /** The messages that the provider is sent. */
  readonly messages: unknown;
  readonly more?: Members;
}

/** The situations of the public compliance list, each with what a provider must be sent for it. */
const cases: readonly Case[] = [
  {
    name: "a text",
    request: { input: [user("Say hello.")] },
    content: said,
    messages: [{ role: "user", content: "Say hello." }],
  },
  { name: "a string as input", request: { input: "Hi" }, content: said, messages: [{ role: "user", content: "Hi" }] },
  {
    name: "a system message",
    request: { input: [{ type: "message", role: "system", content: "Be a pirate." }, user("Hello.")] },
    content: said,
    messages: [{ role: "user", content: "Hello." }],
    more: { system: [{ type: "text", text: "Be a pirate." }] },
  },
  {
    name: "instructions and a developer message",
    request: { instructions: "Be brief.", input: [{ role: "developer", content: "Be kind." }, user("Hello.")] },
    content: said,
    messages: [{ role: "user", content: "Hello." }],
    more: {
      system: [
        { type: "text", text: "Be brief." },
        { type: "text", text: "Be kind." },
      ],
    },
  },
  {
    name: "a tool",
    request: { input: [user("What is the weather?")], tools: [weather], tool_choice: "auto" },
    content: calls,
    messages: [{ role: "user", content: "What is the weather?" }],
    more: {
      tools: [{ name: "get_weather", description: weather["description"], input_schema: weather["parameters"] }],
    },
  },
  {
    name: "an image",
    request: {
      input: [
        user([
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: picture },
        ]),
      ],
    },
    content: said,
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
        ],
      },
    ],
  },
  {
    name: "several turns",
    request: {
      input: [user("I am Alice."), { type: "message", role: "assistant", content: "Hello Alice!" }, user("Who am I?")],
    },
    content: said,
    messages: [
      { role: "user", content: "I am Alice." },
      { role: "assistant", content: [{ type: "text", text: "Hello Alice!" }] },
      { role: "user", content: "Who am I?" },
    ],
  },
  {
    name: "the output of a tool",
    request: {
      tools: [weather],
      input: [
        user("What is the weather?"),
        { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
        { type: "function_call_output", call_id: "call_1", output: "sunny" },
      ],
    },
    content: said,
    messages: [
      { role: "user", content: "What is the weather?" },
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Paris" } }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "sunny" }] },
    ],
    more: {
      tools: [{ name: "get_weather", description: weather["description"], input_schema: weather["parameters"] }],
    },
  },
];

describe.each(cases)("Open Responses: $name", ({ request, content, messages, more }) => {
  const body = { model: "gpt-test", ...request };
  const context = answerContext({}, body);

  it("sends the provider all of it", () => {
    const reading = responsesToMessages(body);
    expect(reading.request).toEqual({ model: "gpt-test", messages, ...more });
    expect(reading.warnings).toEqual([]);
  });

  it("answers a whole response", () => {
    const response = responseSchema.parse(toResponse(answerMessage(content), context));
    expect(response).toMatchObject({ status: "completed", error: null, incomplete_details: null });
    expect(response["output"]).toHaveLength(content.length);
    expect(response["completed_at"]).toBe(1_700_000_004);
    expect(response["usage"]).toMatchObject({ input_tokens: 18, output_tokens: 20, total_tokens: 38 });
  });
});

function named(name: string): ReturnType<typeof answerEvents>[number] {
  const found = answerEvents().find(([other]) => other === name);
  if (!found) throw new Error(`no answer ${name}`);
  return found;
}

/** Other items than those of the specification are extensions, which it does not describe. */
const described = answerEvents().filter(
  ([name]) => name !== "every form of call" && !name.includes("search") && name !== "a paused turn",
);

describe("Open Responses: streams", () => {
  it.each(described)("%s has only events of the specification, and in its order", (_name, events, context) => {
    const out = new ResponsesAnswerMachine(context).push(events);
    for (const one of out) expect(eventSchema.safeParse(one).error, one.type).toBeUndefined();
    expect(checkResponsesStream(out)).toEqual([]);
  });

  it.each(answerEvents())("%s has a legal order", (_name, events, context) => {
    expect(checkResponsesStream(new ResponsesAnswerMachine(context).push(events))).toEqual([]);
  });

  it.each(answerEvents())("%s ends with the whole answer", (name, events, context) => {
    const last = new ResponsesAnswerMachine(context).push(events).at(-1)?.["response"];
    const message = answers[name];
    expect(last).toEqual(message && toResponse(message, context));
  });

  it("says in the order of the specification what a call is", () => {
    const [, events, context] = named("a call");
    const types = new ResponsesAnswerMachine(context).push(events).map(({ type }) => type);
    expect([...new Set(types)]).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
  });
});

const statuses: Readonly<Record<string, readonly [string, string | undefined]>> = {
  text: ["completed", undefined],
  "a call": ["completed", undefined],
  "a stop sequence": ["completed", undefined],
  "an answer cut at the limit": ["incomplete", "max_output_tokens"],
  "a full context window": ["incomplete", "max_output_tokens"],
  "a refusal": ["incomplete", "content_filter"],
  "a silent refusal": ["incomplete", "content_filter"],
  "a paused turn": ["incomplete", "pause_turn"],
};

describe("Open Responses: statuses", () => {
  it.each(Object.entries(statuses))("%s is %s", (name, [status, reason]) => {
    const message = answers[name];
    if (!message) throw new Error(name);
    const response = toResponse(message, answerContext());
    expect(response["status"]).toBe(status);
    expect(response["incomplete_details"]).toEqual(reason === undefined ? null : { reason });
    const last = (response["output"] as readonly Members[]).at(-1);
    if (last?.["type"] === "message") expect(last["status"]).toBe(status);
  });

  it("a failure is an error and a failed response, and nothing follows", () => {
    const [, events] = named("text");
    const writer = new ResponsesAnswerMachine(answerContext());
    const out = [
      ...writer.push(events.slice(0, 5)),
      ...writer.fail({ error: { type: "overloaded_error", message: "Overloaded" } }),
      ...writer.push(events.slice(5)),
      ...writer.fail({ error: { type: "api_error", message: "again" } }),
    ];
    expect(checkResponsesStream(out)).toEqual([]);
    for (const one of out) expect(eventSchema.safeParse(one).error, one.type).toBeUndefined();
    expect(out.slice(-2)).toMatchObject([
      { type: "error", error: { code: "server_is_overloaded" } },
      {
        type: "response.failed",
        response: { status: "failed", error: { code: "server_is_overloaded", message: "Overloaded" } },
      },
    ]);
  });

  it("repeats the settings of the request", () => {
    const request = {
      instructions: "Be brief.",
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 100,
      tools: [weather],
      tool_choice: { type: "allowed_tools", tools: [{ type: "function", name: "get_weather" }] },
      parallel_tool_calls: false,
      reasoning: { effort: "low", summary: "auto" },
      text: { format: { type: "json_schema", name: "answer", schema: { type: "object" } }, verbosity: "low" },
      metadata: { a: "b" },
      prompt_cache_key: "k",
      safety_identifier: "s",
      truncation: "auto",
      user: "u",
    };
    const response = responseSchema.parse(toResponse(answerMessage(said), answerContext({}, request)));
    expect(response).toMatchObject({
      ...request,
      tools: [{ ...weather, strict: true }],
      tool_choice: { ...request.tool_choice, mode: "auto" },
      text: { format: { ...request.text.format, description: null, strict: false }, verbosity: "low" },
    });
  });
});
