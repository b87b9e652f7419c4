import { describe, expect, it } from "vitest";
import { readErrorStatus } from "../../src/failures/error-status.ts";
import { isErrorObject, readErrorText } from "../../src/failures/error-text.ts";
import { readMaxTokensLimit } from "../../src/failures/max-tokens-limit.ts";
import { toMessagesError } from "../../src/failures/messages-error.ts";

const openai = (message: string, more: object = {}) =>
  JSON.stringify({ error: { message, type: "x", code: null, ...more } });

describe("the status and type of an upstream's error", () => {
  it.each([
    ["E-01 400", 400, openai("bad"), 400, "invalid_request_error"],
    ["E-01 422", 422, openai("bad"), 422, "invalid_request_error"],
    ["E-01 another 4xx", 418, openai("teapot"), 418, "invalid_request_error"],
    ["E-02 401", 401, openai("no"), 401, "authentication_error"],
    [
      "E-02 xAI's 400",
      400,
      '{"code":"invalid-argument","error":"Incorrect API key provided."}',
      401,
      "authentication_error",
    ],
    [
      "E-02 Google's 400",
      400,
      '[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]',
      401,
      "authentication_error",
    ],
    ["E-03 402", 402, openai("Insufficient Balance"), 402, "billing_error"],
    [
      "E-03 insufficient_quota as 429",
      429,
      openai("You exceeded your current quota", { code: "insufficient_quota" }),
      402,
      "billing_error",
    ],
    ["E-03 insufficient_quota as 400", 400, openai("x", { type: "insufficient_quota" }), 402, "billing_error"],
    [
      "E-03 billing_hard_limit_reached",
      400,
      openai("Billing hard limit", { code: "billing_hard_limit_reached" }),
      402,
      "billing_error",
    ],
    ["E-03 any code that begins with billing_", 403, openai("x", { code: "billing_limit" }), 402, "billing_error"],
    [
      "the name of a header is not about money",
      400,
      openai("messages.0: unexpected text x-anthropic-billing-header"),
      400,
      "invalid_request_error",
    ],
    ["a tool's name is not about money", 400, openai("tools.3: get_billing: bad schema"), 400, "invalid_request_error"],
    ["E-03 余额不足", 400, openai("账户余额不足"), 402, "billing_error"],
    ["E-04 403", 403, openai("no"), 403, "permission_error"],
    ["E-05 404", 404, openai("no"), 404, "not_found_error"],
    ["E-05 model_not_found as 400", 400, openai("x", { code: "model_not_found" }), 404, "not_found_error"],
    ["E-05 DeploymentNotFound", 404, openai("x", { code: "DeploymentNotFound" }), 404, "not_found_error"],
    ["E-06 408", 408, "", 504, "timeout_error"],
    ["E-06 504", 504, "<html><title>504 Gateway Time-out</title></html>", 504, "timeout_error"],
    ["E-07 409", 409, openai("x"), 409, "conflict_error"],
    ["E-08 413", 413, openai("too big"), 413, "request_too_large"],
    ["E-09 429", 429, openai("slow down"), 429, "rate_limit_error"],
    [
      "E-09 Google's quota per minute is a rate",
      429,
      '[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED"}}]',
      429,
      "rate_limit_error",
    ],
    ["E-10 500", 500, openai("oops"), 500, "api_error"],
    ["E-10 502", 502, "", 502, "api_error"],
    ["E-10 520", 520, "", 502, "api_error"],
    ["E-11 503", 503, openai("x"), 529, "overloaded_error"],
    ["E-11 529", 529, openai("x"), 529, "overloaded_error"],
    ["E-11 overloaded in words", 500, openai("The engine is currently overloaded"), 529, "overloaded_error"],
    ["E-11 Moonshot's 429", 429, openai("try later", { type: "engine_overloaded_error" }), 529, "overloaded_error"],
    ["E-15 a foreign type is mapped", 500, openai("x", { type: "internal_server_error" }), 500, "api_error"],
    [
      "E-18 tool_use_failed",
      400,
      openai("Failed to call a function", { code: "tool_use_failed", failed_generation: "x" }),
      400,
      "invalid_request_error",
    ],
    ["N-24 a code inside a 200", 200, '{"error":{"code":429,"message":"slow"}}', 429, "rate_limit_error"],
    ["N-24 no code inside a 200", 200, '{"error":{"message":"odd"}}', 502, "api_error"],
  ])("%s", (_title, status, body, outStatus, outType) => {
    const mapped = toMessagesError({ status, body });
    expect([mapped.status, mapped.error.type]).toEqual([outStatus, outType]);
  });
});

