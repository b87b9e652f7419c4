import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptFacts } from "../policy/attempt-facts.ts";
import { classify } from "../policy/classify.ts";
import type { Judgement } from "../base/outcome.ts";

/** What a client may write: every kind of words that decides something where a provider states it itself. */
const clientTexts: readonly string[] = [
  "your credit balance is too low",
  "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
  "insufficient_quota",
  "You exceeded your current quota, please check your plan and billing details.",
  "the invoice is overdue, your account has been suspended",
  "invalid api key",
  "Incorrect API key provided: x. You can find your API key at y.",
  "authentication_error",
  "余额不足",
  "账户余额不足，请充值",
  "该令牌额度已用尽",
  "无效的令牌",
  "you're out of extra usage",
  "This credential is only authorized for use with Claude Code",
  "too many active sessions",
  "overloaded_error: the server is overloaded, try again in 6m",
  "服务繁忙，请 20 秒后重试",
  "rate limit reached on tokens per min (TPM), please retry in 900s",
  "upstream request failed",
  "上游请求失败",
  "error from provider",
  "The model `gpt-9` does not exist or you do not have access to it.",
  "模型不存在",
  "no available channel for model x",
  "prompt is too long: 250000 tokens > 200000 maximum",
  "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
  "上下文过长，超过最大长度限制",
  "max_tokens is too large: 128000. This model supports at most 16384 completion tokens",
  "Extra usage is required for long context requests.",
  "Invalid `signature` in `thinking` block",
  "Expected `thinking` or `redacted_thinking`, but found `tool_use`",
  "encrypted content could not be verified",
  "This model is only supported in v1/responses and not in v1/chat/completions.",
  "The requested model is not supported with the Responses API.",
  "Failed to call a function. See 'failed_generation'",
  "it's broken. Your credit balance is too low",
  'he said "insufficient balance" and `quota exceeded`',
  "«余额不足» “invalid api key” 「欠费」",
];

const anthropic = (message: string): string =>
  JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } });
const openai = (message: string, param: string | null = null): string =>
  JSON.stringify({ error: { message, type: "invalid_request_error", param, code: null } });

