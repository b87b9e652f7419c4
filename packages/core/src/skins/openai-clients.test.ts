import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { JsonObject } from "../base/json.ts";
import { sealThinking } from "../dialects/responses/thinking-envelope.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { createFetch, toResponse } from "./fetch.ts";
import { respond } from "./respond.ts";

const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "Hello." }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
};
const response = {
  id: "resp_1",
  object: "response",
  status: "completed",
  model: "m",
  output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello." }] }],
};
const completion = {
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
};
const whole = { anthropic: message, chat: completion, responses: response };

interface Served {
  readonly status?: number;
  readonly body?: string;
  readonly delayMs?: number;
}

function stage(kind: keyof typeof whole, script: readonly Served[] = [], change: Partial<ProviderConfig> = {}) {
  const clock = new VirtualClock();
  let number = 0;
  const { transport, requests } = scriptedTransport(
    clock,
    () => script[number++] ?? { body: JSON.stringify(whole[kind]) },
  );
  const provider: ProviderConfig = {
    name: "one",
    type: kind === "anthropic" ? "anthropic" : "openai",
    baseUrl: kind === "anthropic" ? "https://one.test" : "https://one.test/v1",
    auth: { type: "api_key", keys: ["provider-key"] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    ...(kind !== "anthropic" && { dialect: kind }),
    ...change,
  };
  const balancer = new Balancer({ providers: [provider] }, { clock });
  const ask = (path: string, body: JsonObject, headers: Readonly<Record<string, string>> = {}) =>
    respond(
      balancer,
      { method: "POST", url: path, headers, body: new TextEncoder().encode(JSON.stringify(body)) },
      transport,
    );
  const fetch = createFetch(balancer, transport);
  return { ask, fetch, requests, clock };
}

const sent = (request: { readonly body: string } | undefined): JsonObject =>
  JSON.parse(request?.body ?? "null") as JsonObject;

const json = async (reply: Awaited<ReturnType<typeof respond>>) => (await toResponse(reply).json()) as JsonObject;

const chat = { model: "claude-sonnet-4-5", messages: [{ role: "user", content: "hi" }] };
const responses = { model: "claude-sonnet-4-5", input: "hi" };

describe("a client of OpenAI's APIs at a provider of the Messages API", () => {
  it.each([
    ["/v1/chat/completions", chat],
    ["/v1/responses", responses],
  ])("%s needs no limit, and has none of its own headers sent on", async (path, body) => {
    const { ask, requests } = stage("anthropic");
    const reply = await ask(path, body, {
      "openai-organization": "org-1",
      "x-stainless-lang": "js",
      "user-agent": "OpenAI/JS 7",
      originator: "codex_cli_rs",
      session_id: "s-1",
    });
    expect(reply.status).toBe(200);
    expect(sent(requests[0])).toMatchObject({ max_tokens: 32_000, messages: [{ role: "user", content: "hi" }] });
    expect(requests[0]?.headers).toMatchObject({
      "x-api-key": "provider-key",
      "user-agent": "ccpb",
      "anthropic-version": "2023-06-01",
    });
    expect(Object.keys(requests[0]?.headers ?? {}).join(" ")).not.toMatch(/openai|stainless|originator|session/);
  });

  it("is tried again with the limit that a refusal names", async () => {
    const error = {
      type: "invalid_request_error",
      message: "max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for some-model",
    };
    const { ask, requests } = stage("anthropic", [{ status: 400, body: JSON.stringify({ type: "error", error }) }]);
    expect(await ask("/v1/chat/completions", { ...chat, model: "some-model" })).toMatchObject({
      status: 200,
      attempts: 2,
    });
    expect(requests.map((request) => sent(request)["max_tokens"])).toEqual([32_000, 8_192]);
  });

  it("is told in the words of its own API what was refused", async () => {
    const error = { type: "invalid_request_error", message: "prompt is too long: 210000 tokens > 200000 maximum" };
    const { ask } = stage("anthropic", [{ status: 400, body: JSON.stringify({ type: "error", error }) }]);
    const reply = await ask("/v1/chat/completions", chat);
    expect(reply.status).toBe(400);
    expect(await json(reply)).toMatchObject({
      error: { code: "context_length_exceeded", type: "invalid_request_error" },
    });
  });
});

describe("developer turns at a provider that knows none", () => {
  const refusals: readonly (readonly [string, JsonObject])[] = [
    [
      "DeepSeek",
      {
        message:
          "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at line 1 column 58",
        type: "invalid_request_error",
        param: null,
        code: "invalid_request_error",
      },
    ],
    [
      "a relay",
      {
        message:
          "invalid parameter 'messages[0].role': invalid role 'developer', must be one of: system, user, assistant, tool",
        type: "gateway_error",
        param: "",
        code: "400002",
      },
    ],
    ["vLLM", { message: "Unexpected message role.", type: "BadRequestError", param: null, code: 400 }],
  ];
  const turns = [
    { role: "developer", content: "Be brief." },
    { role: "user", content: "hi" },
  ];
  const rolesOf = (request: { readonly body: string } | undefined, api: "chat" | "responses"): unknown =>
    (sent(request)[api === "chat" ? "messages" : "input"] as readonly JsonObject[]).map(({ role }) => role);

  it.each(
    refusals.flatMap(([what, error]) => (["chat", "responses"] as const).map((api) => [what, api, error] as const)),
  )("are refused by %s once, in %s, and are system turns from then on", async (_what, api, error) => {
    const { ask, requests } = stage(api, [{ status: 400, body: JSON.stringify({ error }) }]);
    const path = api === "chat" ? "/v1/chat/completions" : "/v1/responses";
    const body = { model: "my-model", [api === "chat" ? "messages" : "input"]: turns, unknown_member: { kept: true } };
    expect(await ask(path, body)).toMatchObject({ status: 200, attempts: 2 });
    expect(await ask(path, body)).toMatchObject({ status: 200, attempts: 1 });
    expect(requests.map((request) => rolesOf(request, api))).toEqual([
      ["developer", "user"],
      ["system", "user"],
      ["system", "user"],
    ]);
    expect(requests[2]?.body).toBe(JSON.stringify(body).replace("developer", "system"));
  });

  it("are the only part of a client's own request that a refusal changes", async () => {
    const error = { message: "Unknown parameter: 'top_p'.", type: "invalid_request_error", param: "top_p" };
    const { ask, requests } = stage("chat", [{ status: 400, body: JSON.stringify({ error }) }]);
    const reply = await ask("/v1/chat/completions", { model: "my-model", messages: turns, top_p: 1 });
    expect([reply.status, requests.length]).toEqual([400, 1]);
  });
});

describe("a stream that the provider refuses", () => {
  const refusal = (message: string): Served => ({
    status: 400,
    body: JSON.stringify({
      error: { message, type: "invalid_request_error", param: "stream", code: "unsupported_value" },
    }),
  });
  const refusals = [
    "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.",
    "Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.",
    "Streaming is not supported for this model.",
  ];
  const clients = [
    ["/v1/messages", { model: "o3", max_tokens: 99, messages: chat.messages }, "message_stop"],
    ["/v1/chat/completions", { ...chat, model: "o3", stream_options: { include_usage: true } }, "[DONE]"],
    ["/v1/responses", { model: "o3", input: "hi" }, "response.completed"],
  ] as const;

  it.each(
    (["chat", "responses"] as const).flatMap((api) =>
      clients.flatMap(([path, body, end]) => refusals.map((message) => ({ api, path, body, end, message }))),
    ),
  )("over $api comes for $path from a whole answer: $message", async ({ api, path, body, end, message }) => {
    const { ask, requests } = stage(api, [refusal(message)]);
    for (const attempts of [2, 1]) {
      const reply = await ask(path, { ...body, stream: true });
      expect(reply).toMatchObject({ status: 200, attempts });
      expect(reply.headers["content-type"]).toContain("event-stream");
      const text = await toResponse(reply).text();
      expect(text).toContain("Hello.");
      expect(text).toContain(end);
    }
    expect(requests.map((request) => [sent(request)["stream"], "stream_options" in sent(request)])).toEqual([
      [true, expect.any(Boolean)],
      [false, false],
      [false, false],
    ]);
    const whole = await ask(path, body.model === "o3" ? { ...body, stream_options: undefined } : body);
    expect(whole).toMatchObject({ status: 200, attempts: 1 });
    expect(requests[3]?.body).not.toContain('"stream":true');
  });

  it.each([
    ["/v1/messages", clients[0][1]],
    ["/v1/chat/completions", clients[1][1]],
  ])("has the time of a whole answer for %s", async (path, body) => {
    const { ask, clock } = stage("chat", [
      refusal(refusals[0] ?? ""),
      { body: JSON.stringify(completion), delayMs: 120_000 },
    ]);
    const reply = ask(path, { ...body, stream: true });
    await clock.advance(130_000);
    expect(await reply).toMatchObject({ status: 200, attempts: 2 });
  });

  it("costs neither the key nor the model, where it is refused in another way as well", async () => {
    const { ask } = stage("chat", [refusal(refusals[0] ?? ""), refusal(refusals[0] ?? "")]);
    expect((await ask("/v1/chat/completions", { ...chat, model: "o3", stream: true })).status).toBe(400);
    expect((await ask("/v1/chat/completions", { ...chat, model: "o3" })).status).toBe(200);
  });
});

describe("summaries of reasoning that the provider refuses", () => {
  const body = { model: "o3", reasoning: { effort: "high", summary: "auto" }, input: "hi" };
  const plain = '{"model":"o3","reasoning":{"effort":"high"},"input":"hi"}';
  const message =
    "Your organization must be verified to generate reasoning summaries. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.";
  const error = { message, type: "invalid_request_error", param: "reasoning.summary", code: "unsupported_value" };

  it("are not asked for any more, also in a client's own request", async () => {
    const { ask, requests } = stage("responses", [{ status: 400, body: JSON.stringify({ error }) }]);
    expect(await ask("/v1/responses", body)).toMatchObject({ status: 200, attempts: 2 });
    expect(await ask("/v1/responses", body)).toMatchObject({ status: 200, attempts: 1 });
    expect(requests.map((request) => request.body)).toEqual([JSON.stringify(body), plain, plain]);
  });

  it("are not asked for where the configuration says so", async () => {
    const { ask, requests } = stage("responses", [], { profile: { reasoningSummary: false } });
    await ask("/v1/responses", body);
    expect(requests[0]?.body).toBe(plain);
  });
});

describe("what the configuration leaves out of requests, or merges into them", () => {
  const profile = {
    omit: ["store", "messages.*.name", "input.*.name", "metadata.secret", "model"],
    extraBody: { provider: { data_collection: "deny" }, user: "operator" },
  };
  const merged = '"provider":{"data_collection":"deny"}';

  it.each<[api: "chat" | "responses", given: string, expected: string]>([
    [
      "chat",
      '{"model":"m", "store" : true,"messages":[{"role":"user","name":"n","content":"hi"}],"n":1}',
      `{"model":"m","messages":[{"role":"user","content":"hi"}],"n":1,${merged},"user":"operator"}`,
    ],
    [
      "chat",
      '{"user":"u","model":"m","messages":[{"role":"user","content":"hi"}],"user":"v","metadata":{"secret":"s","a":1}}',
      `{"user":"operator","model":"m","messages":[{"role":"user","content":"hi"}],"user":"operator","metadata":{"a":1},${merged}}`,
    ],
    [
      "responses",
      '{"model":"m","input":[{"role":"user","name":"n","content":"hi"}],"store":false}',
      `{"model":"m","input":[{"role":"user","content":"hi"}],${merged},"user":"operator"}`,
    ],
    ["responses", '{"model":"m","input":"hi"}', `{"model":"m","input":"hi",${merged},"user":"operator"}`],
  ])("holds for a client of the provider's own API, mapped or not: %s %s", async (api, given, expected) => {
    const path = api === "chat" ? "/v1/chat/completions" : "/v1/responses";
    for (const mapped of ["m", "other-model"]) {
      const { ask, requests } = stage(api, [], { profile, bigModel: mapped });
      expect((await ask(path, JSON.parse(given) as JsonObject)).status).toBe(200);
      // Twice the same member is not what a parsed body can hold.
      const { fetch, requests: raw } = stage(api, [], { profile, bigModel: mapped });
      await fetch(`https://ccpb.test${path}`, { method: "POST", body: given });
      const text = expected.replace('"model":"m"', `"model":"${mapped}"`);
      expect(raw[0]?.body).toBe(text);
      expect(sent(requests[0])).toEqual(JSON.parse(text));
    }
  });

  it("changes nothing where the request is as they want it", async () => {
    const body = '{"model":"m", "messages":[ {"role":"user","content":"hi"} ]}';
    const { fetch, requests } = stage("chat", [], { profile: { omit: ["store", "tools.*.strict"] } });
    await fetch("https://ccpb.test/v1/chat/completions", { method: "POST", body });
    expect(requests[0]?.body).toBe(body);
  });

  it("is not what refusals taught of other clients' requests", async () => {
    const refusal = {
      error: { message: "Unknown parameter: 'top_p'.", type: "invalid_request_error", param: "top_p" },
    };
    const { ask, requests } = stage("chat", [{ status: 400, body: JSON.stringify(refusal) }], {
      profile: { omit: ["store"] },
    });
    const messages = [{ role: "user", content: "hi" }];
    expect((await ask("/v1/messages", { model: "m", max_tokens: 9, top_p: 0.5, messages })).status).toBe(200);
    expect(requests.map((request) => "top_p" in sent(request))).toEqual([true, false]);
    await ask("/v1/chat/completions", { model: "m", top_p: 0.5, store: true, messages });
    expect(requests[2]?.body).toBe(JSON.stringify({ model: "m", top_p: 0.5, messages }));
  });
});

const sealed = sealThinking({ type: "thinking", thinking: "Hm.", signature: "s".repeat(60) });
const history = (...items: readonly JsonObject[]) => ({
  model: "gpt-5.6",
  unknown_member: { kept: true },
  input: [{ role: "user", content: "hi" }, ...items, { role: "user", content: "go on" }],
});
const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Yes?" }] };
const reasoning = (encrypted: string) => ({ type: "reasoning", id: "rs_1", summary: [], encrypted_content: encrypted });

describe("a client of Responses at a provider of Responses", () => {
  it("has its bytes passed on", async () => {
    const { ask, requests } = stage("responses");
    const body = history(reasoning("gAAAA-own"), said);
    await ask("/v1/responses", body, { "openai-beta": "b", authorization: "Bearer client" });
    expect(requests[0]?.body).toBe(JSON.stringify(body));
    expect(requests[0]?.headers).toMatchObject({ "openai-beta": "b", authorization: "Bearer provider-key" });
  });

  it("does not send thinking of Claude's on as encrypted reasoning", async () => {
    const { ask, requests } = stage("responses");
    await ask("/v1/responses", history(reasoning(sealed), said, reasoning("gAAAA-own")));
    expect(sent(requests[0])).toEqual(history(said, reasoning("gAAAA-own")));
  });

  it("goes on without reasoning that the provider cannot read, and leaves it out from then on", async () => {
    const error = {
      message: "The encrypted content gAAA... could not be verified.",
      code: "invalid_encrypted_content",
    };
    const { ask, requests } = stage("responses", [{ status: 400, body: JSON.stringify({ error }) }]);
    const body = history(reasoning("gAAAA-of-another-organisation"), said);
    expect(await ask("/v1/responses", body)).toMatchObject({ status: 200, attempts: 2 });
    expect(await ask("/v1/responses", body)).toMatchObject({ status: 200, attempts: 1 });
    for (const request of requests.slice(1)) expect(sent(request)).toEqual(history(said));
  });
});

describe("a client of Chat Completions at a provider of Chat Completions", () => {
  const details = [
    { type: "reasoning.text", text: "Hm.", signature: "s".repeat(60), format: "anthropic-claude-v1", index: 0 },
  ];
  const thought = { role: "assistant", content: "Yes?", reasoning_content: "Hm.", reasoning_details: details };
  const conversation = (turn: JsonObject) => ({
    model: "m",
    messages: [...chat.messages, turn, { role: "user", content: "go on" }],
  });

  it.each([
    ["drop", { role: "assistant", content: "Yes?" }],
    ["reasoning_content", { role: "assistant", content: "Yes?", reasoning_content: "Hm." }],
    ["reasoning_details", thought],
  ] as const)("has Claude's thinking sent as the provider takes it: %s", async (reasoningHistory, turn) => {
    const { ask, requests } = stage("chat", [], { profile: { reasoningHistory } });
    await ask("/v1/chat/completions", conversation(thought));
    expect(sent(requests[0])).toEqual(conversation(turn));
  });

  it("keeps the provider's own", async () => {
    const own = { role: "assistant", content: "Yes?", reasoning_content: "Hm." };
    const { ask, requests } = stage("chat");
    await ask("/v1/chat/completions", conversation(own));
    expect(sent(requests[0])).toEqual(conversation(own));
  });
});

describe("createFetch", () => {
  it.each([
    ["/v1/messages", { ...chat, max_tokens: 9 }, "message"],
    ["/v1/chat/completions", chat, "chat.completion"],
    ["/v1/responses", responses, "response"],
  ])("serves %s by its path", async (path, body, kind) => {
    const { fetch } = stage("anthropic");
    const reply = await fetch(`http://ccpb${path}`, { method: "POST", body: JSON.stringify(body) });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("x-ccpb-provider")).toBe("one");
    const answer = (await reply.json()) as JsonObject;
    expect(answer["object"] ?? answer["type"]).toBe(kind);
  });

  it.each(["/v1/chat/completions", "/v1/responses"])("tells errors of %s in the shape of OpenAI's", async (path) => {
    const { fetch } = stage("anthropic");
    const reply = await fetch(`http://ccpb${path}`, { method: "POST", body: "{}" });
    expect(reply.status).toBe(400);
    const { error } = (await reply.json()) as { readonly error: JsonObject };
    expect(error).toMatchObject({ type: "invalid_request_error", param: expect.anything() as unknown });
    expect(Object.keys(error)).toContain("code");
  });
});