describe("the message of an upstream's error", () => {
  it.each([
    [
      "an OpenAI envelope",
      '{"error":{"message":"M","type":"t","param":null,"code":"c"}}',
      { message: "M", type: "t", code: "c" },
    ],
    ["a numeric code", '{"error":{"message":"M","code":401}}', { message: "M", code: "401" }],
    [
      "Azure's details",
      '{"error":{"code":"RateLimitReached","message":"M","details":"M"}}',
      { message: "M", code: "RateLimitReached" },
    ],
    ["a string", '{"error":"M"}', { message: "M" }],
    ["xAI's pair", '{"code":"invalid-argument","error":"M"}', { message: "M", code: "invalid-argument" }],
    ["Mistral's detail", '{"detail":"M"}', { message: "M" }],
    [
      "FastAPI's list",
      '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"},{"loc":["body"],"msg":"B"}]}',
      { message: "messages: Field required; B", param: "messages" },
    ],
    [
      "Mistral's nested detail",
      '{"object":"error","message":{"detail":[{"loc":["body","x"],"msg":"M"}]},"type":"invalid_request_error","code":null}',
      { message: "x: M", type: "invalid_request_error", param: "x" },
    ],
    ["a bare message", '{"message":"M"}', { message: "M" }],
    [
      "Google's array",
      '[{"error":{"code":400,"message":"M","status":"INVALID_ARGUMENT"}}]',
      { message: "M", type: "INVALID_ARGUMENT", code: "400" },
    ],
    [
      "OpenRouter's raw text",
      '{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"upstream is busy","provider_name":"G"}}}',
      { message: "Provider returned error: upstream is busy", code: "429" },
    ],
    [
      "OpenRouter's raw JSON",
      '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"inner\\"}}"}}}',
      { message: "Provider returned error: inner", code: "400" },
    ],
    [
      "JSON in a string",
      '{"error":"Error: 400 {\\"type\\":\\"error\\",\\"error\\":{\\"type\\":\\"invalid_request_error\\",\\"message\\":\\"M\\"}}"}',
      { message: "M" },
    ],
    [
      "Anthropic's envelope",
      '{"type":"error","error":{"type":"overloaded_error","message":"M"},"request_id":"r"}',
      { message: "M", type: "overloaded_error" },
    ],
    ["Nest's status line", '{"statusCode":400,"error":"Bad Request","message":["a","b"]}', { message: "a; b" }],
    ["MiniMax", '{"base_resp":{"status_code":1004,"status_msg":"M"}}', { message: "M" }],
    ["Baidu", '{"error_code":17,"error_msg":"M"}', { message: "M", code: "17" }],
    ["Cloudflare", '{"success":false,"errors":[{"code":7003,"message":"M"}]}', { message: "M" }],
    ["an event-stream frame", 'event: error\ndata: {"error":{"message":"M"}}\n\n', { message: "M" }],
    ["white space and a BOM", '\uFEFF\n  {"error":{"message":"M"}}', { message: "M" }],
    [
      "an HTML title",
      "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
      { message: "502 Bad Gateway" },
    ],
    [
      "HTML without a title",
      "<html><body><h1>Oops &amp; sorry</h1><script>x()</script></body></html>",
      { message: "Oops & sorry" },
    ],
    ["plain text", "upstream connect error", { message: "upstream connect error" }],
    ["nothing", "", { message: "the provider sent an empty error body" }],
    ["only a type", '{"error":{"type":"weird"}}', { message: "the provider reported weird", type: "weird" }],
  ])("is found in %s", (_title, body, expected) => {
    expect(readErrorText(body)).toEqual(expected);
  });

  it("is never a whole page, a whole request or bytes", () => {
    expect(
      readErrorText(`<html><body>${"<p>text</p>".repeat(5_000)}</body></html>`).message.length,
    ).toBeLessThanOrEqual(200);
    expect(readErrorText("x".repeat(10_000)).message.length).toBeLessThanOrEqual(200);
    expect(readErrorText(openai("y".repeat(10_000))).message.length).toBeLessThanOrEqual(2_000);
    expect(readErrorText("\u001f\uFFFD\b\u0000\u0000\uFFFD\uFFFD").message).toMatch(/unreadable/);
    expect(readErrorText('{"a":{"b":1}}').message).not.toContain("[object");
  });

  it.each([
    ["sk-proj-abcDEF123456", "Incorrect API key provided: sk-proj-abcDEF123456."],
    ["gsk_abcdef123456", "key gsk_abcdef123456 is invalid"],
    ["AIzaSyA1234567890abcdef", "API key AIzaSyA1234567890abcdef not found"],
    ["abc.def", "Authorization: Bearer abc.def was refused"],
    ["my-own-key-1", "Incorrect API key provided: my-own-key-1. Find yours"],
    ["hunter2hunter2", "x-api-key: hunter2hunter2"],
    ["secret1", "GET https://host/v1?key=secret1&x=1"],
  ])("loses the secret %s", (secret, message) => {
    const read = readErrorText(openai(message)).message;
    expect(read).not.toContain(secret);
    expect(read).toContain("[redacted]");
  });

  it("keeps what is no secret", () => {
    for (const message of [
      "request req_011CeCGmBjaWkq37Sf5iU7so failed",
      "Invalid API key: please check",
      "max_tokens: 128000 > 64000",
    ]) {
      expect(readErrorText(openai(message)).message).toBe(message);
    }
  });
});