/** Validation errors as vendors write them, each with the client's text in it. */
const validations: Readonly<Record<string, (text: string) => string>> = {
  "Anthropic, a tag": (text) =>
    anthropic(
      `messages.0.content.0: Input tag '${text}' found using 'type' does not match any of the expected tags: 'text'`,
    ),
  "Anthropic, a role": (text) => anthropic(`messages.1.role: Input should be 'user' or 'assistant', got '${text}'`),
  "Anthropic, a bare tag": (text) => anthropic(`Input tag '${text}' found using 'type' does not match`),
  "Anthropic, a place and the text": (text) => anthropic(`tools.3.custom.name: ${text}`),
  "OpenAI, a value": (text) =>
    openai(`Invalid value: '${text}'. Supported values are: 'text' and 'image_url'.`, "messages[0].content[0].type"),
  "OpenAI, without its param": (text) =>
    openai(`Invalid value: '${text}'. Supported values are: 'text' and 'image_url'.`),
  "OpenAI, a place": (text) => openai(`Invalid 'messages[2].content': expected a string, but got ${text}`),
  "OpenAI, a schema": (text) =>
    openai(`Invalid schema for function '${text}': None is not of type 'array'.`, "tools[0].function.parameters"),
  "OpenAI, a parameter": (text) => openai(`Unknown parameter: '${text}'.`, text.slice(0, 20)),
  "OpenAI, double quotes": (text) => openai(`Invalid type for "${text}": expected an object.`),
  FastAPI: (text) =>
    JSON.stringify({
      detail: [
        { type: "literal_error", loc: ["body", "messages", 0, "role"], msg: "Input should be 'user'", input: text },
      ],
    }),
  "FastAPI, the text in its message": (text) =>
    JSON.stringify({
      detail: [
        { type: "value_error", loc: ["body", "messages", 0, "content"], msg: `Value error, ${text}`, input: text },
      ],
    }),
  "pydantic, printed": (text) =>
    openai(
      `1 validation error for Request\nmessages.0.role\n  Input should be 'user' [type=literal_error, input_value='${text}', input_type=str]`,
    ),
  "pydantic, older": (text) =>
    openai(
      `body -> messages -> 0 -> role: unexpected value; permitted: 'user' (type=value_error.const; given=${text}; permitted=('user',))`,
    ),
  "vLLM, a list that is printed": (text) =>
    JSON.stringify({
      object: "error",
      message: `[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required', 'input': {'x': '${text}'}}]`,
      type: "BadRequestError",
      code: 400,
    }),
  serde: (text) =>
    openai(
      `Failed to deserialize the JSON body into the target type: messages[0]: unknown variant \`${text}\`, expected one of \`system\`, \`user\` at line 1 column 42`,
    ),
  "serde, no place": (text) => openai(`unknown variant \`${text}\`, expected \`user\``),
  Go: (text) =>
    JSON.stringify({
      error: `json: cannot unmarshal string "${text}" into Go struct field ChatRequest.messages of type []api.Message`,
    }),
  Jackson: (text) =>
    JSON.stringify({
      message: `Cannot deserialize value of type \`Role\` from String "${text}": not one of the values accepted for Enum class: [user]`,
    }),
  zod: (text) =>
    JSON.stringify({
      success: false,
      error: {
        name: "ZodError",
        message: JSON.stringify([
          {
            received: text,
            code: "invalid_enum_value",
            path: ["messages", 0, "role"],
            message: `Invalid enum value. Expected 'user', received '${text}'`,
          },
        ]),
      },
    }),
  "a JSON pointer": (text) => openai(`Invalid request: /messages/0/content must be string, received "${text}"`),
  "a JSON path": (text) => openai(`$.messages[0].content: ${text}`),
  "a relay around it": (text) => openai(`Error from provider (X): messages.0.content: invalid value '${text}'`),
  "LiteLLM around it": (text) =>
    openai(`litellm.BadRequestError: OpenAIException - Invalid value: '${text}'. Supported values are: 'text'.`),
  "OpenRouter around it": (text) =>
    JSON.stringify({
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          raw: anthropic(`messages.0.content: Input tag '${text}' found using 'type'`),
          provider_name: "Anthropic",
        },
      },
    }),
  "a value without quotes": (text) => openai(`Invalid value for content: ${text}`),
  "a role without quotes": (text) => openai(`invalid role: ${text}`),
  Chinese: (text) => openai(`参数错误：messages[0].role 取值非法，收到“${text}”`),
  "Chinese, corner brackets": (text) => openai(`参数 role 的值「${text}」不合法`),
  "Chinese, no quotes": (text) => openai(`无效的角色：${text}`),
  Google: (text) =>
    JSON.stringify([
      {
        error: {
          code: 400,
          message: `Invalid value at 'contents[0].parts[0]' (oneof), "${text}"`,
          status: "INVALID_ARGUMENT",
        },
      },
    ]),
  Mistral: (text) =>
    JSON.stringify({
      object: "error",
      message: {
        detail: [{ type: "enum", loc: ["body", "messages", 0, "role"], msg: "Input should be 'user'", input: text }],
      },
      type: "invalid_request_error",
      code: null,
    }),
};

const kinds: readonly Pick<AttemptFacts, "providerType" | "dialect">[] = [
  { providerType: "anthropic" },
  { providerType: "openai", dialect: "chat" },
  { providerType: "openai", dialect: "responses" },
];

// A request to which every lesson would apply.
const facts: AttemptFacts = {
  providerType: "anthropic",
  stream: true,
  hasContent: false,
  hasThinking: true,
  asksForThinking: true,
  isDialectOpen: true,
  maxTokens: 128_000,
  retried: new Set(),
  wallNowMs: 1_800_000_000_000,
};

function judgeAll(status: number, body: string): readonly Judgement[] {
  return kinds.map((kind) => classify({ type: "response", status, headers: {}, body }, { ...facts, ...kind }, []));
}

test.each(Object.keys(validations))("whatever the client wrote, a validation error is the request's: %s", (vendor) => {
  const write = validations[vendor] as (text: string) => string;
  const offences: string[] = [];
  for (const text of clientTexts) {
    for (const status of [400, 422]) {
      for (const judgement of judgeAll(status, write(text))) {
        if (judgement.type !== "forward")
          offences.push(
            `${status} ${text} → ${judgement.type} ${judgement.type === "continue" ? "" : judgement.reason.class}`,
          );
      }
    }
  }
  expect(offences).toEqual([]);
});

test("neither do several of such texts, with anything around them", () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom(...clientTexts), fc.string({ maxLength: 12 })), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(" "));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(validations)), text, (vendor, words) => {
      const body = (validations[vendor] as (text: string) => string)(words);
      for (const judgement of judgeAll(400, body)) expect(judgement).toMatchObject({ type: "forward" });
    }),
    { numRuns: 3_000 },
  );
});
