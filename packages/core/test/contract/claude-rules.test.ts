import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Balancer } from "../../src/balancer/balancer.ts";
import type { ProviderConfig } from "../../src/base/config-types.ts";
import { createFetch } from "../../src/skins/fetch.ts";
import { scriptedTransport } from "../../src/testing/scripted-transport.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";
import { nativeProvider } from "../native-provider.ts";
import { claudeRefusal, claudeRules } from "./claude-rules.ts";
import { answerText, refusingProvider } from "./refusing-provider.ts";

type Json = Readonly<Record<string, unknown>>;

const models = Object.entries(claudeRules);
const anthropic: Partial<ProviderConfig> = { baseUrl: "https://api.anthropic.com" };

/** An upstream that refuses what `model` refuses, and a client that knows it by another name, or by none. */
function scene(model: string, more: Partial<ProviderConfig> = anthropic) {
  const rules = claudeRules[model];
  if (rules === undefined) throw new TypeError(`no rules of ${model}`);
  const clock = new VirtualClock();
  const provider = nativeProvider("claude", { ...more, bigModel: model, smallModel: model });
  const balancer = new Balancer({ providers: [provider] }, { clock, random: () => 0.5 });
  const { transport, requests } = scriptedTransport(
    clock,
    refusingProvider((body) => claudeRefusal(body, rules)),
  );
  const fetch = createFetch(balancer, transport);
  const ask = async (path: string, body: Json) => {
    const before = requests.length;
    const answer = await fetch(`https://ccpb.test${path}`, { method: "POST", body: JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, text, sent: requests.slice(before).map((request) => request.body) };
  };
  return { ask };
}

/** A client whose model is mapped to Opus 5.5, at an upstream that takes everything. */
function mappedToOpus() {
  const clock = new VirtualClock();
  const providers = [nativeProvider("claude", { bigModel: "claude-opus-5-5" })];
  const { transport, requests } = scriptedTransport(
    clock,
    refusingProvider(() => undefined),
  );
  return { fetch: createFetch(new Balancer({ providers }, { clock }), transport), requests };
}

const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
const signature = `EqQB${"Ab1/+".repeat(20)}==`;
const thought = { type: "thinking", thinking: "", signature };
const call = { type: "tool_use", id: "toolu_1", name: "Read", input: { a: "b" } };
const result = { type: "tool_result", tool_use_id: "toolu_1", content: "text of the file" };
const user = { role: "user", content: "Look." };
const blocks = { role: "user", content: [{ type: "text", text: "Look.", cache_control: { type: "ephemeral" } }] };

const conversations: readonly (readonly Json[])[] = [
  [user],
  [blocks],
  [user, { role: "assistant", content: [call] }, { role: "user", content: [result] }],
  [user, { role: "assistant", content: [thought, call] }, { role: "user", content: [result] }],
  [user, { role: "assistant", content: "I saw it." }, blocks],
  [user, { role: "assistant", content: "The answer is" }],
  [user, { role: "system", content: "Hurry." }],
  [
    user,
    { role: "assistant", content: [call] },
    { role: "user", content: [result] },
    { role: "system", content: "Hurry." },
  ],
  [user, { role: "system", content: "Hurry." }, { role: "assistant", content: "Yes?" }, user],
];

/** Requests of a client of Messages: every member with a value that some model takes. */
const messagesRequest = fc
  .record({
    messages: fc.constantFrom(...conversations),
    thinking: fc.constantFrom<(Json | undefined)[]>(
      undefined,
      { type: "disabled" },
      { type: "adaptive", display: "summarized" },
      { type: "adaptive", display: "updates", block_binding: { prefix_mismatch_behavior: "drop_block" } },
      { type: "enabled", budget_tokens: 2_000 },
      { type: "between_tools" },
    ),
    effort: fc.constantFrom(undefined, "low", "high", "xhigh", "max"),
    tool_choice: fc.constantFrom<(Json | undefined)[]>(
      undefined,
      { type: "auto" },
      { type: "none" },
      { type: "any", disable_parallel_tool_use: true },
      { type: "tool", name: "Read" },
    ),
    max_tokens: fc.constantFrom(3_000, 64_000, 128_000),
    sampling: fc.constantFrom<Json[]>({}, { temperature: 1 }, { temperature: 0.5 }, { top_p: 0.9 }, { top_k: 4 }),
    context_management: fc.constantFrom(undefined, {
      edits: [{ type: "clear_thinking_20251015" }, { type: "clear_tool_uses_20250919" }],
    }),
    stream: fc.boolean(),
  })
  .map(({ effort, sampling, ...rest }): Json => ({
    ...JSON.parse(JSON.stringify(rest)), // without what is undefined
    ...sampling,
    ...(effort !== undefined && { output_config: { effort } }),
    system: [{ type: "text", text: "You are brief." }],
    tools: [{ name: "Read", input_schema: schema }],
  }));

const takes = (name: string, body: Json): boolean => {
  const rules = claudeRules[name];
  return rules === undefined || claudeRefusal(body, rules) === undefined;
};

const mapped = fc.constantFrom(...models.map(([name]) => name));

describe("a client of Messages whose model is mapped to one that takes less", () => {
  it("is served without a refusal, with what its own model takes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...models.map(([name]) => name), "gpt-6.1", "my-model"),
        mapped,
        messagesRequest,
        async (asked, model, request) => {
          fc.pre(takes(asked, request));
          const answer = await scene(model).ask("/v1/messages", { ...request, model: asked });
          expect(answer).toMatchObject({ status: 200 });
          expect(answer.sent).toHaveLength(1);
          expect(answer.text).toContain(answerText);
        },
      ),
      { numRuns: 600 },
    );
  });

  it("is passed on byte for byte where the models take the same, or its own is not changed", async () => {
    await fc.assert(
      fc.asyncProperty(mapped, messagesRequest, async (model, request) => {
        fc.pre(takes(model, request));
        for (const asked of [model, `anthropic/${model}`, `${model}-20260922`]) {
          const body = { ...request, model: asked };
          const { sent } = await scene(model, { baseUrl: "https://relay.test" }).ask("/v1/messages", body);
          expect(sent).toEqual([JSON.stringify({ ...body, model })]);
        }
      }),
      { numRuns: 80 },
    );
  });

  it("keeps every byte of what is not said otherwise", async () => {
    const history = `{"role":"assistant","content":[ {"signature":"${signature}","type":"thinking","thinking":"\\u0041 1.0"},{"type":"tool_use","id":"toolu_1","name":"Read","input":{"n":1.0,"s":"\\/"}} ]}`;
    const last = '{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"\\u00e9"}]}';
    const body = (choice: string, end: string, model: string) =>
      `{"odd" : 1e3, "model":"${model}","max_tokens":9.0,"tools":[{"name":"Read","input_schema":{"type":"object"}}],"tool_choice":${choice},"messages":[ {"role":"user","content":"\\u4e2d"} , ${history},${end} ], "x":{"a":1,"a":2}}`;
    const { fetch, requests } = mappedToOpus();
    await fetch("https://ccpb.test/v1/messages", {
      method: "POST",
      body: body('{"type":"tool","name":"Read"}', last, "claude-opus-5"),
    });
    const words = '{"type":"text","text":"Answer by calling the tool \\"Read\\". Do not answer in words alone."}';
    expect(requests[0]?.body).toBe(body('{"type":"auto"}', last.replace("}]}", `},${words}]}`), "claude-opus-5-5"));
  });

  it("keeps its headers, its query and its place among other sessions", async () => {
    const { fetch, requests } = mappedToOpus();
    await fetch("https://ccpb.test/v1/messages?beta=true", {
      method: "POST",
      headers: { "anthropic-beta": "context-1m-2025-08-07", "anthropic-version": "2023-06-01", "x-app": "cli" },
      body: JSON.stringify({ model: "claude-opus-5", max_tokens: 9, messages: [user], thinking: { type: "disabled" } }),
    });
    expect(requests[0]).toMatchObject({
      url: expect.stringMatching(/\?beta=true$/) as unknown,
      headers: { "anthropic-beta": "context-1m-2025-08-07", "anthropic-version": "2023-06-01", "x-app": "cli" },
    });
    expect(JSON.parse(requests[0]?.body ?? "")).toMatchObject({ output_config: { effort: "low" } });
  });

  it("goes on with a paused turn of server tools as it is", async () => {
    const paused = {
      role: "assistant",
      content: [{ type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } }],
    };
    const request = { model: "claude-haiku-4-5", max_tokens: 9, messages: [user, paused] };
    const { sent } = await scene("claude-opus-4-8").ask("/v1/messages", request);
    expect(JSON.parse(sent[0] ?? "")).toEqual({ ...request, model: "claude-opus-4-8" });
  });

  it("is counted as it is asked", async () => {
    const { ask } = scene("claude-opus-5-5");
    const request = { model: "claude-opus-5", messages: [user], tools: [{ name: "Read", input_schema: schema }] };
    const { sent } = await ask("/v1/messages/count_tokens", { ...request, tool_choice: { type: "any" } });
    expect(JSON.parse(sent[0] ?? "")).toMatchObject({ tool_choice: { type: "auto" } });
    expect(JSON.parse(sent[0] ?? "")).not.toHaveProperty("max_tokens");
  });
});

