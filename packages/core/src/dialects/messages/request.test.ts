import { describe, expect, it } from "vitest";
import type { ProviderConfig } from "../../base/config-types.ts";
import { makeSignature } from "../../conversation/ids/signature.ts";
import { forgeServerToolId } from "../../conversation/ids/server-tool-ids.ts";
import { ClientRequest } from "./client-request.ts";
import { buildRequest } from "../../call/build-request.ts";
import type { RequestChanges } from "../request-changes.ts";

const provider = (baseUrl: string, more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  name: "p",
  type: "anthropic",
  baseUrl,
  auth: { type: "api_key", keys: ["key-0000000000000000"] },
  bigModel: "passthrough",
  smallModel: "passthrough",
  enabled: true,
  ...more,
});
const unchanged: RequestChanges = {
  withoutThinking: false,
  dialect: undefined,
  maxTokens: undefined,
  isForeignProof: undefined,
  lessons: [],
};
const anthropic = provider("https://api.anthropic.com");
const elsewhere = provider("https://gateway.test");
const deepseek = provider("https://api.deepseek.com/anthropic");
const bedrock = provider("https://bedrock-runtime.us-east-1.amazonaws.com");

interface SentBody {
  readonly messages: { readonly content: unknown }[];
  readonly tools?: unknown[];
  readonly system?: unknown[];
  readonly metadata?: unknown;
  readonly thinking?: unknown;
  readonly output_config?: unknown;
  readonly context_management?: unknown;
}

function sent(
  to: ProviderConfig,
  body: object | string,
  {
    changes = {},
    headers = {},
    model = "claude-opus-5-5",
  }: {
    changes?: Partial<RequestChanges>;
    headers?: Record<string, string>;
    model?: string;
  } = {},
) {
  const raw = { body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)), headers };
  const built = buildRequest(to, { provider: "p", keyIndex: 0, model }, new ClientRequest(raw), {
    ...unchanged,
    ...changes,
  });
  if (!("request" in built)) throw new Error("a local answer");
  const decoder = new TextDecoder();
  const text = built.request.body.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  return { text, json: JSON.parse(text) as SentBody, headers: built.request.headers };
}

const ask = { model: "claude-opus-5-5", max_tokens: 64, messages: [{ role: "user", content: "hi" }] };
const thinking = (signature: string) => ({ type: "thinking", thinking: "hm", signature });
const call = { type: "tool_use", id: "toolu_1", name: "f", input: {} };
const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "ok" }] };
const real = `E${"a".repeat(200)}`;
const loop = (...blocks: object[]) => ({
  ...ask,
  messages: [{ role: "user", content: "q" }, { role: "assistant", content: blocks }, result],
});