describe("E-20: a context overflow in any wording", () => {
  it.each([
    [
      "OpenAI",
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.",
      9001,
      8192,
    ],
    [
      "vLLM",
      "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
      5000,
      4096,
    ],
    [
      "OpenRouter",
      "This endpoint's maximum context length is 200000 tokens. However, you requested about 2500021 tokens (2500021 of text input).",
      2500021,
      200000,
    ],
    ["xAI", "This model's maximum prompt length is 131072 but the request contains 140000 tokens.", 140000, 131072],
    [
      "Mistral",
      "Prompt contains 140000 tokens and 0 draft tokens, too large for model with 131072 maximum context length",
      140000,
      131072,
    ],
    [
      "Gemini",
      "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
      1048577,
      1048576,
    ],
    [
      "AI Studio",
      "[original: beyond::dependency::INVALID_ARGUMENT] Cannot truncate to 89998, required 355220: text:355351, control:9",
      355220,
      89998,
    ],
    ["a deployment", "The context exceeds your deployment's limit.", undefined, undefined],
    ["RKLLM", "Prompt is 11543 tokens but the model context window is 4096 tokens.", undefined, undefined],
    [
      "Moonshot",
      "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)",
      300000,
      262144,
    ],
    [
      "llama.cpp",
      "the request exceeds the available context size (4096 tokens), try increasing it",
      undefined,
      undefined,
    ],
    [
      "Cerebras",
      "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
      9000,
      8192,
    ],
    ["Together", "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000", 5000, 4096],
    ["Alibaba", "Range of input length should be [1, 30720]", undefined, undefined],
    ["Bedrock", "Input is too long for requested model.", undefined, undefined],
    ["Z.AI", "Prompt exceeds max length", undefined, undefined],
    [
      "LM Studio",
      "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens",
      undefined,
      undefined,
    ],
    [
      "vLLM",
      "This model's maximum context length is 40960 tokens. However, you requested 0 output tokens and your prompt contains at least 40961 input tokens, for a total of at least 40961 tokens.",
      40961,
      40960,
    ],
    [
      "vLLM where the prompt was not counted",
      "This model's maximum context length is 40960 tokens. However, you requested 8192 output tokens and your prompt contains at least 32769 input tokens.",
      undefined,
      undefined,
    ],
    [
      "vLLM's engine",
      "The decoder prompt (length 50000) is longer than the maximum model length of 40960.",
      50000,
      40960,
    ],
    ["SGLang", "The input (50000 tokens) is longer than the model's context length (32768 tokens).", 50000, 32768],
    [
      "OpenAI's later models",
      "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens. Please reduce the length of the messages.",
      300000,
      272000,
    ],
    ["Anthropic", "prompt is too long: 210000 tokens > 200000 maximum", 210000, 200000],
    ["GitHub Copilot", "prompt token count of 130389 exceeds the limit of 128000", 130389, 128000],
    ["Fireworks", "The prompt is too long: 140000, model maximum context length: 131071", 140000, 131071],
    [
      "Vertex",
      "Unable to submit request because the input token count is 1100000 but model only supports up to 1048576. Reduce the input token count and try again.",
      1100000,
      1048576,
    ],
    [
      "Cohere",
      "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 140000. Try using a shorter prompt.",
      140000,
      128000,
    ],
    [
      "Bedrock's converse",
      "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
      undefined,
      undefined,
    ],
    [
      "Bedrock's Titan",
      "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9000",
      9000,
      8192,
    ],
    [
      "SGLang, later",
      "Input length (50000 tokens) exceeds the maximum allowed length (32762 tokens). Use a shorter input or enable --allow-auto-truncate.",
      50000,
      32762,
    ],
    [
      "SGLang where even the prompt does not fit",
      "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 51000 tokens: 50000 tokens from the input messages and 1000 tokens for the completion.",
      51000,
      32768,
    ],
    ["vLLM's queue", "The engine prompt length 5000 exceeds the max_model_len 4096. Please reduce prompt.", 5000, 4096],
    ["TensorRT-LLM", "Prompt length (5000) exceeds maximum input length (4096). Set log level to info", 5000, 4096],
    [
      "NVIDIA NIM",
      "default_max_tokens (-808) must be greater than 0, default_max_tokens (-808) = max_seq_len (8192) - splited_prompt_len (9000)",
      9000,
      8192,
    ],
    ["SiliconFlow", "length of prompt_tokens (40000) must be less than max_seq_len (32768).", 40000, 32768],
    [
      "LM Studio, older",
      "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 5000>= n_ctx: 4096). Try to load the model with a larger context length",
      5000,
      4096,
    ],
    ["LM Studio's engine", "Context size has been exceeded.", undefined, undefined],
    [
      "LM Studio in mid-generation",
      "Reached context length of 4096 tokens, but this model does not currently support mid-generation context overflow",
      undefined,
      undefined,
    ],
    [
      "llama.cpp, later",
      "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
      5000,
      4096,
    ],
    ["MiniMax", "invalid params, context window exceeds limit (2013)", undefined, undefined],
    ["Ollama", "the input length exceeds the context length", undefined, undefined],
    ["Z.AI in Chinese", "Prompt 超长", undefined, undefined],
    ["a gateway in Chinese", "输入的tokens数量超过模型的最大长度限制", undefined, undefined],
    ["Volcengine", "Total tokens of image and text exceed max message tokens", undefined, undefined],
    ["LiteLLM", "litellm.ContextWindowExceededError: the request is too much for this model", undefined, undefined],
    [
      "LiteLLM around Anthropic",
      "litellm.BadRequestError: AnthropicException - prompt is too long: 209353 tokens > 199999 maximum",
      209353,
      199999,
    ],
    [
      "OpenAI's Responses",
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      undefined,
      undefined,
    ],
    [
      "Ollama's cloud",
      "prompt too long; exceeded max context length by 1119046 tokens (ref: 96164522)",
      undefined,
      undefined,
    ],
    [
      "with thousands separators",
      "maximum context length is 128,000 tokens. However, you requested 130,500 tokens",
      130500,
      128000,
    ],
  ])("%s", (_vendor, message, actual, limit) => {
    const mapped = toMessagesError({ status: 400, body: openai(message) });
    expect(mapped.status).toBe(400);
    expect(mapped.error.type).toBe("invalid_request_error");
    expect(mapped.error.message).toMatch(_vendor.includes("around") ? /prompt is too long/ : /^prompt is too long/);
    expect(mapped.error.message).toContain(message);
    const numbers = /prompt is too long[^0-9]*(\d+) tokens > (\d+)/.exec(mapped.error.message);
    if (actual !== undefined) expect(numbers?.slice(1)).toEqual([String(actual), String(limit)]);
  });

  it("leaves the sentence alone at which Claude Code lowers its max_tokens itself", () => {
    const message =
      "input length and `max_tokens` exceed context limit: 190000 + 21000 > 200000, decrease input length";
    expect(toMessagesError({ status: 400, body: openai(message) }).error.message).toBe(message);
  });

  it.each([
    [
      "vLLM",
      "'max_tokens' or 'max_completion_tokens' is too large: 128000. This model's maximum context length is 40960 tokens and your request has 26 input tokens (128000 > 40960 - 26).",
      "26 + 128000 > 40960",
    ],
    [
      "vLLM, later",
      "This model's maximum context length is 40960 tokens. However, you requested 128000 output tokens and your prompt contains 26 input tokens.",
      "26 + 128000 > 40960",
    ],
    [
      "DeepSeek",
      "This model's maximum context length is 65536 tokens. However, you requested 66000 tokens (60000 in the messages, 6000 in the completion). Please reduce the length of the messages or completion.",
      "60000 + 6000 > 65536",
    ],
    [
      "SGLang",
      "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 128500 tokens: 500 tokens from the input messages and 128000 tokens for the completion.",
      "500 + 128000 > 32768",
    ],
    [
      "Together",
      "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 4100 `inputs` tokens and 4096 `max_new_tokens`",
      "4100 + 4096 > 8193",
    ],
  ])(
    "tells a prompt that leaves too little for its answer so that Claude Code asks for less: %s",
    (_vendor, message, sum) => {
      const mapped = toMessagesError({ status: 400, body: openai(message) });
      expect(mapped).toMatchObject({ status: 400, error: { type: "invalid_request_error" } });
      expect(mapped.error.message).toBe(`input length and \`max_tokens\` exceed context limit: ${sum} (${message})`);
    },
  );

  it("is recognised by its code", () => {
    expect(
      toMessagesError({ status: 400, body: openai("nope", { code: "context_length_exceeded" }) }).error.message,
    ).toMatch(/^prompt is too long: nope/);
  });

  it.each([
    "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 10000. Please reduce the length of the messages",
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "messages: text is too long to display",
    "max_tokens must be less than or equal to 8192, the maximum value for this model",
    "The maximum tokens you requested exceeds the model limit of 4096. Try again with a lower value.",
    "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens",
    "Request size exceeds 32 MB",
    "messages.3.content.0.image: image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes",
    "messages.1.content.0.image: At least one of the image dimensions exceed max allowed size: 8000 pixels",
    "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 80 instead.",
    "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40",
    "tools: maximum of 128 items exceeded",
    "thinking.budget_tokens: must be less than max_tokens",
    "This request would exceed the rate limit for your organization of 40,000 input tokens per minute.",
    "context_management: Extra inputs are not permitted",
    "You exceeded your current quota, please check your plan and billing details.",
    "messages: too many images: 101 > 100",
  ])("is not seen in: %s", (message) => {
    expect(toMessagesError({ status: 400, body: openai(message) }).error.message).toBe(message);
  });
});

