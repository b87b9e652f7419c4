import { expect, test } from "vitest";
import type { ProviderConfig } from "../base/config-types.ts";
import { lackingCapabilities, type RequestNeeds } from "./capability.ts";

const anthropic: ProviderConfig = {
  name: "a",
  type: "anthropic",
  baseUrl: "https://a.example",
  auth: { type: "api_key", keys: ["k"] },
  enabled: true,
};
const openai: ProviderConfig = { ...anthropic, type: "openai" };
const nothing: RequestNeeds = {
  serverTools: false,
  compaction: false,
  images: false,
  documents: false,
  inputTokens: 1_000,
};
const everything: RequestNeeds = {
  serverTools: true,
  compaction: true,
  images: true,
  documents: true,
  inputTokens: 1_000,
};

test("a plain request can go anywhere", () => {
  expect(lackingCapabilities(openai, "some-model", nothing)).toEqual([]);
  expect(lackingCapabilities(anthropic, "claude-opus-5", nothing)).toEqual([]);
});

test.each<[what: string, change: Partial<ProviderConfig>]>([
  ["DeepSeek", { baseUrl: "https://api.deepseek.com/anthropic" }],
  ["Amazon Bedrock", { type: "bedrock" }],
  ["a configuration that leaves the member out", { nativeProfile: { omit: ["compaction"] } }],
])("%s would answer a conversation that is to be compacted", (_what, change) => {
  const needs = { ...nothing, compaction: true };
  expect(lackingCapabilities({ ...anthropic, ...change }, "claude-opus-5-5", needs)).toEqual(["compaction"]);
});

test("an anthropic provider can do everything", () => {
  expect(lackingCapabilities(anthropic, "claude-opus-5", everything)).toEqual([]);
});

test("an openai provider can do what its profile says", () => {
  expect(lackingCapabilities(openai, "some-model", everything)).toEqual(["server tools", "compaction", "documents"]);
  expect(lackingCapabilities({ ...openai, profile: { images: false } }, "some-model", everything)).toEqual([
    "server tools",
    "compaction",
    "images",
    "documents",
  ]);
  expect(lackingCapabilities({ ...openai, profile: { files: true } }, "some-model", everything)).toEqual([
    "server tools",
    "compaction",
  ]);
});

test("the profile is that of the model at its vendor", () => {
  const deepseek = { ...openai, baseUrl: "https://api.deepseek.com/v1" };
  const pictures = { ...nothing, images: true };
  expect(lackingCapabilities(deepseek, "deepseek-chat", pictures)).toEqual(["images"]);
  expect(lackingCapabilities({ ...deepseek, profile: { images: true } }, "deepseek-chat", pictures)).toEqual([]);
});

test("a prompt that does not fit the window is lacking at any provider", () => {
  const long = { ...nothing, inputTokens: 200_001 };
  expect(lackingCapabilities({ ...anthropic, contextWindow: 200_000 }, "some-model", long)).toEqual(["context window"]);
  expect(lackingCapabilities({ ...anthropic, contextWindow: 200_001 }, "some-model", long)).toEqual([]);
  expect(lackingCapabilities(anthropic, "claude-opus-5", long)).toEqual([]);
});
