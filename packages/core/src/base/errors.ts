import type { AttemptTrace } from "./events.ts";

/** The types of Anthropic's error envelope (source: the error classes of `@anthropic-ai/sdk` 1.12). */
export type AnthropicErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "rate_limit_error"
  | "timeout_error"
  | "api_error"
  | "overloaded_error"
  | "conflict_error"
  | "request_too_large";

/**
 * `invalid_request`: the request itself is wrong or cannot be translated; `providers_unavailable`: nobody could or did serve it;
 * `provider_error`: a provider's own error is the answer; `stream_broken`: a stream broke after content; `configuration`: a bad configuration.
 */
export type CcpbErrorCode =
  | "invalid_request"
  | "providers_unavailable"
  | "provider_error"
  | "stream_broken"
  | "configuration";

/** What a `CcpbError` carries beside its code and message: the HTTP status and Anthropic's error type it is answered with. */
export interface CcpbErrorOptions {
  readonly status: number;
  readonly type: AnthropicErrorType;
  readonly attempts?: readonly AttemptTrace[];
  /** Until the soonest recovery. */
  readonly retryAfterMs?: number;
  readonly shouldRetry?: false;
  /** `error.details` of the envelope. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The only error that ccpb throws on purpose (besides `TypeError` for misuse and an aborted signal's reason). `status` and `type` are what an HTTP client is told. */
export class CcpbError extends Error {
  readonly code: CcpbErrorCode;
  readonly status: number;
  readonly type: AnthropicErrorType;
  readonly attempts: readonly AttemptTrace[];
  readonly retryAfterMs: number | undefined;
  readonly shouldRetry: false | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: CcpbErrorCode, message: string, options: CcpbErrorOptions) {
    super(message, { cause: options.cause });
    this.name = "CcpbError";
    this.code = code;
    this.status = options.status;
    this.type = options.type;
    this.attempts = options.attempts ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.shouldRetry = options.shouldRetry;
    this.details = options.details;
  }
}
