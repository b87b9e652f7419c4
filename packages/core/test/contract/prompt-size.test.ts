import { Balancer, type BalancerConfig, countTokens, type ProviderConfig, send } from "@ccpb/core";
import type { MessagesRequest } from "@ccpb/core/protocol";
import { type ScriptedReply, scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";

type Override = Partial<ProviderConfig>;

const provider = (name: string, override: Override = {}): ProviderConfig => ({
  name,
  type: "anthropic",
  baseUrl: `https://${name}.test${override.type === "openai" ? "/v1" : ""}`,
  auth: { type: "api_key", keys: ["k"] },
  bigModel: "claude-opus-4-6",
  smallModel: "claude-opus-4-6",
  enabled: true,
  ...override,
});

const prose = "the quick brown fox jumps over the lazy dog and runs away again ";
const ask = (words: number, more: object = {}): MessagesRequest => ({
  model: "claude-opus-4-6",
  max_tokens: 64,
  messages: [{ role: "user", content: prose.repeat(Math.ceil(words / 13)) }],
  ...more,
});

const message = (inputTokens: number): string =>
  JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-4-6",
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: inputTokens, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
  });

const completion = (promptTokens: number): string =>
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: promptTokens, completion_tokens: 5, total_tokens: promptTokens + 5 },
  });

function world(config: BalancerConfig, answer: (host: string, url: string) => ScriptedReply) {
  const clock = new VirtualClock();
  const balancer = new Balancer(config, { clock, random: () => 0.5 });
  const { transport, requests } = scriptedTransport(clock, ({ url }) => answer(new URL(url).hostname, url));
  const raw = (request: MessagesRequest) => ({ body: new TextEncoder().encode(JSON.stringify(request)) });
  return {
    clock,
    balancer,
    requests,
    ask: (request: MessagesRequest) => send(balancer.open(raw(request)), transport),
    count: async (request: MessagesRequest, options = {}) => {
      const reply = await countTokens(balancer, raw(request), transport, options);
      if (!ArrayBuffer.isView(reply.body)) throw new Error("a count is one body");
      const { input_tokens: tokens } = JSON.parse(new TextDecoder().decode(reply.body)) as { input_tokens: number };
      return { tokens, source: reply.headers["x-ccpb-token-count"] ?? "provider" };
    },
    hosts: () => requests.map(({ url }) => new URL(url).hostname.replace(".test", "")),
  };
}

