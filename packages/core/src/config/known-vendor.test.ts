import { describe, expect, it, test } from "vitest";
import { knownApis } from "../vendors/known-apis.ts";
import { presets } from "../vendors/presets.ts";
import { baseUrlWarnings, checkBaseUrl } from "./base-url.ts";
import { regionOddity } from "./cloud-places.ts";
import { addressFault, keyFault } from "./known-vendor.ts";

type Type = "anthropic" | "openai";

describe("addresses of known vendors", () => {
  test.each(presets.map(({ id, type, baseUrl }) => [id, type, baseUrl.replaceAll(/\$\{\w+\}/g, "us-east-1")] as const))(
    "nothing is said of the preset %s",
    (_id, type, baseUrl) => {
      const check = checkBaseUrl(
        /^https?:/.test(baseUrl) ? baseUrl : `https://relay.example.com/${type === "openai" ? "v1" : ""}`,
      );
      if (!check.ok) throw new Error(check.message);
      expect(baseUrlWarnings(check.url, type)).toEqual([]);
    },
  );

  test.each<[Type, string, string | undefined]>([
    [
      "anthropic",
      "https://api.anthropic.com/v1",
      "ends in /v1, and ccpb adds /v1/messages; write https://api.anthropic.com",
    ],
    [
      "anthropic",
      "https://api.anthropic.com/v2",
      "is no address of the API of Anthropic that ccpb knows; write https://api.anthropic.com",
    ],
    [
      "openai",
      "https://api.anthropic.com",
      "is where Anthropic has its Messages API, and type is openai; write type: anthropic, or base_url: https://api.anthropic.com/v1",
    ],
    ["openai", "https://api.anthropic.com/v1", undefined],
    [
      "anthropic",
      "https://www.anthropic.com",
      "is a website of Anthropic, not its API; write https://api.anthropic.com",
    ],
    [
      "anthropic",
      "https://console.anthropic.com",
      "is a website of Anthropic, not its API; write https://api.anthropic.com",
    ],
    ["anthropic", "https://claude.ai", "is a website of Anthropic, not its API; write https://api.anthropic.com"],
    ["openai", "https://chat.openai.com", "is a website of OpenAI, not its API; write https://api.openai.com/v1"],
    [
      "openai",
      "https://platform.deepseek.com/v1",
      "is a website of DeepSeek, not its API; write https://api.deepseek.com/v1",
    ],
    [
      "anthropic",
      "https://platform.deepseek.com",
      "is a website of DeepSeek, not its API; write https://api.deepseek.com/anthropic",
    ],
    [
      "anthropic",
      "https://api.openai.com/v1",
      "is the address of OpenAI, which has no Messages API there; write type: openai",
    ],
    [
      "openai",
      "https://api.openai.com",
      "is no address of the API of OpenAI that ccpb knows; write https://api.openai.com/v1",
    ],
    ["openai", "https://eu.api.openai.com/v1", undefined],
    [
      "anthropic",
      "https://openrouter.ai/api/v1",
      "ends in /v1, and ccpb adds /v1/messages; write https://openrouter.ai/api",
    ],
    [
      "openai",
      "https://openrouter.ai/api",
      "is where OpenRouter has its Messages API, and type is openai; write type: anthropic, or base_url: https://openrouter.ai/api/v1",
    ],
    [
      "openai",
      "https://openrouter.ai",
      "is no address of the API of OpenRouter that ccpb knows; write https://openrouter.ai/api/v1",
    ],
    [
      "anthropic",
      "https://api.deepseek.com/v1",
      "is where DeepSeek has its Chat Completions API, and type is anthropic; write type: openai, or base_url: https://api.deepseek.com/anthropic",
    ],
    [
      "openai",
      "https://api.deepseek.com/anthropic",
      "is where DeepSeek has its Messages API, and type is openai; write type: anthropic, or base_url: https://api.deepseek.com/v1",
    ],
    ["openai", "https://api.deepseek.com", undefined],
    [
      "anthropic",
      "https://open.bigmodel.cn/api/paas/v4",
      "is where Z.AI has its Chat Completions API, and type is anthropic; write type: openai, or base_url: https://open.bigmodel.cn/api/anthropic",
    ],
    [
      "openai",
      "https://api.groq.com/v1",
      "is no address of the API of Groq that ccpb knows; write https://api.groq.com/openai/v1",
    ],
    [
      "anthropic",
      "https://bedrock-runtime.eu-west-1.amazonaws.com",
      "is the address of Amazon Bedrock, which has no Messages API there; write type: bedrock",
    ],
    [
      "openai",
      "https://bedrock-runtime.eu-west-1.amazonaws.com",
      "is no address of the API of Amazon Bedrock that ccpb knows; write https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1",
    ],
    [
      "anthropic",
      "https://us-east5-aiplatform.googleapis.com/v1",
      "is the address of Vertex AI, which has no Messages API there; write type: vertex",
    ],
    [
      "anthropic",
      "https://mine.services.ai.azure.com",
      "is no address of the API of Foundry that ccpb knows; write https://mine.services.ai.azure.com/anthropic",
    ],
    [
      "anthropic",
      "https://api.antropic.com",
      "names the host api.antropic.com, which would be sent the key; write api.anthropic.com if Anthropic is meant",
    ],
    [
      "openai",
      "https://api.openia.com/v1",
      "names the host api.openia.com, which would be sent the key; write api.openai.com if OpenAI is meant",
    ],
    [
      "openai",
      "https://api.depseek.com/v1",
      "names the host api.depseek.com, which would be sent the key; write api.deepseek.com if DeepSeek is meant",
    ],
    ["anthropic", "https://gateway.example.com/anthropic", undefined],
    ["anthropic", "https://api.anthropic.com.example.com", undefined],
    ["openai", "http://127.0.0.1:11434/v1", undefined],
  ])("%s at %s", (type, url, said) => {
    expect(addressFault(new URL(url), type)).toBe(said);
  });

  it("has an address for every type that it speaks of, and takes it", () => {
    for (const { host, api, messages = [], openai = [] } of knownApis) {
      if (api === undefined) continue;
      expect(host.test(api)).toBe(true);
      for (const path of messages) expect(addressFault(new URL(`https://${api}${path}`), "anthropic")).toBeUndefined();
      for (const path of openai) expect(addressFault(new URL(`https://${api}${path}`), "openai")).toBeUndefined();
    }
  });

  it("takes no API for the misspelt one of another vendor, nor its website for an API", () => {
    for (const { api, site, host } of knownApis) {
      if (api !== undefined)
        expect(addressFault(new URL(`https://${api}`), "openai") ?? "").not.toContain("names the host");
      for (const other of knownApis) if (other.api !== undefined) expect(site?.test(other.api) ?? false).toBe(false);
      expect(host.test("gateway.example.com")).toBe(false);
    }
  });
});

