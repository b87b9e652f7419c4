import { expect, it } from "vitest";
import type { AnthropicErrorType } from "../../base/errors.ts";
import { toMessagesError } from "../../failures/messages-error.ts";
import { chatError } from "./client-error.ts";

const rows: readonly (readonly [AnthropicErrorType, string, string | null])[] = [
  ["invalid_request_error", "invalid_request_error", null],
  ["authentication_error", "invalid_request_error", "invalid_api_key"],
  ["billing_error", "insufficient_quota", "insufficient_quota"],
  ["permission_error", "invalid_request_error", "permission_denied"],
  ["not_found_error", "invalid_request_error", "model_not_found"],
  ["rate_limit_error", "requests", "rate_limit_exceeded"],
  ["timeout_error", "server_error", "timeout"],
  ["api_error", "server_error", null],
  ["overloaded_error", "server_error", "server_is_overloaded"],
  ["conflict_error", "invalid_request_error", "conflict"],
  ["request_too_large", "invalid_request_error", "request_too_large"],
];

it.each(rows)("%s is OpenAI's %s, code %s", (type, expected, code) => {
  expect(chatError({ status: 400, error: { type, message: "Sorry." } })).toEqual({
    error: { message: "Sorry.", type: expected, param: null, code },
  });
});

it.each([
  ["messages[2].content[0].type: audio is not supported", "messages[2].content[0].type", null],
  ["messages.2.content: too long", "messages.2.content", null],
  ["max_tokens: 5 > 4", "max_tokens", null],
  ["Something: else", null, null],
  ["prompt is too long: 300000 tokens > 200000 maximum", "messages", "context_length_exceeded"],
])("names the member and the code of %s", (message, param, code) => {
  const { error } = chatError({ status: 400, error: { type: "invalid_request_error", message } });
  expect(error).toMatchObject({ message, param, code });
});

it("gives an upstream's own overflow the code that clients look for", () => {
  const body = JSON.stringify({
    error: {
      message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      code: "context_length_exceeded",
    },
  });
  expect(chatError(toMessagesError({ status: 400, body })).error).toMatchObject({ code: "context_length_exceeded" });
});