const efforts = fc.constantFrom(undefined, "none", "minimal", "low", "medium", "high", "xhigh", "max");
const temperatures = fc.constantFrom<Json[]>({}, { temperature: 1 }, { temperature: 0.2 }, { top_p: 0.5 });

const chatConversations: readonly (readonly Json[])[] = [
  [{ role: "system", content: "You are brief." }, user],
  [
    user,
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "Read", arguments: '{"a":"b"}' } }],
    },
    { role: "tool", tool_call_id: "call_1", content: "text of the file" },
  ],
  [user, { role: "assistant", content: "The answer is" }],
  [user, { role: "assistant", content: "Yes?" }, { role: "developer", content: "Hurry." }, user],
];

const chatRequest = fc
  .record({
    messages: fc.constantFrom(...chatConversations),
    reasoning_effort: efforts,
    tool_choice: fc.constantFrom(undefined, "auto", "none", "required", {
      type: "function",
      function: { name: "Read" },
    }),
    max_completion_tokens: fc.constantFrom(undefined, 3_000, 128_000),
    sampling: temperatures,
    stream: fc.boolean(),
  })
  .map(({ sampling, ...rest }): Json => ({
    ...JSON.parse(JSON.stringify(rest)),
    ...sampling,
    model: "gpt-6.1",
    tools: [{ type: "function", function: { name: "Read", parameters: schema } }],
  }));

