import { describe, expect, it } from "vitest";
import { neutralProfile, resolveProfile } from "./profile.ts";
import type { Profile } from "../base/profile-types.ts";
import { vendors } from "./vendors.ts";

const at = (baseUrl: string, model = "some-model"): Profile => resolveProfile({ baseUrl, model });

describe("resolveProfile", () => {
  it("is neutral for what nobody knows", () => {
    expect(at("https://llm.example.test/v1")).toEqual(neutralProfile);
    expect(resolveProfile({ model: "llama-3.3-70b" })).toEqual(neutralProfile);
    expect(at("not a url")).toEqual(neutralProfile);
  });

  it("has every member, and takes any of them from an override", () => {
    const override = { maxOutputTokens: 8192, efforts: ["high"], extraBody: { provider: { only: ["x"] } } } as const;
    const profile = resolveProfile({ baseUrl: "https://api.openai.com/v1", model: "gpt-5.6", override });
    expect(profile).toMatchObject(override);
    expect(Object.keys(profile).toSorted()).toEqual(Object.keys(neutralProfile).toSorted());
  });

  it.each([
    ["gpt-5-codex", ["low", "medium", "high"]],
    ["codex-mini-latest", ["low", "medium", "high"]],
    ["gpt-5.1-codex-max", ["low", "medium", "high", "xhigh"]],
    ["gpt-5.3-codex", ["low", "medium", "high", "xhigh"]],
  ])("never tells %s not to think", (model, efforts) => {
    expect(at("https://api.openai.com/v1", model)).toMatchObject({ reasoning: "openai", efforts, responsesFor: "all" });
  });

  // Copilot has them think unasked (itayinbarr/little-coder#33).
  it.each(["gpt-5.1", "gpt-5.2", "gpt-5.4", "gpt-5.4-mini"])("sends no sampling to %s at GitHub Copilot", (model) => {
    expect(at("https://api.githubcopilot.com", model).sampling).toBe("effort-none");
    expect(at("https://api.openai.com/v1", model).sampling).toBe("without-effort");
  });

  it("passes over members of an override that are undefined, as JavaScript callers leave them", () => {
    const override = { images: undefined } as unknown as Partial<Profile>;
    expect(resolveProfile({ model: "m", override }).images).toBe(true);
  });

  it("gives itself back where it is the override", () => {
    const profile = at("https://api.mistral.ai/v1", "mistral-small-latest");
    expect(resolveProfile({ model: "gpt-5", override: profile })).toEqual(profile);
  });

  it.each([
    ["gpt-5.6", "max_completion_tokens"],
    ["openai/gpt-5-mini", "max_completion_tokens"],
    ["o4-mini", "max_completion_tokens"],
    ["O3", "max_completion_tokens"],
    ["gpt-10", "max_completion_tokens"],
    ["gpt-5-chat-latest", "max_tokens"],
    ["gpt-4o", "max_tokens"],
    ["gpt-4.1", "max_tokens"],
    ["gpt-oss-120b", "max_tokens"],
    ["olmo-2", "max_tokens"],
  ])("knows the name of the output limit: %s takes %s", (model, field) => {
    expect(resolveProfile({ model }).maxTokensField).toBe(field);
  });

  it.each([
    ["gpt-5", ["minimal", "low", "medium", "high"], true],
    ["gpt-5-nano-2025-08-07", ["minimal", "low", "medium", "high"], true],
    ["gpt-5.1", ["none", "low", "medium", "high"], true],
    ["gpt-5.2", ["none", "low", "medium", "high", "xhigh"], true],
    ["gpt-5.4-mini", ["none", "low", "medium", "high", "xhigh"], false],
    ["gpt-5.5", ["none", "low", "medium", "high", "xhigh"], false],
    ["gpt-5.6-terra", ["none", "low", "medium", "high", "xhigh", "max"], false],
    ["gpt-5.10", ["none", "low", "medium", "high", "xhigh", "max"], false],
    ["gpt-6", ["none", "low", "medium", "high", "xhigh", "max"], false],
    ["openai/gpt-6-sol", ["none", "low", "medium", "high", "xhigh", "max"], false],
    ["gpt-6-luna-2026-09-22", ["none", "low", "medium", "high", "xhigh", "max"], false],
    ["gpt-6-astra", ["low", "medium", "high", "xhigh", "max"], false],
    ["global.openai.gpt-6-astra-2026-09-03", ["low", "medium", "high", "xhigh", "max"], false],
    ["gpt-6.1-sol", ["low", "medium", "high", "xhigh", "max"], false],
    ["openai/gpt-6.2-astra", ["low", "medium", "high", "xhigh", "max"], false],
    ["gpt-5-pro", ["high"], true],
    ["o3", ["low", "medium", "high"], true],
    ["gpt-oss:120b", ["low", "medium", "high"], true],
  ])("knows the efforts of %s", (model, efforts, effortWithTools) => {
    expect(resolveProfile({ model })).toMatchObject({ reasoning: "openai", efforts, effortWithTools });
  });

  it.each(["gpt-35-turbo", "gpt-35-turbo-16k", "gpt-41", "gpt-41-mini", "gpt-4.1", "gpt-4o"])(
    "does not take an older model for one that reasons: %s",
    (model) => {
      expect(resolveProfile({ model })).toMatchObject({
        reasoning: "none",
        maxTokensField: "max_tokens",
        sampling: true,
      });
    },
  );

  it.each([
    [
      "https://api.openai.com/v1",
      "gpt-5.6",
      { systemRole: "developer", cacheControl: "openai-breakpoint", toolIdLimit: 40, files: true },
    ],
    ["https://api.openai.com/v1", "gpt-5.4", { cacheControl: "strip", reasoning: "openai" }],
    ["https://r.openai.azure.com/openai/v1", "gpt-5", { systemRole: "developer" }],
    [
      "https://openrouter.ai/api/v1",
      "anthropic/claude-sonnet-4.6",
      { cacheControl: "pass", reasoning: "openrouter", toolIdFormat: "plain" },
    ],
    [
      "https://openrouter.ai/api/v1",
      "openai/gpt-5.6",
      { maxTokensField: "max_tokens", sampling: true, cacheControl: "strip" },
    ],
    [
      "https://openrouter.ai/api/v1",
      "google/gemini-3-pro",
      { toolSchema: "json-schema", thoughtSignatures: "openrouter" },
    ],
    ["https://openrouter.ai/api/v1", "google/gemini-2.5-pro", { thoughtSignatures: "drop" }],
    ["https://openrouter.ai/api/v1", "mistralai/mistral-small", { toolIdFormat: "mistral" }],
    [
      "https://api.deepseek.com",
      "deepseek-chat",
      { reasoning: "deepseek", reasoningHistory: "reasoning_content", images: false },
    ],
    ["https://api.mistral.ai/v1", "magistral-medium-latest", { toolIdFormat: "mistral", prefill: "prefix" }],
    ["https://api.x.ai/v1", "grok-4-fast", { reasoning: "none", stopLimit: 0 }],
    ["https://api.x.ai/v1", "grok-4-fast-non-reasoning", { stopLimit: 4 }],
    ["https://api.x.ai/v1", "grok-4.3", { reasoning: "openai", efforts: ["none", "low", "medium", "high"] }],
    ["https://api.groq.com/openai/v1", "moonshotai/kimi-k2-thinking", { reasoningHistory: "drop" }],
    ["https://api.groq.com/openai/v1", "openai/gpt-oss-120b", { reasoning: "openai", jsonSchema: true }],
    [
      "https://generativelanguage.googleapis.com/v1beta/openai",
      "gemini-3-pro",
      { toolSchema: "gemini", thoughtSignatures: "google" },
    ],
    [
      "https://generativelanguage.googleapis.com/v1beta/openai",
      "gemini-2.5-pro",
      { toolSchema: "gemini", thoughtSignatures: "drop" },
    ],
    ["https://aiplatform.googleapis.com/v1/x/openapi", "google/gemini-3-pro", { thoughtSignatures: "vertex" }],
    ["https://us-central1-aiplatform.googleapis.com/v1", "google/gemini-3-pro", { thoughtSignatures: "vertex" }],
    [
      "https://api.moonshot.cn/v1",
      "kimi-k2.6",
      { reasoning: "zai", sampling: false, reasoningHistory: "reasoning_content" },
    ],
    [
      "https://api.moonshot.ai/v1",
      "kimi-k2-0905-preview",
      { reasoning: "none", sampling: true, reasoningHistory: "drop" },
    ],
    ["https://api.z.ai/api/paas/v4", "glm-5.1", { reasoning: "zai", reasoningHistory: "reasoning_content" }],
    ["https://open.bigmodel.cn/api/paas/v4", "glm-4.7-flash", { reasoning: "zai" }],
    ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen-plus", { reasoning: "qwen", midSystem: "user" }],
    ["https://dashscope.aliyuncs.com/compatible-mode/v1", "qwen3-coder-plus", { reasoning: "none" }],
    ["https://api.perplexity.ai", "sonar", { alternate: true, midSystem: "user" }],
    ["http://127.0.0.1:11434/v1", "llama3", { toolResultImages: "inline", imageUrls: false }],
    ["http://127.0.0.1:8080/v1", "llama3", { ...neutralProfile }],
    [
      "https://acc.snowflakecomputing.com/api/v2/cortex/v1",
      "claude-sonnet-4-6",
      { toolIdFormat: "plain", midSystem: "user" },
    ],
    ["https://api.avian.io/v1", "moonshotai/kimi-k2.5", { reasoningHistory: "reasoning_content" }],
    ["https://us.inference.heroku.com/v1", "claude-3-7-sonnet", { toolIdFormat: "plain" }],
    ["https://api.cerebras.ai/v1", "zai-glm-4.7", { reasoningHistory: "drop" }],
    ["https://llm.example.test/v1", "deepseek-ai/DeepSeek-R1", { reasoningHistory: "drop" }],
    ["https://llm.example.test/v1", "deepseek-v4-flash", { reasoningHistory: "reasoning_content" }],
    ["https://llm.example.test/v1", "deepseek-flash", { reasoningHistory: "reasoning_content" }],
    ["https://llm.example.test/v1", "Qwen/Qwen3-32B", { midSystem: "user" }],
  ])("knows %s with %s", (baseUrl, model, expected) => {
    expect(at(baseUrl, model)).toMatchObject(expected);
  });

  it("takes no other host for a vendor's", () => {
    for (const baseUrl of [
      "https://api.openai.com.evil.test/v1",
      "https://xapi.openai.comx/v1",
      "https://fox.ai/v1",
      "https://notgroq.com/v1",
      "https://myopenrouter.ai/v1",
    ]) {
      expect(at(baseUrl)).toEqual(neutralProfile);
    }
  });

  it("tests hosts with patterns that start at a border", () => {
    const hosts = vendors.flatMap((vendor) => [...(vendor.hosts ?? []), ...(vendor.messages ?? [])]);
    for (const { host } of hosts) expect(host.source).toMatch(/^(?:\(\?:\^|\^|\\\.|:)/);
  });
});
