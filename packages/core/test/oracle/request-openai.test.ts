import { readFileSync } from "node:fs";
import type Anthropic from "@anthropic-ai/sdk";
import type {
  ChatRequest,
  Message,
  MessagesRequest,
  MessageStreamEvent,
  ResponsesInputItem,
  ResponsesInputPart,
  ResponsesReasoning,
  ResponsesRequest,
  ResponsesTool,
} from "@ccpb/core/protocol";
import { toChatRequest } from "@ccpb/core/translate";
import OpenAI from "openai";
import { describe, expect, expectTypeOf, it } from "vitest";
import { bodyProblems } from "../contract/chat-body-check.ts";
import { hasShared } from "../contract/recordings.ts";
import { recordedChats } from "../contract/recorded-requests.ts";

type ChatParams = OpenAI.ChatCompletionCreateParams;

describe("the types of the official SDKs", () => {
  it("take our bodies, whole and in their parts", () => {
    expectTypeOf<ChatRequest>().toExtend<Omit<ChatParams, "stream"> & { stream?: boolean | null }>();
    expectTypeOf<ChatRequest["messages"][number]>().toExtend<OpenAI.ChatCompletionMessageParam>();
    expectTypeOf<NonNullable<ChatRequest["tools"]>[number]>().toExtend<OpenAI.ChatCompletionTool>();
    expectTypeOf<NonNullable<ChatRequest["tool_choice"]>>().toExtend<OpenAI.ChatCompletionToolChoiceOption>();
    expectTypeOf<NonNullable<ChatRequest["response_format"]>>().toExtend<NonNullable<ChatParams["response_format"]>>();
    expectTypeOf<NonNullable<ChatRequest["reasoning_effort"]>>().toExtend<
      NonNullable<ChatParams["reasoning_effort"]>
    >();
  });

  it("take our Responses bodies", () => {
    type Params = OpenAI.Responses.ResponseCreateParams;
    expectTypeOf<Omit<ResponsesRequest, "input" | "stream">>().toExtend<Omit<Params, "input" | "stream">>();
    expectTypeOf<ResponsesTool>().toExtend<OpenAI.Responses.Tool>();
    expectTypeOf<ResponsesInputPart>().toExtend<OpenAI.Responses.ResponseInputContent>();
    // The types want an id where the API does without: of replayed reasoning, and of an assistant's message.
    type Typed = Exclude<ResponsesInputItem, { type: "reasoning" } | { role: "assistant" }>;
    expectTypeOf<Typed>().toExtend<OpenAI.Responses.ResponseInputItem>();
    expectTypeOf<Omit<ResponsesReasoning, "id">>().toExtend<Omit<OpenAI.Responses.ResponseReasoningItem, "id">>();
  });

  it("are requests that we take", () => {
    expectTypeOf<Anthropic.MessageCreateParams>().toExtend<MessagesRequest>();
    expectTypeOf<Anthropic.Beta.MessageCreateParams>().toExtend<MessagesRequest>();
    expectTypeOf<Anthropic.MessageCountTokensParams>().toExtend<MessagesRequest>();
  });

  it("know our answers by their discriminators", () => {
    expectTypeOf<Message["stop_reason"]>().toExtend<Anthropic.Message["stop_reason"]>();
    expectTypeOf<Message["content"][number]["type"]>().toExtend<Anthropic.ContentBlock["type"]>();
    type Told = Exclude<MessageStreamEvent["type"], "ping" | "error">;
    expectTypeOf<Told>().toEqualTypeOf<Anthropic.MessageStreamEvent["type"]>();
  });

  it("let a client of OpenAI's send a body as it is", async () => {
    const sent: unknown[] = [];
    const client = new OpenAI({
      apiKey: "unused",
      baseURL: "http://127.0.0.1:9/v1",
      maxRetries: 0,
      fetch: (_url, init) => {
        if (typeof init?.body === "string") sent.push(JSON.parse(init.body));
        const answer = { id: "x", object: "chat.completion", created: 0, model: "m", choices: [] };
        return Promise.resolve(Response.json(answer));
      },
    });
    const request: Anthropic.MessageCreateParams = {
      model: "claude-x",
      max_tokens: 10,
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      tools: [{ name: "f", input_schema: { type: "object" } }],
    };
    const { body } = toChatRequest(request, { model: "gpt-4o" });
    await client.chat.completions.create(body);
    expect(sent).toEqual([body]);
  });
});

/** The path of every member, array positions as `*`, with the type of its value. */
function shapeOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((member) => shapeOf(member, `${path}.*`));
  if (typeof value !== "object" || value === null) return [`${path}: ${value === null ? "null" : typeof value}`];
  return Object.entries(value).flatMap(([key, member]) =>
    // What stands in a schema is the client's affair.
    key === "parameters" || key === "schema" ? [`${path}.${key}: schema`] : shapeOf(member, `${path}.${key}`),
  );
}

/** The members of requests that real APIs answered with 200: names and types alone, none of the recorded text. */
const { "openai-chat": acceptedMembers } = JSON.parse(
  readFileSync(new URL("../recordings/accepted-members.json", import.meta.url), "utf8"),
) as { readonly "openai-chat": readonly string[] };

// What real APIs answered with 200 in the recordings, from clients other than ours.
const accepted = new Set(
  recordedChats()
    .filter(({ status }) => status === 200)
    .flatMap(({ body }) => shapeOf(body)),
);

describe("recorded requests that real APIs accepted", () => {
  it("satisfy our own check of bodies, which therefore asks nothing that APIs do not", () => {
    const functional = recordedChats().filter(({ status, body }) => {
      const tools: readonly { readonly type?: unknown }[] = body.tools ?? [];
      return status === 200 && tools.every((tool) => tool.type === "function" && "function" in tool);
    });
    const sound = functional.filter(({ body }) => bodyProblems(body).length === 0);
    expect(sound.length / functional.length).toBeGreaterThan(0.7);
  });

  it("have every member that a translated conversation has", () => {
    const request: Anthropic.MessageCreateParams = {
      model: "claude-x",
      max_tokens: 100,
      stream: true,
      system: "S",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "b" },
            { type: "tool_use", id: "c1", name: "f", input: { a: 1 } },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "ok" }] },
      ],
      tools: [{ name: "f", description: "d", input_schema: { type: "object", properties: {} } }],
      tool_choice: { type: "tool", name: "f" },
    };
    const shape = [...new Set(shapeOf(toChatRequest(request, { model: "gpt-4o" }).body))];
    expect(shape.filter((member) => !acceptedMembers.includes(member))).toEqual([]);
  });

  it("show each member that the list of accepted ones names: all of them with the shared recordings, else a part", () => {
    const found = acceptedMembers.filter((member) => accepted.has(member));
    expect(acceptedMembers.length).toBeGreaterThan(15);
    expect(found.length).toBeGreaterThanOrEqual(hasShared ? acceptedMembers.length : 10);
  });
});