describe("estimates learn from answers", () => {
  it.each([
    ["anthropic", message],
    ["openai", completion],
  ] as const)("from those of an %s provider, whole and in any order of magnitude", async (type, answer) => {
    const providers = [provider("a", { type })];
    const {
      ask: askOnce,
      clock,
      count,
    } = world({ providers }, (_host, url) =>
      url.includes("count_tokens") ? { status: 404 } : { body: answer(6_000) },
    );
    const request = ask(2_600);
    const before = await count(request);
    expect(before.source).toBe("estimated");
    expect(before.tokens).toBeLessThan(3_500);
    for (let answers = 0; answers < 40; answers += 1) {
      await askOnce(request);
      await clock.advance(10_000);
    }
    expect(Math.abs((await count(request)).tokens / 6_000 - 1)).toBeLessThan(0.05);
  });

  it("keeps what it learned over a reload, and forgets a provider that is gone", async () => {
    const a = provider("a");
    const {
      ask: askOnce,
      balancer,
      count,
    } = world({ providers: [a] }, (_host, url) =>
      url.includes("count_tokens") ? { status: 404 } : { body: message(6_000) },
    );
    const request = ask(2_600);
    const fresh = (await count(request)).tokens;
    await askOnce(request);
    const learned = (await count(request)).tokens;
    expect(learned).toBeGreaterThan(fresh * 1.3);
    balancer.reload({ providers: [{ ...a, weight: 3 }, provider("b")] });
    expect((await count(request)).tokens).toBe(learned);
    balancer.reload({ providers: [provider("b")] });
    balancer.reload({ providers: [a] });
    expect((await count(request)).tokens).toBe(fresh);
  });

  it("begins a translated stream with the corrected estimate", async () => {
    const chunk = (choice: object, more: object = {}): string =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, ...choice }], ...more })}\n\n`;
    const body = [
      chunk({ delta: { role: "assistant", content: "Hi" } }),
      chunk({ delta: {}, finish_reason: "stop" }, { usage: { prompt_tokens: 6_000, completion_tokens: 1 } }),
      "data: [DONE]\n\n",
    ];
    const { ask: askOnce } = world({ providers: [provider("a", { type: "openai" })] }, () => ({ body }));
    const told: number[] = [];
    for (let answers = 0; answers < 2; answers += 1) {
      const reply = await askOnce(ask(2_600, { stream: true }));
      let text = "";
      for await (const bytes of reply.body as AsyncIterable<Uint8Array>) text += new TextDecoder().decode(bytes);
      told.push(Number(/message_start.*?"input_tokens":(\d+)/s.exec(text)?.[1]));
    }
    expect(told[0]).toBeGreaterThan(2_000);
    expect(told[1]).toBeGreaterThan((told[0] ?? 0) * 1.3);
  });
});

describe("countTokens without a provider that counts", () => {
  const providers = [provider("a", { type: "openai" })];

  it("asks a tokeniser for all texts at once", async () => {
    const { count } = world({ providers }, () => ({ status: 500 }));
    const seen: (readonly string[])[] = [];
    const { tokens } = await count(ask(13, { system: "be brief", tools: [{ name: "f", input_schema: {} }] }), {
      countTexts: async (texts: readonly string[]) => {
        seen.push(texts);
        return texts.map(() => 1_000);
      },
    });
    expect(seen).toEqual([["be brief", prose, '{"name":"f","input_schema":{}}']]);
    expect(tokens).toBeGreaterThan(3_000);
  });

  it.each([
    ["has nothing to say", async () => undefined],
    ["fails", () => Promise.reject(new Error("no thread"))],
    ["miscounts", async () => [1]],
  ])("goes without it where it %s", async (_what, countTexts) => {
    const { count } = world({ providers }, () => ({ status: 500 }));
    const request = ask(2_600, { system: "be brief" });
    expect(await count(request, { countTexts })).toEqual(await count(request));
  });
});

describe("a provider's context window", () => {
  const small = provider("small", { contextWindow: 20_000 });
  const narrow = provider("narrow", { type: "openai", contextWindow: 1_000 });
  const large = provider("large");

  it("puts who cannot hold the prompt behind those who can", async () => {
    const { ask: askOnce, hosts } = world({ providers: [small, large] }, () => ({ body: message(9) }));
    await askOnce(ask(10_000));
    await askOnce(ask(30_000));
    expect(hosts()).toEqual(["small", "large"]);
  });

  it("excludes nobody: who is too small is tried where the others fail", async () => {
    const { ask: askOnce, hosts } = world({ providers: [small, large] }, (host) =>
      host === "large.test" ? { status: 529 } : { body: message(9) },
    );
    expect((await askOnce(ask(30_000))).status).toBe(200);
    expect(hosts()).toEqual(["large", "small"]);
    const alone = world({ providers: [small] }, () => ({ body: message(9) }));
    expect((await alone.ask(ask(30_000))).status).toBe(200);
  });

  it("is held against the estimate for each candidate's own model", async () => {
    const dense = provider("dense", {
      contextWindow: 40_000,
      bigModel: "claude-opus-5-5",
      smallModel: "claude-haiku-5",
    });
    const { ask: askOnce, hosts } = world({ providers: [dense, large] }, () => ({ body: message(9) }));
    await askOnce(ask(25_000));
    await askOnce(ask(35_000));
    expect(hosts()).toEqual(["dense", "large"]);
  });

  it("counts for translated providers too", async () => {
    const { ask: askOnce, hosts } = world({ providers: [narrow, large] }, (host) => ({
      body: host === "large.test" ? message(9) : completion(9),
    }));
    await askOnce(ask(100));
    await askOnce(ask(2_000));
    expect(hosts()).toEqual(["narrow", "large"]);
  });
});

describe("countTokens at a provider that counts", () => {
  const thinking = { type: "thinking", thinking: "Let me see.", signature: "EqMBCkgIBBABGAIiQKforeignsignature" };
  const history = [
    { role: "user", content: "Hello" },
    { role: "assistant", content: [thinking, { type: "text", text: "Hi" }] },
    { role: "user", content: "Again" },
  ];

  it("asks without thinking of which it is known that another made it, as it would be served", async () => {
    const answered = JSON.stringify({ ...JSON.parse(message(9)), content: [thinking, { type: "text", text: "Hi" }] });
    let isFirstDown = true;
    const {
      ask: askOnce,
      clock,
      count,
      requests,
    } = world({ providers: [provider("a"), provider("b")] }, (host, url) => {
      if (url.includes("count_tokens")) return { body: JSON.stringify({ input_tokens: 7 }) };
      return host === "a.test" && isFirstDown ? { status: 500, body: "" } : { body: answered };
    });
    await askOnce(ask(5));
    isFirstDown = false;
    await clock.advance(3_600_000);
    expect(await count(ask(5, { messages: history }))).toEqual({ tokens: 7, source: "provider" });
    const asked = requests.at(-1);
    expect(asked?.url).toMatch(/^https:\/\/a\.test\/v1\/messages\/count_tokens/);
    expect(asked?.body).not.toContain("foreignsignature");
    expect(asked?.body).toContain('"text":"Hi"');
  });
});
