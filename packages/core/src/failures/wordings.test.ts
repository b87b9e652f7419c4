import { describe, expect, test } from "vitest";
import { readFailure, type Failure } from "./failure.ts";

function read(message: string, more: Readonly<Record<string, unknown>> = {}, status = 400): Failure {
  return readFailure({ status, headers: {}, body: JSON.stringify({ error: { message, ...more } }) });
}

describe("a model that the provider does not have", () => {
  test.each([
    ["OpenAI", "The model `gpt-9` does not exist or you do not have access to it."],
    ["OpenAI, short", "invalid model ID"],
    [
      "Azure",
      "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait.",
    ],
    ["Groq", "The model `llama2-70b` has been decommissioned and is no longer supported."],
    ["Mistral", "Invalid model: mistral-xyz"],
    ["xAI", "The model grok-9 does not exist or your team does not have access to it."],
    ["OpenRouter", "google/gemini-2.0-pro-exp-02-05:free is not a valid model ID"],
    ["OpenRouter, gone", "No endpoints found for anthropic/claude-9."],
    ["one-api", "当前分组 default 下对于模型 gpt-9 无可用渠道"],
    ["new-api", "No available channel for model gpt-9 under group default"],
    ["CLIProxyAPI", "unknown provider for model gpt-9"],
    ["Gemini", "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent."],
    [
      "Vertex",
      "Publisher Model `projects/p/locations/us/publishers/anthropic/models/claude-9` was not found or your project does not have access to it.",
    ],
    ["Bedrock", "The provided model identifier is invalid."],
    ["Ollama", "model 'x' not found, try pulling it first"],
    ["Ollama, double quotes", 'model "x:7b" not found, try pulling it first'],
    ["vLLM", "The model `x` does not exist."],
    ["Together", "Unable to access model x/y. Please visit the list of supported models."],
    ["Fireworks", "Model not found, inaccessible, and/or not deployed"],
    [
      "Cohere",
      "model 'command-x' not found, make sure the correct model ID was used and that you have access to the model.",
    ],
    ["DeepSeek", "Model Not Exist"],
    ["Zhipu", "模型不存在，请检查模型代码。"],
    ["Moonshot", "Not found the model moonshot-x or Permission denied"],
    ["Volcengine", "The model or endpoint ep-x does not exist or you do not have access to it."],
    ["LiteLLM", "Invalid model name passed in model=Lite-GPT-12"],
    ["a relay", "不支持的模型: claude-9"],
    ["a relay, gone", "该模型已下线，请使用其他模型"],
    ["Cerebras", "Model x does not exist or you do not have access to it."],
    ["LM Studio", "Model not found: x"],
    ["SiliconFlow", "Model does not exist. Please check it carefully."],
    ["GitHub Models", "Unknown model: x"],
  ])("%s", (_vendor, message) => {
    for (const status of [400, 403, 404, 422]) expect(read(message, {}, status).isUnknownModel).toBe(true);
  });

  test.each([
    "The model produced invalid content.",
    "Unsupported parameter: 'temperature' is not supported with this model.",
    "This model's maximum context length is 8192 tokens.",
    "Invalid model output: the tool call could not be parsed",
    "This model does not support image input",
    "messages.0.content: model 'x' not found",
    "max_tokens is too large for this model",
    "该模型不支持图片输入",
  ])("is not seen in: %s", (message) => {
    expect(read(message).isUnknownModel).toBe(false);
  });
});

describe("a provider that is overloaded", () => {
  test.each([
    "Overloaded",
    "The engine is currently overloaded, please try again later",
    "The server is busy, please try again later.",
    "Service is temporarily unavailable",
    "We are experiencing high demand. Please try again.",
    "The model is currently at capacity",
    "当前分组上游负载已饱和，请稍后再试",
    "服务器繁忙，请稍后再试",
    "该模型当前访问量过大，请您稍后再试",
  ])("%s", (message) => {
    expect(read(message).isOverloaded).toBe(true);
  });

  test.each([
    "messages.0: 'overloaded'",
    "Invalid function name 'overloaded'",
    "tools[1].function.name: overloaded is reserved",
  ])("is not seen in: %s", (message) => {
    expect(read(message).isOverloaded).toBe(false);
  });
});