describe("an item of an earlier answer", () => {
  const ask = async (fetch: ReturnType<typeof createFetch>, key: string, input: unknown, more: object = {}) => {
    const request = { model: "gpt-5.6", input, ...more };
    const headers = { authorization: `Bearer ${key}` };
    const reply = await fetch("https://ccpb.test/v1/responses", {
      method: "POST",
      headers,
      body: JSON.stringify(request),
    });
    return { status: reply.status, body: (await reply.json()) as { output: { id: string }[] } };
  };
  const referring = (id: string | undefined) => [
    { role: "user", content: "Hi" },
    { type: "item_reference", id },
    { role: "user", content: "And?" },
  ];

  it("can be referred to by the client that was given it, and by no other", async () => {
    const { fetch, requests } = stage("anthropic");
    const first = await ask(fetch, "key-of-alice", "Hi");
    const id = first.body.output[0]?.id;
    expect(await ask(fetch, "key-of-alice", referring(id))).toMatchObject({ status: 200 });
    expect(requests.at(-1)?.body).toContain("Hello.");
    expect(await ask(fetch, "key-of-bob", referring(id))).toMatchObject({ status: 400 });
  });

  it("is not kept where the client asked for that", async () => {
    const { fetch } = stage("anthropic");
    const first = await ask(fetch, "key-of-alice", "Hi", { store: false });
    expect(await ask(fetch, "key-of-alice", referring(first.body.output[0]?.id))).toMatchObject({ status: 400 });
  });
});
