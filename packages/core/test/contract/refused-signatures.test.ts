import { describe, expect, it } from "vitest";
import { Balancer, createFetch, type ProviderConfig } from "../../src/index.ts";
import { scriptedTransport } from "../../src/testing/scripted-transport.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

type Json = Readonly<Record<string, unknown>>;

/** What one answer holds that only its maker can read, by the place in which vendors put it. */
const places: Readonly<
  Record<string, { readonly message: (data: string) => Json; readonly baseUrl: string; readonly model: string }>
> = {
  "reasoning_details of OpenRouter": {
    baseUrl: "https://openrouter.ai/api/v1",
    model: "google/gemini-3-pro",
    message: (data) => ({ reasoning: "hm", reasoning_details: [{ type: "reasoning.encrypted", data, index: 0 }] }),
  },
  "signatures in reasoning_details": {
    baseUrl: "https://openrouter.ai/api/v1",
    model: "anthropic/claude-opus-5",
    message: (data) => ({ reasoning_details: [{ type: "reasoning.text", text: "hm", signature: data, index: 0 }] }),
  },
  "reasoning_opaque of Copilot": {
    baseUrl: "https://api.githubcopilot.com",
    model: "claude-opus-5",
    message: (data) => ({ reasoning_text: "hm", reasoning_opaque: data }),
  },
  "thought_signature of Gemini": {
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    model: "gemini-3-pro",
    message: (data) => ({
      tool_calls: [
        {
          id: "call_0",
          type: "function",
          function: { name: "look", arguments: "{}" },
          extra_content: { google: { thought_signature: data } },
        },
      ],
    }),
  },
};

const error = (body: unknown): string => JSON.stringify(body);
/** The errors in which vendors and gateways refuse such reasoning. */
const refusals: Readonly<Record<string, { readonly status?: number; readonly body: string }>> = {
  Gemini: {
    body: error([{ error: { code: 400, message: "Corrupted thought signature.", status: "INVALID_ARGUMENT" } }]),
  },
  "Gemini behind OpenRouter": {
    body: error({
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          raw: '{\n  "error": {\n    "code": 400,\n    "message": "Corrupted thought signature.",\n    "status": "INVALID_ARGUMENT"\n  }\n}\n',
          provider_name: "Google AI Studio",
        },
      },
    }),
  },
  "OpenRouter alone": { body: error({ error: { message: "Provider returned error", code: 400 } }) },
  "OpenRouter inside a 200": { status: 200, body: error({ error: { message: "Provider returned error", code: 400 } }) },
  "OpenAI behind OpenRouter": {
    body: error({
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          raw: error({
            error: {
              message:
                "The encrypted content for item rs_0a18166210d72b5e0069fd938e69a08193a992a58d690a224b could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
              type: "invalid_request_error",
              code: "invalid_encrypted_content",
            },
          }),
        },
      },
    }),
  },
  "Claude behind Bedrock and OpenRouter": {
    body: error({
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: { raw: '{"message":"messages.7.content.2: Invalid signature in thinking block"}' },
      },
    }),
  },
  Copilot: {
    body: error({
      error: { message: "messages.1.content.0: Invalid `signature` in `thinking` block", code: "invalid_request_body" },
    }),
  },
  "Google Cloud": {
    body: error({
      error: {
        code: 400,
        message:
          "Invalid value at 'contents[1].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding failed for \"x\"",
      },
    }),
  },
  "Google, without a reason": {
    body: error([
      { error: { code: 400, message: "Request contains an invalid argument.", status: "INVALID_ARGUMENT" } },
    ]),
  },
  "a relay": {
    status: 422,
    body: error({ error: { message: "upstream error: 400: thought_signature is not valid for this model" } }),
  },
};

const rows = Object.keys(places).flatMap((place) => Object.keys(refusals).map((refusal) => ({ place, refusal })));

/** A provider whose answers carry `data-N`, and which refuses every `data-N` that is in `refused`. */
function scene(place: string, refusal: string) {
  const { baseUrl, model, message } = places[place] as (typeof places)[string];
  const { status = 400, body: refusalBody } = refusals[refusal] as (typeof refusals)[string];
  const refused = new Set<string>();
  let count = 0;
  const clock = new VirtualClock();
  const { transport, requests } = scriptedTransport(clock, ({ body }) => {
    const headers = { "content-type": "application/json" };
    if ([...refused].some((data) => body.includes(data))) return { status, headers, body: refusalBody };
    count += 1;
    // As long as a real one: short ones tell nothing of who made them.
    const answer = { role: "assistant", content: `answer ${count}`, ...message(`data-${count}-${"x".repeat(60)}`) };
    const finish = "tool_calls" in answer ? "tool_calls" : "stop";
    return {
      status: 200,
      headers,
      body: JSON.stringify({ id: "c", model, choices: [{ index: 0, message: answer, finish_reason: finish }] }),
    };
  });
  const provider: ProviderConfig = {
    name: "p",
    type: "openai",
    baseUrl,
    auth: { type: "api_key", keys: ["key-000000000000"] },
    bigModel: model,
    smallModel: model,
    dialect: "chat",
  };
  const balancer = new Balancer(
    { providers: [provider], settings: { lastResort: true } },
    { clock, random: () => 0.5 },
  );
  const fetch = createFetch(balancer, transport);
  const history: Json[] = [];
  const say = async (text: string) => {
    const last = history.at(-1);
    const calls = (last?.["content"] as readonly Json[] | undefined)?.filter(({ type }) => type === "tool_use") ?? [];
    const results = calls.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "seen" }));
    history.push({ role: "user", content: [...results, { type: "text", text }] });
    const tools = [{ name: "look", description: "Looks.", input_schema: { type: "object", properties: {} } }];
    const thinking = { type: "enabled", budget_tokens: 2_000 };
    const request = { model: "claude-opus-5", max_tokens: 4_000, thinking, tools, messages: history };
    const before = requests.length;
    const response = await fetch("https://api.test/v1/messages", { method: "POST", body: JSON.stringify(request) });
    const answer = (await response.json()) as { readonly content: readonly Json[] };
    if (response.status === 200) history.push({ role: "assistant", content: answer.content });
    return { status: response.status, asked: requests.length - before, sent: requests.at(-1)?.body ?? "", answer };
  };
  return { say, refused };
}