describe("a relay's own failure", () => {
  test.each([
    "upstream request failed",
    "Upstream error: connection reset",
    "Error from provider: tokenization failed",
    "error from provider (DeepSeek): unknown",
    "Provider returned error",
    "bad response status code 400 (request id: 2026)",
    "openai_error",
    "上游请求失败",
    "请求上游接口异常",
    "failed to reach the provider",
  ])("%s", (message) => {
    expect(read(message).isRelayFailure).toBe(true);
  });

  test.each([
    "Error from provider: messages.0.content: Field required",
    "Error from provider: [invalid_request_error] temperature is too high",
    "Field required",
  ])("is not seen in: %s", (message) => {
    expect(read(message).isRelayFailure).toBe(false);
  });
});

describe("an account", () => {
  test.each([
    "You're out of extra usage. Add more at claude.ai/settings/usage and keep going.",
    "Third-party apps now draw from your extra usage, not your plan limits. Add more at claude.ai/settings/usage and keep going.",
    "This organization has been disabled.",
    "This credential is only authorized for use with Claude Code and cannot be used for other API requests.",
    "Too many active sessions. Please close some.",
    "Credit exhausted",
    "该令牌额度已用尽",
    "Error from provider (X): Insufficient Balance",
    "litellm.RateLimitError: RateLimitError: OpenAIException - You have exceeded your monthly credit limit",
    "请求失败：账户余额不足",
    "Access denied: your account is suspended",
    "Budget has been exceeded! Current cost: 10.0, Max budget: 10.0",
  ])("that cannot serve: %s", (message) => {
    expect(read(message).account).toBe("unpaid");
  });

  test.each([
    "Rate limit reached on tokens per min (TPM). Visit https://platform.openai.com/account/billing to add a payment method.",
    "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'per minute per project'",
    "Rate limit exceeded: add credits to your account to raise it",
    "Too many requests. Please upgrade your plan in your billing settings.",
  ])("is not seen in a rate limit: %s", (message) => {
    expect(read(message, {}, 429).account).toBeUndefined();
  });

  test("that may not use a model", () => {
    for (const message of [
      "Access to Opus models is not allowed for this account",
      "Your plan does not have access to this model",
      "该令牌无权使用模型 claude-opus",
    ]) {
      expect(read(message, {}, 403).isModelDenied).toBe(true);
    }
  });

  test("says when it serves again", () => {
    const now = 1_790_000_000_000;
    const words =
      "You have reached your specified API usage limits. You will regain access on 2026-11-01 at 00:00 UTC.";
    expect(read(words).renewalMs(now)).toBe(1_793_491_200_000 - now);
    expect(read("Claude AI usage limit reached|1790003600").renewalMs(now)).toBe(3_600_000);
    expect(read("Rate limit exceeded").renewalMs(now)).toBeUndefined();
  });
});

test("the upstream's id of a request comes from its headers, else from its body", () => {
  const body = JSON.stringify({ error: { message: "x" }, request_id: "req_body" });
  const idOf = (headers: Readonly<Record<string, string>>): string | undefined =>
    readFailure({ status: 500, headers, body }).requestId;
  expect(idOf({ "request-id": "req_1", "cf-ray": "ray" })).toBe("req_1");
  for (const name of ["x-request-id", "x-amzn-requestid", "apim-request-id", "cf-ray"])
    expect(idOf({ [name]: "a-1" })).toBe("a-1");
  expect(idOf({})).toBe("req_body");
  expect(idOf({ "request-id": "bad\u001b[2J" })).toBe("req_body");
});
