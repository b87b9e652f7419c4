import type { MessagesError } from "../../failures/messages-error.ts";
import type { JsonObject } from "../../base/json.ts";

/** An error in OpenAI's words. */
export interface ResponsesError {
  readonly message: string;
  readonly type: string;
  /** The path of the member that is wrong. */
  readonly param: string | null;
  readonly code: string | null;
}

/**
 * Returns OpenAI's words for an error of the Messages API. The codes are those that clients act on: Codex compacts at `context_length_exceeded`, gives up
 * at `insufficient_quota` and tries again at the others.
 */
export function responsesErrorOf({ error }: Pick<MessagesError, "error">): ResponsesError {
  const { message } = error;
  const words = (type: string, code: string | null, param: string | null = null): ResponsesError => ({
    message,
    type,
    param,
    code,
  });
  switch (error.type) {
    case "invalid_request_error":
      return words("invalid_request_error", requestCode(message), paramOf(message));
    case "authentication_error":
      return words("invalid_request_error", "invalid_api_key");
    case "billing_error":
      return words("insufficient_quota", "insufficient_quota");
    case "permission_error":
      return words("permission_error", "permission_denied");
    case "not_found_error":
      return words("invalid_request_error", /\bmodel\b/i.test(message) ? "model_not_found" : "not_found");
    case "rate_limit_error":
      return words("rate_limit_error", "rate_limit_exceeded");
    case "conflict_error":
      return words("invalid_request_error", "conflict");
    case "request_too_large":
      return words("invalid_request_error", "request_too_large");
    case "timeout_error":
      return words("server_error", "timeout");
    case "overloaded_error":
      return words("server_error", "server_is_overloaded");
    case "api_error":
      return words("server_error", "server_error");
  }
}

/** Returns the body of an error answer. */
export function toResponsesError(error: Pick<MessagesError, "error">): JsonObject {
  return { error: responsesErrorOf(error) };
}

function requestCode(message: string): string | null {
  if (message.startsWith("prompt is too long")) return "context_length_exceeded";
  if (message.startsWith("previous_response_id:")) return "previous_response_not_found";
  return null;
}

/** Reads the path at the beginning of a refusal of ours, such as `input[2].content[0].type: …`. */
function paramOf(message: string): string | null {
  const path = message.slice(0, Math.max(0, message.indexOf(": ")));
  return /^[a-z_]+(?:\.[a-z_]+|\[\d+\])*$/.test(path) ? path : null;
}
