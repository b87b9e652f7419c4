import { expect, test } from "vitest";
import type { HeaderMap, Judgement, Outcome } from "../base/outcome.ts";
import type { JsonObject } from "../base/json.ts";
import { errorFailure } from "../conversation/answer/answer-body.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classify } from "./classify.ts";

// Sunday, 29 November 2026, 12:00:00.
const wallNowMs = Date.UTC(2026, 10, 29, 12, 0, 0);

const facts: AttemptFacts = {
  providerType: "openai",
  dialect: "chat",
  stream: true,
  hasContent: false,
  hasThinking: false,
  retried: new Set(),
  wallNowMs,
};

type Row = readonly [what: string, status: number, body: JsonObject | string, expected: string, headers?: HeaderMap];

const said = (message: string, more: object = {}): JsonObject => ({ error: { message, ...more } });
const google = (code: number, message: string, reason?: string): JsonObject => ({
  error: { code, message, status: "X", ...(reason !== undefined && { details: [{ reason }] }) },
});
const minimax = (code: number, words: string): JsonObject => ({ base_resp: { status_code: code, status_msg: words } });
const aws = (name: string): HeaderMap => ({ "x-amzn-errortype": name });

const notServed = "unclear deployment base if-served if-all";
const account = "credential key fixed:1800 now";
const refusedKey = "credential key fixed:600 now";
const denied = "credential key-deployment fixed:1800 now if-all";
const own = "unclear deployment base weighed";
const limited = "credential key-deployment short now limit";

