import { expect, test } from "vitest";
import type { ProviderConfig } from "../config-types.ts";
import { lackingCapabilities, type RequestNeeds } from "./capability.ts";

const anthropic: ProviderConfig = {
  name: "a",
  type: "anthropic",
  baseUrl: "https://a.example",
  auth: { type: "api_key", keys: ["k"] },
  enabled: true,
};
const openai: ProviderConfig = { ...anthropic, type: "openai" };
const nothing: RequestNeeds = { serverTools: false, images: false, documents: false, inputTokens: 1_000 };
const everything: RequestNeeds = { serverTools: true, images: true, documents: true, inputTokens: 1_000 };

test("a plain request can go anywhere", () => {
  expect(lackingCapabilities(openai, nothing)).toEqual([]);
  expect(lackingCapabilities(anthropic, nothing)).toEqual([]);
});

test("an anthropic provider can do everything", () => {
  expect(lackingCapabilities(anthropic, everything)).toEqual([]);
});

test("an openai provider can do what its profile says", () => {
  expect(lackingCapabilities(openai, everything)).toEqual(["server tools", "documents"]);
  expect(lackingCapabilities({ ...openai, profile: { images: false } }, everything)).toEqual([
    "server tools",
    "images",
    "documents",
  ]);
  expect(lackingCapabilities({ ...openai, profile: { files: true } }, everything)).toEqual(["server tools"]);
});

test("a prompt that does not fit the window is lacking at any provider", () => {
  const long = { ...nothing, inputTokens: 200_001 };
  expect(lackingCapabilities({ ...anthropic, contextWindow: 200_000 }, long)).toEqual(["context window"]);
  expect(lackingCapabilities({ ...anthropic, contextWindow: 200_001 }, long)).toEqual([]);
  expect(lackingCapabilities(anthropic, long)).toEqual([]);
});
