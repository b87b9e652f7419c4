import type { Outcome } from "@ccpb/core";
import { BrokenAnswer } from "./broken-answer.ts";

/** The part of the AI SDK's `APICallError` that says what the upstream answered. Read by shape: several versions of its class may be installed. */
interface ApiCallErrorShape {
  readonly message: string;
  readonly statusCode?: number | undefined;
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
  readonly responseBody?: string | undefined;
  readonly cause?: unknown;
}

/** Names of the AI SDK's errors that say an answer could not be read. */
const unreadable: ReadonlySet<string> = new Set([
  "AI_EmptyResponseBodyError",
  "AI_InvalidResponseDataError",
  "AI_JSONParseError",
  "AI_NoContentGeneratedError",
  "AI_TypeValidationError",
]);

/** Statuses for errors of the AI SDK that a model throws before it sends a request. */
const localStatuses: Readonly<Record<string, number>> = {
  AI_InvalidArgumentError: 400,
  AI_InvalidPromptError: 400,
  AI_LoadAPIKeyError: 401,
  AI_LoadSettingError: 401,
  AI_NoSuchModelError: 404,
  AI_TooManyEmbeddingValuesForCallError: 400,
  AI_UnsupportedFunctionalityError: 501,
};

/**
 * Reads what a model threw, or said in an `error` part before any content, into an outcome for the balancer.
 *
 * @param error - An `APICallError` with a status is the upstream's reply; one without, like every other error, is a failure to reach it.
 */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Error)) return outcomeOfValue(error);
  if (error instanceof BrokenAnswer) return { type: "stream-error", reason: error.failure };
  if (unreadable.has(error.name)) {
    return { type: "stream-error", reason: { type: "not-an-answer", detail: error.name } };
  }
  const { message, statusCode, responseHeaders, responseBody, cause }: ApiCallErrorShape = error;
  const status = statusCode ?? localStatuses[error.name];
  if (status === undefined) return { type: "transport-error", cause: cause ?? error };
  // Models throw for a reply of 200 whose body they could not read.
  if (status < 300) return { type: "stream-error", reason: { type: "not-an-answer", detail: error.name } };
  return { type: "response", status, headers: responseHeaders ?? {}, body: responseBody ?? errorBody(message) };
}

/** Values that are no errors come in `error` parts: the provider's own error object, or its text. */
function outcomeOfValue(value: unknown): Outcome {
  const body = typeof value === "string" ? value : (JSON.stringify(value) ?? "no error was given");
  return { type: "stream-error", reason: { type: "error", error: readError(value, body) } };
}

function readError(value: unknown, fallback: string): { message: string; type?: string; code?: string } {
  const object = isObject(value) && isObject(value["error"]) ? value["error"] : value;
  if (!isObject(object)) return { message: fallback };
  const { message, type, code } = object;
  return {
    message: typeof message === "string" ? message : fallback,
    ...(typeof type === "string" && { type }),
    ...((typeof code === "string" || typeof code === "number") && { code: String(code) }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function errorBody(message: string): string {
  return JSON.stringify({ error: { message } });
}