const responsesInputs: readonly (readonly Json[])[] = [
  [user],
  [
    user,
    { type: "function_call", call_id: "call_1", name: "Read", arguments: '{"a":"b"}' },
    { type: "function_call_output", call_id: "call_1", output: "text of the file" },
  ],
  [user, { role: "assistant", content: "Yes?" }, { role: "developer", content: "Hurry." }, user],
];

const responsesRequest = fc
  .record({
    input: fc.constantFrom(...responsesInputs),
    effort: efforts,
    tool_choice: fc.constantFrom(undefined, "auto", "none", "required", { type: "function", name: "Read" }),
    max_output_tokens: fc.constantFrom(undefined, 3_000, 128_000),
    sampling: temperatures,
    stream: fc.boolean(),
  })
  .map(({ sampling, effort, ...rest }): Json => ({
    ...JSON.parse(JSON.stringify(rest)),
    ...sampling,
    model: "gpt-6.1",
    store: false,
    ...(effort !== undefined && { reasoning: { effort, summary: "auto" } }),
    tools: [{ type: "function", name: "Read", parameters: schema, strict: false }],
  }));

describe("a client of OpenAI's APIs at a model of Claude's", () => {
  it.each([
    ["Chat", "/v1/chat/completions", chatRequest],
    ["Responses", "/v1/responses", responsesRequest],
  ] as const)("is served without a refusal, whatever it asks for: %s", async (_name, path, requests) => {
    await fc.assert(
      fc.asyncProperty(mapped, requests, async (model, request) => {
        const answer = await scene(model).ask(path, request);
        expect(answer).toMatchObject({ status: 200 });
        expect(answer.sent).toHaveLength(1);
        expect(answer.text).toContain(answerText);
      }),
      { numRuns: 600 },
    );
  });
});
