import { expect, test } from "vitest";
import { isKeyRefused, readAccountTrouble } from "./account-text.ts";

test.each([
  // Anthropic
  "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
  "This organization has been disabled.",
  "You have reached your specified API usage limits. You will regain access on 2026-11-01 at 00:00 UTC.",
  // OpenAI, Azure
  "Billing hard limit has been reached",
  "Your account is not active, please check your billing details on our website.",
  // OpenRouter
  "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
  "This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 1234.",
  "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys",
  // DeepSeek, SiliconFlow, Moonshot, xAI
  "Insufficient Balance",
  "Sorry, your account balance is insufficient",
  "Your account is suspended due to insufficient balance, please recharge your account",
  "Your team has either used all available credits or reached its monthly spending limit.",
  // Fireworks, Groq, Together, Volcengine, DashScope
  "Account acme is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.",
  "Organization has been restricted. Please reach out to support if you believe this was in error.",
  "You have exceeded your monthly credit limit",
  "The request failed because your account has an overdue balance.",
  "Access denied, please make sure your account is in good standing.",
  // one-api, new-api and their kin
  "user quota is not enough",
  "token quota is not enough, token remain quota: ＄0.01, need quota: ＄0.02",
  "User's credit limit is insufficient, remaining credit limit: $0.000000",
  "insufficient quota",
  "You have no remaining credits",
  "用户额度不足, 剩余额度: ¥0.00",
  "该令牌额度已用尽",
  "[sk-abc***xyz] 该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = -1",
  "预扣费额度失败, 用户剩余额度: 0.01, 需要预扣费额度: 0.5",
  // Zhipu, Qwen, Baidu, Tencent
  "余额不足或无可用资源包,请充值。",
  "账户余额不足",
  "您的账户已欠费，请充值",
  "您的账号已被停用",
  "帳戶餘額不足，請儲值",
  "套餐已过期",
])("is about an account that cannot pay: %s", (message) => {
  expect(readAccountTrouble({ message })).toBe("unpaid");
});

test.each([
  "You exceeded your current quota, please check your plan and billing details.",
  "Quota exceeded for quota metric 'Generate Content API requests per minute'",
  "Allocated quota exceeded, please increase your quota limit.",
  "Please enable billing for this project",
  "已超出今日配额",
])("may be about the account, or about a limit that resets soon: %s", (message) => {
  expect(readAccountTrouble({ message })).toBe("quota");
});

test.each([
  "insufficient_quota",
  "billing_error",
  "INSUFFICIENT_BALANCE",
  "insufficient_user_quota",
  "Arrearage",
  "exceeded_current_quota_error",
])("is told by the vendor's word alone: %s", (word) => {
  expect(readAccountTrouble({ message: "no", code: word })).toBe("unpaid");
  expect(readAccountTrouble({ message: "no", type: word })).toBe("unpaid");
});

test.each([
  "system.0: x-anthropic-billing-header is a reserved keyword and may not be used in the system prompt",
  "Invalid schema for function 'billing': None is not of type 'array'",
  "tools.0.name: 'credits' is not unique",
  "prompt is too long: 250000 tokens > 200000 maximum",
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
  "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens",
  "Rate limit reached for gpt-5 in organization org-abc on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.",
  "This request would exceed your account's rate limit. Please try again later.",
  "This request would exceed the rate limit for your organization of 40,000 input tokens per minute.",
  "Number of concurrent connections has exceeded your rate limit.",
  "您的账户已达到速率限制，请您控制请求频率",
  "当前API请求过多，请稍后重试。",
  "Output blocked by content filtering policy",
  "The user prompt was blocked by the safety system",
  "Your organization has disabled web search for this workspace",
  "thinking.budget_tokens: Input should be greater than or equal to 1024",
  "The model `gpt-9` does not exist or you do not have access to it.",
  "Unsupported parameter: 'max_tokens' is not supported with this model.",
  "messages: text content blocks must be non-empty",
])("is not about the account: %s", (message) => {
  expect(readAccountTrouble({ message })).toBeUndefined();
});

test.each([
  "Incorrect API key provided: [redacted]. You can find your API key at https://platform.openai.com/account/api-keys.",
  "Invalid API key provided. Ensure your API key is correct and active.",
  "API key not valid. Please pass a valid API key.",
  "API key expired. Please renew the API key.",
  "invalid x-api-key",
  "No API key provided",
  "无效的令牌",
  "令牌已过期",
  "API Key 错误",
])("refuses the key: %s", (message) => {
  expect(isKeyRefused({ message })).toBe(true);
});

test("a refused key is told by the vendor's word alone", () => {
  expect(isKeyRefused({ message: "no", code: "invalid_api_key" })).toBe(true);
  expect(isKeyRefused({ message: "no", type: "authentication_error" })).toBe(true);
});

test.each([
  "tools.0.input_schema: api_key is not of type 'object'",
  "Invalid 'messages[0].content'",
  "invalid request: missing model",
])("does not refuse the key: %s", (message) => {
  expect(isKeyRefused({ message })).toBe(false);
});
