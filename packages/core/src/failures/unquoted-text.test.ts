import { expect, test } from "vitest";
import type { AttemptFacts } from "../policy/attempt-facts.ts";
import { classify } from "../policy/classify.ts";
import { readErrorText } from "./error-text.ts";

// What would cool a key, or charge a deployment, if the provider stated it.
const clientTexts = [
  "your credit balance is too low",
  "insufficient_quota",
  "the invoice is overdue, please pay",
  "invalid api key",
  "余额不足",
  "账号已被封禁",
  "请充值",
  "quota exceeded for billing account",
  "the server is overloaded",
  "服务繁忙",
  "upstream request failed",
  "上游请求失败",
  "the model has crashed",
  "network error",
  "connection refused",
  "read ECONNRESET",
  "no available accounts",
  "your account has been blocked",
  "the free tier has been exhausted",
  "your organization must be verified to use it",
  "本月用量已达上限",
  "unsupported country",
  "user location is not supported",
  "当前地区不支持访问",
];

const openai = (message: string, more: object = {}): string =>
  JSON.stringify({ error: { message, type: "invalid_request_error", code: null, ...more } });

/** Errors that repeat a part of the request without quotes, or in a shape of their own. */
const echoes: Readonly<Record<string, (text: string) => string>> = {
  "a function's name": (text) => openai(`No function named ${text} was specified in the 'tools' parameter`),
  "a tool's arguments": (text) => openai(`Tool call arguments for ${text} are not valid JSON`),
  "a property": (text) => JSON.stringify({ statusCode: 400, message: [`property ${text} should not exist`] }),
  "a member, as Rails says it": (text) => JSON.stringify({ errors: [`Content ${text} is invalid`] }),
  "the address of an image": (text) => openai(`Failed to download image from ${text}.`),
  "an instance of a schema": (text) => openai(`${text} is not valid under any of the given schemas`),
  "a value of an enumeration": (text) => openai(`${text} is not one of ['auto', 'none']`),
  "a tool in Chinese": (text) => openai(`工具 ${text} 未定义`),
  "a parameter in Chinese": (text) => openai(`请求参数有误，${text}`),
  "a part in brackets": (text) => openai(`The request was refused (${text})`),
  "a part in square brackets": (text) => openai(`The request was refused [${text}]`),
  "JSON behind words": (text) => openai(`Failed to parse tool arguments: {"message":"${text}"}`),
  "an error object behind words": (text) => openai(`Invalid tool input {"error":{"message":"${text}"}}`),
  "a text with a mark of its own": (text) => openai(`Invalid type for "a" ${text}": expected an object.`),
  "a text with a mark of another kind": (text) => openai(`Cannot find value of \`Role\` from String "\` ${text}"`),
  "a list that is printed": (text) => openai(`[{'type': 'missing', 'x': '] ${text}'}]`),
  "a member that does not exist": (text) =>
    JSON.stringify({
      detail: [{ type: "extra_forbidden", loc: ["body", text], msg: "Extra inputs are not permitted" }],
    }),
  "a value that repeats words of an error": (text) =>
    JSON.stringify({
      detail: [
        {
          type: "union_tag_invalid",
          loc: ["body", "messages", 0],
          msg: "Input tag does not match",
          input: { type: text, code: text, message: text, error: { message: text, type: text } },
          ctx: { tag: text },
        },
      ],
    }),
  "a page": (text) => `<html><head></head><body>Blocked. Your request "${text}" <p>${text}</p></body></html>`,
  "a page's title": (text) => `<html><head><title>${text}</title></head></html>`,
};

const facts: AttemptFacts = {
  providerType: "openai",
  dialect: "chat",
  stream: true,
  hasContent: false,
  hasThinking: true,
  asksForThinking: true,
  isDialectOpen: true,
  maxTokens: 128_000,
  retried: new Set(),
  wallNowMs: 1_800_000_000_000,
};

test.each(Object.entries(echoes))("%s in an error decides nothing", (_, write) => {
  const offences: string[] = [];
  for (const text of clientTexts) {
    for (const status of [400, 403, 413, 422, 500]) {
      // What a text that means nothing comes to.
      const [harmless, judged] = ["hello there", text].map((words) =>
        classify({ type: "response", status, headers: {}, body: write(words) }, facts, []),
      );
      const without = (one: typeof judged): unknown => ({ ...one, reason: undefined });
      if (JSON.stringify(without(judged)) !== JSON.stringify(without(harmless))) {
        offences.push(`${status} ${text}: ${JSON.stringify(judged)}`);
      }
    }
  }
  expect(offences).toEqual([]);
});

test("a 403 about a place in the request charges nobody", () => {
  const body = openai("messages.0.content.1: this content may not be sent");
  expect(classify({ type: "response", status: 403, headers: {}, body }, facts, [])).toMatchObject({
    type: "failover",
    suspect: "request",
    answer: "if-all",
  });
});

test.each([
  ["Error code: 402 - ", "credit"],
  ["litellm.BadRequestError: AnthropicException - ", "credit"],
  ["HTTP 400: ", "credit"],
  ["上游返回：", "credit"],
  ["", "credit"],
])("an error object behind the label %j is what the provider says", (label, words) => {
  const inner = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: `${words} text` } });
  expect(readErrorText(openai(label + inner)).message).toBe("credit text");
});