describe("E-21: the limit in a 'max_tokens is too large' error", () => {
  it.each([
    [
      "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.",
      16384,
    ],
    ["max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for claude-x", 64000],
    ["Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192],
    ["Range of max_tokens should be [1, 16384]", 16384],
    ["max_tokens参数非法。请限制在 [1, 131072]", 131072],
    [
      "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
      8192,
    ],
    ["max_tokens must be <= 4096", 4096],
    ["max_tokens cannot exceed 4096", 4096],
    ["max_completion_tokens 32000 exceeds the model's maximum 16384", 16384],
    [
      "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.",
      4096,
    ],
    [
      "it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value",
      65536,
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 10000 tokens (2000 in the messages, 8000 in the completion). Please reduce the length",
      6192,
    ],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 128000. This model's maximum context length is 40960 tokens and your request has 960 input tokens (128000 > 40960 - 960).",
      40_000,
    ],
    [
      "This model's maximum context length is 40960 tokens. However, you requested 128000 output tokens and your prompt contains 960 input tokens, for a total of 128960 tokens.",
      40_000,
    ],
    [
      "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 128768 tokens: 768 tokens from the input messages and 128000 tokens for the completion.",
      32_000,
    ],
    ["`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 5000 `inputs` tokens and 4096 `max_new_tokens`", 3193],
  ])("%s", (text, limit) => {
    expect(readMaxTokensLimit(text)).toBe(limit);
  });

  it.each([
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.",
    "Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.",
    "This model's maximum context length is 1048565 tokens. However, you requested 1250025 tokens (1250025 in the messages, 0 in the completion).",
    "This model's maximum context length is 40960 tokens. However, you requested 8192 output tokens and your prompt contains at least 32769 input tokens.",
    "temperature must be less than or equal to 2",
    "",
  ])("is not seen in: %s", (text) => {
    expect(readMaxTokensLimit(text)).toBeUndefined();
  });
});