describe("thinking that an anthropic provider must not be sent", () => {
  const own = makeSignature({ provider: "other", origin: { kind: "rc" } });

  it.each([anthropic, elsewhere, deepseek])("goes where our translation made it: $baseUrl (H-02)", (to) => {
    const { json } = sent(to, loop(thinking(own), thinking(real), call));
    expect(json.messages[1]?.content).toEqual([thinking(real), call]);
  });

  it.each(["", "x".repeat(24), `gAAAA${"x".repeat(300)}`])(
    "goes where no Anthropic API can have signed it, and stays at compatible vendors: %s (H-02)",
    (signature) => {
      const request = loop(thinking(signature), { type: "text", text: "t" }, call);
      expect(sent(anthropic, request).json.messages[1]?.content).toEqual([{ type: "text", text: "t" }, call]);
      expect(sent(elsewhere, request).text).toBe(JSON.stringify(request));
      const strict = provider("https://gateway.test", { nativeProfile: { checksSignatures: true } });
      expect(sent(strict, request).json.messages[1]?.content).toHaveLength(2);
    },
  );

  it("stays, byte for byte, where nothing tells against it (H-08)", () => {
    const text = `{"model":"claude-opus-5-5","max_tokens":6.4e1,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"\\u0041","signature":"${real}"}]},{"role":"user","content":"\\/"}]}`;
    expect(sent(anthropic, text).text).toBe(text);
    expect(sent(anthropic, text, { model: "m" }).text).toBe(text.replace("claude-opus-5-5", "m"));
  });

  it("goes where another domain is known to have made it, redacted thinking too (H-03, H-04)", () => {
    const request = loop(thinking(real), { type: "redacted_thinking", data: "d".repeat(60) }, call);
    const { json } = sent(elsewhere, request, { changes: { isForeignProof: (proof) => proof.startsWith("d") } });
    expect(json.messages[1]?.content).toEqual([thinking(real), call]);
  });

  it("takes a turn with it that holds nothing else, and nothing more (H-06)", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: [thinking(own)] },
      { role: "user", content: "b" },
      { role: "assistant", content: [] },
      { role: "user", content: "c" },
      { role: "assistant", content: [thinking(own), call] },
      result,
    ];
    const { json } = sent(anthropic, { ...ask, messages });
    expect(json.messages).toEqual([
      messages[0],
      messages[2],
      messages[3],
      messages[4],
      { role: "assistant", content: [call] },
      result,
    ]);
  });

  it("leaves no trace in the request of the next provider (H-17)", () => {
    const request = loop(thinking(own), call);
    const client = new ClientRequest({ body: new TextEncoder().encode(JSON.stringify(request)) });
    const before = client.body.slice();
    buildRequest(anthropic, { provider: "p", keyIndex: 0, model: "m" }, client, {
      ...unchanged,
      withoutThinking: true,
    });
    expect(client.body).toEqual(before);
    expect(client.parsed).toEqual(request);
  });

  it("includes searches that a translator told of as if a server of Anthropic's had made them (H-15)", () => {
    const id = forgeServerToolId("ws_1");
    const search = { type: "server_tool_use", id, name: "web_search", input: { query: "x" } };
    const found = { type: "web_search_tool_result", tool_use_id: id, content: [] };
    const genuine = { ...search, id: "srvtoolu_01A" };
    const { json } = sent(anthropic, loop(search, found, genuine, { type: "text", text: "t" }));
    expect(json.messages[1]?.content).toEqual([genuine, { type: "text", text: "t" }]);
  });
});

describe("a running tool turn that lost its thinking (H-07)", () => {
  const own = makeSignature({ provider: "other", origin: { kind: "none" } });
  const enabled = { thinking: { type: "enabled", budget_tokens: 1024 } };
  const edits = [{ type: "clear_tool_uses_20250919" }, { type: "clear_thinking_20251015" }];

  it("is sent with thinking turned off, and without the edit that needs it", () => {
    const { json } = sent(anthropic, { ...loop(thinking(own), call), ...enabled, context_management: { edits } });
    expect(json.thinking).toEqual({ type: "disabled" });
    expect(json.context_management).toEqual({ edits: [edits[0]] });
    const only = sent(anthropic, {
      ...loop(thinking(own), call),
      ...enabled,
      context_management: { edits: [edits[1]] },
    });
    expect(only.json).not.toHaveProperty("context_management");
  });

  it("is left alone where the model thinks as it sees fit", () => {
    const { json } = sent(anthropic, { ...loop(thinking(own), call), thinking: { type: "adaptive" } });
    expect(json.thinking).toEqual({ type: "adaptive" });
  });

  it("counts from the user's last own words: a loop of calls is one turn", () => {
    const messages = [
      { role: "user", content: "q" },
      { role: "assistant", content: [thinking(real), call] },
      result,
      { role: "assistant", content: [call] },
      result,
    ];
    const request = { ...ask, ...enabled, messages };
    expect(sent(anthropic, request).text).toBe(JSON.stringify(request));
    const { json } = sent(anthropic, request, { changes: { isForeignProof: () => true } });
    expect(json.thinking).toEqual({ type: "disabled" });
  });

  it("is over when the user speaks again", () => {
    const messages = [
      ...loop(thinking(own), call).messages,
      { role: "assistant", content: "done" },
      { role: "user", content: "next" },
    ];
    expect(sent(anthropic, { ...ask, ...enabled, messages }).json.thinking).toEqual(enabled.thinking);
  });
});