test.each<[Type, string, string]>([
  [
    "openai",
    "https://gw.example.com/v1/models",
    "ends in /v1/models, and ccpb adds the rest of the path itself; leave /models at its end out",
  ],
  [
    "openai",
    "https://gw.example.com/x/v1/embeddings",
    "ends in /v1/embeddings, and ccpb adds the rest of the path itself; leave /embeddings at its end out",
  ],
  [
    "openai",
    "https://gw.example.com/v1/completions",
    "ends in /v1/completions, and ccpb adds the rest of the path itself; leave /completions at its end out",
  ],
  [
    "openai",
    "https://gw.example.com/v1/v1",
    "ends in /v1/v1, and ccpb adds the rest of the path itself; leave /v1 at its end out",
  ],
  [
    "anthropic",
    "https://gw.example.com/v1/models",
    "ends in /v1/models, and ccpb adds the rest of the path itself; leave /v1/models at its end out",
  ],
])("%s at %s", (type, url, said) => {
  expect(baseUrlWarnings(url, type)).toEqual([said]);
});

describe("keys of known vendors", () => {
  const at = {
    anthropic: "https://api.anthropic.com",
    openrouter: "https://openrouter.ai/api/v1",
    openai: "https://api.openai.com/v1",
  };

  test.each([
    [
      "sk-or-v1-0123456789",
      at.anthropic,
      "api_key",
      "has the form of a key of OpenRouter, and base_url is the address of Anthropic; write a key of Anthropic",
    ],
    [
      "sk-ant-api03-0123456789",
      at.openrouter,
      "api_key",
      "has the form of a key of Anthropic, and base_url is the address of OpenRouter; write a key of OpenRouter",
    ],
    [
      "sk-proj-0123456789",
      at.anthropic,
      "api_key",
      "has the form of a key of OpenAI, and base_url is the address of Anthropic; write a key of Anthropic",
    ],
    [
      "gsk_0123456789",
      "https://api.deepseek.com/v1",
      "api_key",
      "has the form of a key of Groq, and base_url is the address of DeepSeek; write a key of DeepSeek",
    ],
    [
      "AIzaSy0123456789",
      at.openai,
      "api_key",
      "has the form of a key of Google's Gemini API, and base_url is the address of OpenAI; write a key of OpenAI",
    ],
    [
      "sk-ant-oat01-0123456789",
      at.anthropic,
      "api_key",
      "is a token of claude setup-token, which is sent in another header than a key; write auth_type: auth_token",
    ],
    ["sk-ant-oat01-0123456789", at.anthropic, "auth_token", undefined],
    [
      "sk-ant-api03-0123456789",
      at.anthropic,
      "auth_token",
      "is an API key, which Anthropic takes in another header than a token; write auth_type: api_key",
    ],
    ["sk-ant-api03-0123456789", at.anthropic, "api_key", undefined],
    [
      "sk-ant-admin01-0123456789",
      at.anthropic,
      "api_key",
      "is an admin key, which asks no models; write a key for the API",
    ],
    ["sk-admin-0123456789", at.openai, "api_key", "is an admin key, which asks no models; write a key for the API"],
    // A relay has keys of any form.
    ["sk-ant-api03-0123456789", "https://relay.example.com", "api_key", undefined],
    ["sk-0123456789", at.openai, "api_key", undefined],
    ["sk-0123456789", "https://api.deepseek.com/v1", "api_key", undefined],
  ])("%s at %s as %s", (key, url, authType, said) => {
    expect(keyFault(key, new URL(url), authType)).toBe(said);
  });

  it("are of one vendor each, and of no other", () => {
    const samples = ["sk-ant-", "sk-proj-", "sk-or-", "xai-", "gsk_", "csk-", "AIza", "fw_", "pplx-", "hf_"];
    for (const sample of samples)
      expect(knownApis.filter(({ key }) => key?.test(`${sample}0`) === true)).toHaveLength(1);
  });
});

test.each([
  ["bedrock", "us-east-1", undefined],
  ["bedrock", "us-gov-west-1", undefined],
  ["bedrock", "cn-north-1", undefined],
  ["bedrock", "us-east-1a", "is a zone; write its region, us-east-1"],
  [
    "bedrock",
    "global",
    "is an inference profile; write the region of your account, such as us-east-1, and inference_profile: global",
  ],
  ["bedrock", "us-east5", "does not look like a region of AWS; write one such as us-east-1"],
  ["bedrock", "virginia", "does not look like a region of AWS; write one such as us-east-1"],
  ["vertex", "us-east5", undefined],
  ["vertex", "northamerica-northeast1", undefined],
  ["vertex", "europe-west12", undefined],
  ["vertex", "global", undefined],
  ["vertex", "eu", undefined],
  ["vertex", "us-east5-a", "is a zone; write its region, us-east5"],
  ["vertex", "us-east-1", "does not look like a region of Google Cloud; write one such as us-east5, or global"],
  ["vertex", "europe", "does not look like a region of Google Cloud; write one such as us-east5, or global"],
  ["anthropic", "us-east-1", undefined],
])("region of %s: %s", (type, region, said) => {
  expect(regionOddity(type, region)).toBe(said);
});