describe("an error that came with status 200", () => {
  it.each([
    [{ error: { message: "x" } }, true],
    [{ error: "x" }, true],
    [{ object: "error", message: "x", code: 400 }, true],
    [{ detail: "x" }, true],
    [{ code: 500, msg: "x" }, true],
    [{ base_resp: { status_code: 1004, status_msg: "x" }, choices: null }, true],
    [{ error: null, choices: [] }, false],
    [{ error: {}, choices: [{}] }, false],
    [{ base_resp: { status_code: 0, status_msg: "" }, choices: [{}] }, false],
    [{ message: "thinking about it" }, false],
    [{ id: "x", object: "chat.completion.chunk" }, false],
  ])("%j is %s", (value, isError) => {
    expect(isErrorObject(value)).toBe(isError);
  });

  it("gives its own status", () => {
    expect(readErrorStatus({ error: { code: 429 } })).toBe(429);
    expect(readErrorStatus({ error: { status_code: 400, code: "tool_use_failed" } })).toBe(400);
    expect(readErrorStatus([{ error: { code: "503" } }])).toBe(503);
    expect(readErrorStatus({ error: { code: "insufficient_quota" } })).toBeUndefined();
    expect(readErrorStatus({ error: { code: 200 } })).toBeUndefined();
  });
});