describe("a provider of Anthropic's form", () => {
  const system = {
    role: "system",
    content: [{ type: "text", text: "env", cache_control: { type: "ephemeral" } }],
    output_config: { effort: "low" },
  };
  const reminder = {
    type: "text",
    text: "<system-reminder>\nenv\n</system-reminder>",
    cache_control: { type: "ephemeral" },
  };
  const everything = {
    ...ask,
    system: [{ type: "text", text: "S" }],
    messages: [...ask.messages, system],
    metadata: { user_id: JSON.stringify({ device_id: "d", account_uuid: "", session_id: "s" }), other: 1 },
    thinking: { type: "disabled" },
    output_config: { effort: "low" },
    context_management: { edits: [] },
    safeguards: [],
    temperature: 1,
  };

  it.each([anthropic, elsewhere])("gets the client's bytes where nothing is known to disagree: $baseUrl", (to) => {
    const { text, headers } = sent(to, everything, {
      headers: { "anthropic-beta": "a,b", "anthropic-version": "2026-10-21" },
    });
    expect(text).toBe(JSON.stringify(everything));
    expect(headers).toMatchObject({ "anthropic-beta": "a,b", "anthropic-version": "2026-10-21" });
  });

  it("gets system turns folded into the user's where it knows none (A-01)", () => {
    const fold = (messages: object[]) => sent(deepseek, { ...ask, messages }).json.messages;
    expect(fold([{ role: "user", content: "hi" }, system])).toEqual([
      { role: "user", content: [{ type: "text", text: "hi" }, reminder] },
    ]);
    expect(fold([system, { role: "user", content: [{ type: "text", text: "hi" }] }])).toEqual([
      { role: "user", content: [reminder, { type: "text", text: "hi" }] },
    ]);
    const turn = { role: "assistant", content: [thinking(real), call] };
    expect(fold([{ role: "user", content: "q" }, turn, system, result])).toEqual([
      { role: "user", content: "q" },
      turn,
      { role: "user", content: [...result.content, reminder] },
    ]);
    expect(fold([{ role: "user", content: "q" }, { role: "assistant", content: "a" }, system])).toEqual([
      { role: "user", content: "q" },
      { role: "assistant", content: "a" },
      { role: "user", content: [reminder] },
    ]);
    expect(
      fold([
        { role: "user", content: "q" },
        { role: "system", content: [] },
      ]),
    ).toEqual([{ role: "user", content: "q" }]);
    const forOneTurn = { ...system, clear_at: "next_user_message" };
    expect(fold([{ role: "user", content: "q" }, forOneTurn, { role: "user", content: "r" }, forOneTurn])).toEqual([
      { role: "user", content: "q" },
      { role: "user", content: [{ type: "text", text: "r" }, reminder] },
    ]);
  });

  it("gets only the members that it takes (A-02)", () => {
    expect(Object.keys(sent(bedrock, everything).json)).toEqual([
      "model",
      "max_tokens",
      "messages",
      "system",
      "metadata",
      "thinking",
      "output_config",
      "temperature",
    ]);
    expect(sent(bedrock, everything, { model: "claude-sonnet-4-5" }).json).not.toHaveProperty("output_config");
  });

  it("gets a user id that it takes (A-03)", () => {
    expect(sent(deepseek, everything).json.metadata).toEqual({
      user_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      other: 1,
    });
    const plain = { ...ask, metadata: { user_id: "user-1" } };
    expect(sent(deepseek, plain).json.metadata).toEqual(plain.metadata);
  });

  it("gets no effort beside disabled thinking where that is refused (A-04)", () => {
    expect(sent(deepseek, everything).json).not.toHaveProperty("output_config");
    const format = { ...everything, output_config: { format: { type: "json_schema" }, effort: "low" } };
    expect(sent(deepseek, format).json.output_config).toEqual({ format: { type: "json_schema" } });
    const on = { ...everything, thinking: { type: "adaptive" } };
    expect(sent(deepseek, on).json.output_config).toEqual({ effort: "low" });
  });

  it("gets only the betas that it knows (A-05)", () => {
    const betas = (to: ProviderConfig, value: string) =>
      sent(to, ask, { headers: { "anthropic-beta": value } }).headers["anthropic-beta"];
    expect(betas(bedrock, "claude-code-20250219, interleaved-thinking-2025-05-14")).toBe(
      "interleaved-thinking-2025-05-14",
    );
    expect(betas(bedrock, "claude-code-20250219")).toBeUndefined();
    expect(betas(deepseek, "claude-code-20250219")).toBe("claude-code-20250219");
  });

  it("gets no sampling parameters with a version that refuses them (A-06)", () => {
    const sampled = { ...ask, temperature: 1, top_p: 0.9, top_k: 3 };
    const at = (to: ProviderConfig, version: string) =>
      Object.keys(sent(to, sampled, { headers: { "anthropic-version": version } }).json);
    expect(at(deepseek, "2026-10-21")).toEqual(["model", "max_tokens", "messages"]);
    expect(at(deepseek, "2023-06-01")).toEqual(Object.keys(sampled));
    expect(at(anthropic, "2026-10-21")).toEqual(Object.keys(sampled));
    const raised = provider("https://api.anthropic.com", { headers: { "anthropic-version": "2026-10-21" } });
    expect(at(raised, "2023-06-01")).toEqual(["model", "max_tokens", "messages"]);
  });

  it("gets the last four cache marks (A-07)", () => {
    const mark = { cache_control: { type: "ephemeral" } };
    const marked = {
      ...ask,
      tools: [{ name: "f", input_schema: {}, ...mark }],
      system: [{ ...mark, type: "text", text: "S" }],
      messages: [
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "a", ...mark }], ...mark },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "b", ...mark },
            { type: "text", text: "c", ...mark },
          ],
        },
      ],
    };
    const { text, json } = sent(bedrock, marked);
    expect(text.split('"cache_control"')).toHaveLength(5);
    expect(json.tools?.[0]).toEqual({ name: "f", input_schema: {} });
    expect(json.system?.[0]).toEqual({ type: "text", text: "S" });
    expect(json.messages).toEqual(marked.messages);
    expect(sent(anthropic, marked).text).toBe(JSON.stringify(marked));
  });

  it("gets an empty thinking block in turns with calls where it wants one in each, unless thinking is off (H-11)", () => {
    const request = loop({ type: "text", text: "t" }, call);
    const empty = { type: "thinking", thinking: "", signature: "" };
    expect(sent(deepseek, request).json.messages[1]?.content).toEqual([empty, { type: "text", text: "t" }, call]);
    expect(sent(deepseek, { ...request, thinking: { type: "disabled" } }).json.messages).toEqual(request.messages);
    const own = loop(thinking(makeSignature({ provider: "x", origin: { kind: "rc" } })), call);
    expect(sent(deepseek, own).json.messages[1]?.content).toEqual([empty, call]);
  });
});