/** Errors as vendors, relays and gateways write them. */
const rows: readonly Row[] = [
  // The provider does not serve the place that requests come from.
  ["Gemini's region", 400, google(400, "User location is not supported for the API use."), notServed],
  [
    "OpenAI's region",
    403,
    said("Country, region, or territory not supported", { code: "unsupported_country_region_territory" }),
    notServed,
  ],
  [
    "Bedrock's region",
    400,
    {
      message:
        "Access to Anthropic models is not allowed from unsupported countries, regions, or territories. Please refer to https://www.anthropic.com/supported-countries for more information.",
    },
    notServed,
    aws("ValidationException"),
  ],
  ["Groq's region", 403, said("Access denied. Please check your network settings."), notServed],
  ["Azure's network", 403, said("Access denied due to Virtual Network/Firewall rules."), notServed],
  ["a relay's region", 403, said("当前地区不支持访问该服务"), notServed],

  // A plan or an account that is used up.
  ["Zhipu, 5 hours", 429, said("已达到 5 小时的使用上限。", { code: "1308" }), account],
  [
    "Zhipu, by its date",
    429,
    said("Limit reset at 2026-11-29 22:30:00", { code: "1310" }),
    "credential key stated:9000 now",
  ],
  ["Zhipu, a day", 429, said("该 API 今日调用次数已达上限", { code: "1304" }), account],
  [
    "Volcengine's plan",
    429,
    said("You have exceeded the 5-hour usage quota.", { code: "AccountQuotaExceeded" }),
    account,
  ],
  ["a plan in words", 429, said("You have exceeded the 5-hour usage quota."), account],
  ["a relay's day", 429, { error: "Daily cost limit exceeded", message: "已达到每日费用限制 ($10)" }, account],
  [
    "DashScope's free tier",
    403,
    said("The free tier of the model has been exhausted.", { code: "AllocationQuota.FreeTierOnly" }),
    account,
  ],
  ["Hugging Face", 402, { error: "You have exceeded your monthly included credits for Inference Providers." }, account],
  [
    "Cohere's trial",
    429,
    { message: "You are using a Trial key, which is limited to 1000 API calls / month." },
    account,
  ],
  [
    "Workers AI",
    429,
    { errors: [{ message: "AiError: you have used up your daily free allocation of 10,000 neurons.", code: 4006 }] },
    account,
  ],
  ["a blocked account", 422, { detail: "Your account has been blocked due to unusual activity" }, account],
  ["Google's billing", 403, google(403, "Not today.", "BILLING_DISABLED"), account],
  [
    "ChatGPT's plan",
    429,
    said("The usage limit has been reached", { type: "usage_limit_reached", resets_in_seconds: 7_200 }),
    "credential key stated:7200 now",
  ],

  // Limits that pass, and are no account's.
  ["a relay's rate", 429, said("您的账户已达到速率限制"), limited],
  ["a relay's requests at once", 429, said("并发数已达到套餐上限"), limited],
  ["a relay's minute", 429, said("您已达到请求数限制：1分钟内最多请求10次"), "credential key-deployment fixed:60 now"],
  [
    "Bedrock's day",
    429,
    { message: "Too many tokens per day, please wait before trying again." },
    "credential key-deployment fixed:60 now",
    aws("ThrottlingException"),
  ],
  [
    "Bedrock's rate",
    429,
    { message: "Too many tokens, please wait before trying again." },
    limited,
    aws("ThrottlingException"),
  ],
  [
    "Google's capacity for one model",
    429,
    google(
      429,
      "You have exhausted your capacity on this model. Your quota will reset after 4h28m20s.",
      "QUOTA_EXHAUSTED",
    ),
    "credential key-deployment stated:16100 now",
  ],

  // A model that this account may not use.
  ["Zhipu's plan without the model", 429, said("当前订阅套餐暂未开放GLM-5权限", { code: "1311" }), denied],
  ["Volcengine's own limit", 429, said("The model service has been paused.", { code: "SetLimitExceeded" }), denied],
  ["OpenAI's verification", 403, said("Your organization must be verified to use the model `gpt-image-1`."), denied],
  [
    "OpenAI's verification for streams",
    400,
    said("Your organization must be verified to stream this model.", { param: "stream", code: "unsupported_value" }),
    "request - if-all",
  ],
  ["Bedrock's closed account", 400, { message: "Operation not allowed" }, denied, aws("ValidationException")],
  [
    "Vertex AI's policy",
    400,
    google(400, "Organization Policy constraint constraints/vertexai.allowedModels violated for `projects/1`."),
    denied,
  ],
  ["Bedrock on demand", 400, { message: "The provided model doesn't support on-demand throughput." }, notServed],
  [
    "Azure's other operation",
    400,
    said("The chatCompletion operation does not work with the specified model, gpt-5-pro.", {
      code: "OperationNotSupported",
    }),
    notServed,
  ],
  ["LiteLLM without a provider", 400, said("litellm.BadRequestError: LLM Provider NOT provided."), notServed],

  // Keys and logins.
  [
    "Google's unknown key",
    400,
    google(400, "API Key not found. Please pass a valid API key.", "API_KEY_INVALID"),
    refusedKey,
  ],
  ["Copilot's plain text", 403, "unauthorized: not authorized to use this Copilot feature", refusedKey],
  ["a firewall's plain text", 403, "RBAC: access denied", own],

  // The client's own text.
  [
    "OpenRouter's moderation",
    403,
    said('Your input was flagged for "harassment". No credits were charged.', { code: 403 }),
    "request - if-all",
  ],
  [
    "a subscription without long context",
    400,
    said("This authentication style is incompatible with the long context beta header."),
    "request - if-all",
  ],

  // The provider's own failure behind a status that blames the request.
  [
    "LM Studio's crash",
    400,
    { error: "The model has crashed without additional information. (Exit code: 18446)" },
    own,
  ],
  ["LM Studio's unloading", 400, { error: "Model unloaded." }, own],
  ["vLLM's dead engine", 400, { message: "EngineCore encountered an issue. See stack trace (above).", code: 400 }, own],
  ["Zhipu's network", 400, said("网络错误，错误id：2026，请稍后重试", { code: "1234" }), own],
  ["an internal error as a 400", 400, said("Internal server error"), own],
  ["an error of the request's with such words", 400, said("Internal error in tool schema"), "forward"],

  ...[
    "fetch failed",
    "socket hang up",
    "read ECONNRESET",
    "connect ECONNREFUSED 10.0.0.1:443",
    "getaddrinfo ENOTFOUND api.example.com",
    "dial tcp 10.0.0.1:443: connect: connection refused",
    'Post "https://api.example.com/v1/messages": EOF',
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "Connection error.",
    "Request timed out.",
    "litellm.APIConnectionError: Connection error.",
    "502 Bad Gateway",
    "<html><head><title>504 Gateway Time-out</title></head></html>",
    "no available accounts",
    "CUDA out of memory. Tried to allocate 2.00 GiB",
    "KV cache is full, please retry",
    "Function id 'x': DEGRADED function cannot be invoked",
  ].flatMap((words): Row[] =>
    [400, 422].map((status) => [`a relay's own ${words} as ${status}`, status, said(words), own]),
  ),
  [
    "a model that was stopped by a policy",
    400,
    said("The model's response was terminated by the content policy"),
    "forward",
  ],
  ["a text that is cut", 400, said("EOF while parsing a value"), "forward"],
  ["an image that could not be fetched", 400, said("Failed to download the image: connection refused"), "forward"],
  ["a tool's result", 400, said("Invalid tool result: read ECONNRESET"), "forward"],

  // The request's own faults, in words that look like the others.
  ...[
    "user_location.country: must be a country code",
    "Tools are limited to 128 per request",
    "Streaming is blocked for requests with logprobs",
    "The connection of the tool is closed",
    "The free text must not be empty",
    "Your message has expired attachments",
    "The context was reset after 4 turns",
    "No active channel was given",
    "The daily summary is too long for the schema",
    "请求的内容已达到单条消息的长度限制",
    "最多使用 128 个工具",
  ].map((words): Row => [`a refusal: ${words}`, 400, said(words), "forward"]),

  // No API answers with a page.
  [
    "nginx, of TLS",
    400,
    "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
    "request - if-all",
  ],
  ["Go, of TLS", 400, "Client sent an HTTP request to an HTTPS server.", "request - if-all"],
  ["a plain text", 400, "messages: at least one message is required", "forward"],

  // MiniMax names its failures in a 200.
  ["MiniMax's rate", 200, minimax(1002, "rate limit"), limited],
  ["MiniMax's tokens", 200, minimax(1039, "token limit"), limited],
  ["MiniMax's login", 200, minimax(1004, "login fail"), refusedKey],
  ["MiniMax's key", 200, minimax(2049, "invalid api key"), refusedKey],
  ["MiniMax's balance", 200, minimax(1008, "insufficient balance"), account],
  ["MiniMax's plan", 200, minimax(2056, "usage limit exceeded"), account],
  ["MiniMax's failure", 200, minimax(1033, "system error"), own],
  ["MiniMax's parameters", 200, minimax(2013, "invalid params"), "forward"],
  ["MiniMax's filter", 200, minimax(1026, "input new_sensitive"), "forward"],
];

function told(judgement: Judgement): string {
  if (judgement.type !== "failover") return judgement.type;
  const { suspect, charge, answer, learnsLimit } = judgement;
  const cooldown = charge?.cooldown;
  return [
    suspect,
    charge?.scope ?? "-",
    ...(cooldown ? ["ms" in cooldown ? `${cooldown.kind}:${cooldown.ms / 1_000}` : cooldown.kind] : []),
    ...(charge ? [charge.when] : []),
    ...(learnsLimit ? ["limit"] : []),
    ...(answer ? [answer] : []),
  ].join(" ");
}

test.each(rows.map(([what, status, body, expected, headers = {}]) => ({ what, status, body, expected, headers })))(
  "$what",
  ({ status, body, expected, headers }) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const outcome: Outcome =
      status === 200 && typeof body !== "string"
        ? { type: "stream-error", reason: errorFailure(body) }
        : { type: "response", status, headers, body: text };
    expect(told(classify(outcome, facts, []))).toBe(expected);
  },
);