const data = (count: number): string => `data-${count}-xxxx`;

describe("reasoning that only its maker can read, over Chat Completions", () => {
  it.each(rows)(
    "goes back to its maker, and is left out once it is refused: $place, $refusal",
    async ({ place, refusal }) => {
      const { say, refused } = scene(place, refusal);
      await say("one");
      const kept = await say("two");
      expect(kept).toMatchObject({ status: 200, asked: 1 });
      expect(kept.sent).toContain(data(1));
      // Another key, another cloud behind the gateway: what was good is so no more.
      refused.add(data(1)).add(data(2));
      const third = await say("three");
      expect(third).toMatchObject({ status: 200, asked: 2 });
      expect(third.sent).not.toContain(data(2));
      // Known by now; what was made since is good, and goes back.
      const fourth = await say("four");
      expect(fourth).toMatchObject({ status: 200, asked: 1 });
      expect(fourth.sent).toContain(data(3));
      expect(fourth.sent).not.toContain(data(1));
    },
  );

  it("keeps the first refusal where leaving it out does not help", async () => {
    const { say, refused } = scene("reasoning_details of OpenRouter", "Gemini");
    await say("one");
    refused.add("answer 1");
    const answer = { error: { message: "Corrupted thought signature." } };
    expect(await say("two")).toMatchObject({ status: 400, asked: 2, answer });
  });

  it("is not looked for where the request holds none", async () => {
    const { say, refused } = scene("reasoning_details of OpenRouter", "Gemini");
    refused.add("one");
    expect(await say("one")).toMatchObject({ status: 400, asked: 1 });
  });
});

describe("a Gemini model that misses the signature of a call", () => {
  const missing =
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:look` , position 2.";
  const openrouter = `Gemini models require OpenRouter reasoning details to be preserved in each request. Please refer to our docs. Upstream error: ${missing}`;
  const ask = async (baseUrl: string, model: string, refuse: (body: string) => string | undefined) => {
    const clock = new VirtualClock();
    const { transport, requests } = scriptedTransport(clock, ({ body }) => {
      const headers = { "content-type": "application/json" };
      const message = refuse(body);
      if (message !== undefined) return { status: 400, headers, body: error({ error: { message, code: 400 } }) };
      return {
        status: 200,
        headers,
        body: error({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] }),
      };
    });
    const auth = { type: "api_key", keys: ["key-000000000000"] } as const;
    const provider: ProviderConfig = { name: "p", type: "openai", baseUrl, auth, bigModel: model, smallModel: model };
    const settings = { lastResort: true };
    const fetch = createFetch(new Balancer({ providers: [provider], settings }, { clock }), transport);
    const messages = [
      { role: "user", content: "Look." },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "look", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "seen" }] },
    ];
    const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];
    const body = JSON.stringify({ model: "claude-opus-5", max_tokens: 100, messages, tools });
    const statuses: number[] = [];
    for (let count = 0; count < 2; count += 1) {
      const response = await fetch("https://api.test/v1/messages", { method: "POST", body });
      statuses.push(response.status);
    }
    return { statuses, asked: requests.length };
  };

  it.each([
    ["behind an alias", "https://relay.test/v1", "fast-latest", '"google":{"thought_signature"', missing, 3],
    [
      "in Google Cloud behind an alias",
      "https://relay.test/v1",
      "fast-latest",
      '"vertex":{"thought_signature"',
      missing,
      4,
    ],
    [
      "at OpenRouter behind an alias",
      "https://relay.test/v1",
      "fast-latest",
      '"type":"reasoning.encrypted"',
      openrouter,
      3,
    ],
    [
      "at OpenRouter",
      "https://openrouter.ai/api/v1",
      "google/gemini-3-flash",
      '"type":"reasoning.encrypted"',
      openrouter,
      2,
    ],
    [
      "at Google",
      "https://generativelanguage.googleapis.com/v1beta/openai",
      "gemini-3-flash",
      '"google":{"thought_signature"',
      missing,
      2,
    ],
  ])("is given the placeholder: %s", async (_name, baseUrl, model, wanted, words, asked) => {
    const result = await ask(baseUrl, model, (body) => (body.includes(wanted) ? undefined : words));
    expect(result).toEqual({ statuses: [200, 200], asked });
  });
});