describe("a forced call at vendors that do not always take one", () => {
  const kimi = provider("https://api.moonshot.ai/anthropic");
  const forced = { ...ask, tools: [{ name: "f", input_schema: {} }], tool_choice: { type: "tool", name: "f" } };
  const config = { thinking: { type: "adaptive" }, output_config: { effort: "high" } };

  it.each([{}, config])("is asked for without thinking at DeepSeek: %j", (more) => {
    const { json } = sent(deepseek, { ...forced, ...more }, { model: "deepseek-v4-pro" });
    expect(json).toMatchObject({ tool_choice: forced.tool_choice, thinking: { type: "disabled" } });
    expect(json.output_config ?? {}).not.toHaveProperty("effort");
    const free = sent(deepseek, { ...forced, ...more, tool_choice: { type: "auto" } }, { model: "deepseek-v4-pro" });
    expect(free.json.thinking).toEqual((more as typeof config).thinking);
  });

  it.each(["kimi-k3", "kimi-k2.7-code", "kimi-for-coding"])("is asked for in words at %s", (model) => {
    const { json } = sent(kimi, { ...forced, ...config }, { model });
    expect(json).toMatchObject({ tool_choice: { type: "auto" }, ...config });
    expect(JSON.stringify(json.messages.at(-1))).toContain("Answer by calling the tool");
  });

  it("is asked for without thinking of a Kimi that can be told not to think", () => {
    expect(sent(kimi, { ...forced, ...config }, { model: "kimi-k2.6" }).json.thinking).toEqual({ type: "disabled" });
    expect(sent(elsewhere, { ...forced, ...config }).text).toBe(JSON.stringify({ ...forced, ...config }));
  });
});

describe("references of tool search", () => {
  const found = { type: "tool_reference", tool_name: "mcp__db__query", cache_control: { type: "ephemeral" } };
  const request = {
    ...ask,
    messages: [
      { role: "user", content: "hi" },
      { role: "assistant", content: [call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [found] }] },
    ],
  };

  it("name the tool at vendors that do not know them, and keep a mark for the cache", () => {
    const { json } = sent(provider("https://api.kimi.com/coding"), request, { model: "kimi-for-coding" });
    expect(JSON.stringify(json.messages)).toContain(
      '{"type":"text","text":"[tool available: mcp__db__query]","cache_control":{"type":"ephemeral"}}',
    );
    expect(sent(elsewhere, request).text).toBe(JSON.stringify(request));
  });
});
