import type { ErrorText } from "./behaviour.ts";
import { frame } from "./anthropic-answer.ts";
import type { WireFormat } from "./dialect.ts";
import { openaiFrame } from "./openai-answer.ts";
import { responsesFrame } from "./responses-answer.ts";

/** Returns an error as a vendor's JSON; `status` decides the type where the error names none. */
export function errorObject(dialect: WireFormat, status: number, error: ErrorText): unknown {
  const { message, code } = error;
  const type = error.errorType;
  switch (error.shape ?? dialect) {
    case "anthropic":
      return {
        type: "error",
        error: { type: type ?? anthropicType(status), message },
        request_id: "req_fake",
      };
    case "openai":
    case "responses":
      return { error: { message, type: type ?? openaiType(status), param: null, code: code ?? null } };
    case "openrouter":
      return { error: { message, code: code ?? status, metadata: { provider_name: "fake" } }, user_id: "user_fake" };
    case "google":
      return { error: { code: code ?? status, message, status: type ?? "UNAVAILABLE" } };
    case "list":
      return [{ error: { code: code ?? status, message, status: type ?? "UNAVAILABLE" } }];
    case "fastapi":
      return { detail: message };
    case "string":
      return { error: message };
    case "message":
      return { message };
    case "bedrock":
      return { message };
    case "vertex":
      return { error: { code: status, message, status: type ?? googleStatus(status) } };
    case "aws":
      return { __type: type ?? "ThrottlingException", Message: message };
    case "code-message":
      return { code: code ?? status, message, success: false };
  }
}

/** Returns an error in the middle of a stream: Anthropic's `error` event, or a data line with an error object. */
export function errorFrame(dialect: WireFormat, error: ErrorText): string {
  const object = errorObject(dialect, 529, error);
  if (dialect === "openai") return openaiFrame(object);
  if (dialect === "responses") {
    const { message, errorType, code } = error;
    const inner = { type: errorType ?? "server_error", code: code ?? null, message, param: null };
    return responsesFrame({ type: "error", error: inner });
  }
  const shape = error.shape ?? dialect;
  if (shape !== "anthropic" && shape !== "vertex" && shape !== "bedrock")
    return `event: error\ndata: ${JSON.stringify(object)}\n\n`;
  return frame({
    type: "error",
    error: { type: error.errorType ?? anthropicType(529), message: error.message },
  });
}

function anthropicType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
  };
  return types[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

/** Returns the name of a status in `x-amzn-errortype`. */
export function awsErrorName(status: number): string {
  const names: Readonly<Record<number, string>> = {
    400: "ValidationException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
  };
  return names[status] ?? (status < 500 ? "ValidationException" : "InternalServerException");
}

function googleStatus(status: number): string {
  const names: Readonly<Record<number, string>> = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    502: "INTERNAL",
    504: "DEADLINE_EXCEEDED",
  };
  return names[status] ?? (status < 500 ? "FAILED_PRECONDITION" : "UNAVAILABLE");
}

function openaiType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 429) return "rate_limit_exceeded";
  return status < 500 ? "invalid_request_error" : "server_error";
}
