import type { MessagesError } from "../../failures/messages-error.ts";
import type { AnthropicErrorType } from "../../base/errors.ts";
import type { ChatErrorBody } from "../../protocol/chat-answer.ts";

interface Wording {
  readonly type: string;
  readonly code: string | null;
}

/** OpenAI's own types and codes (platform.openai.com, "Error codes"), by the error types of the Messages API. */
const wordings: Readonly<Record<AnthropicErrorType, Wording>> = {
  invalid_request_error: { type: "invalid_request_error", code: null },
  authentication_error: { type: "invalid_request_error", code: "invalid_api_key" },
  billing_error: { type: "insufficient_quota", code: "insufficient_quota" },
  permission_error: { type: "invalid_request_error", code: "permission_denied" },
  not_found_error: { type: "invalid_request_error", code: "model_not_found" },
  rate_limit_error: { type: "requests", code: "rate_limit_exceeded" },
  timeout_error: { type: "server_error", code: "timeout" },
  api_error: { type: "server_error", code: null },
  overloaded_error: { type: "server_error", code: "server_is_overloaded" },
  conflict_error: { type: "invalid_request_error", code: "conflict" },
  request_too_large: { type: "invalid_request_error", code: "request_too_large" },
};

// The words by which the errors of the Messages API tell of a prompt that is too long; other vendors' were put into them.
const overflow = /^prompt is too long|^input length and `max_tokens` exceed context limit/i;
// Errors about a member begin with its path: `messages[2].content`, or `messages.2.content` in Anthropic's own.
const memberPath = /^(?<path>[a-z_]+(?:\.[a-z_]\w*|\.\d+|\[\d+\])*): /;

/**
 * Writes the body of an error in the form of OpenAI's APIs: `{"error": {"message", "type", "param", "code"}}`.
 *
 * @param error - error in the words of the Messages API, such as `toMessagesError` and `CcpbError` give.
 * @returns the body.
 * @see https://platform.openai.com/docs/guides/error-codes
 * @example
 * ```ts
 * const body = toChatError({ status: 404, error: { type: "not_found_error", message: "no such model" } });
 * console.log(body.error.message); // no such model
 * ```
 */
export function chatError({ error }: MessagesError): ChatErrorBody {
  const { message } = error;
  const { type, code } = Object.hasOwn(wordings, error.type) ? wordings[error.type] : wordings.api_error;
  if (error.type !== "invalid_request_error") return { error: { message, type, param: null, code } };
  if (overflow.test(message)) return { error: { message, type, param: "messages", code: "context_length_exceeded" } };
  return { error: { message, type, param: memberPath.exec(message)?.groups?.["path"] ?? null, code } };
}
