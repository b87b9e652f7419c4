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
 * Stable code of a `CcpbError`.
 *
 * - `invalid_request`: the request itself is wrong or cannot be translated.
 * - `providers_unavailable`: no provider could serve the request, or all failed.
 * - `provider_error`: the answer is a provider's own error.
 * - `stream_broken`: a stream broke after its first content.
 * - `configuration`: the configuration is invalid.
 */
export type CcpbErrorCode =
  | "invalid_request"
  | "providers_unavailable"
  | "provider_error"
  | "stream_broken"
  | "configuration";

/** Members of a `CcpbError` besides its code and message. */
export interface CcpbErrorOptions {
  /** HTTP status that answers a client. */
  readonly status: number;
  /** Anthropic's error type that answers a client. */
  readonly type: AnthropicErrorType;
  /** Attempts of the call; default: none. */
  readonly attempts?: readonly AttemptTrace[];
  /** Milliseconds until the soonest recovery of a provider. */
  readonly retryAfterMs?: number;
  /** `false` if a client must not repeat the request. */
  readonly shouldRetry?: false;
  /** Content of `error.details` in the client's error. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Error behind this one. */
  readonly cause?: unknown;
}

/**
 * The only error that ccpb throws on purpose, besides `TypeError` for misuse and the reason of an aborted signal.
 *
 * @example
 * ```ts
 * try {
 *   balancer.open({ model: "no-such-model", max_tokens: 1, messages: [] });
 * } catch (error) {
 *   if (error instanceof CcpbError) console.log(error.code, error.status); // invalid_request 404
 * }
 * ```
 */
export class CcpbError extends Error {
  /** Stable code to branch on. */
  readonly code: CcpbErrorCode;
  /** HTTP status that answers a client. */
  readonly status: number;
  /** Anthropic's error type that answers a client. */
  readonly type: AnthropicErrorType;
  /** Attempts of the call, in order; empty if the request was refused before the first. */
  readonly attempts: readonly AttemptTrace[];
  /** Milliseconds until the soonest recovery of a provider; undefined if unknown. */
  readonly retryAfterMs: number | undefined;
  /** `false` if a client must not repeat the request (`x-should-retry: false`); else undefined. */
  readonly shouldRetry: false | undefined;
  /** Content of `error.details` in the client's error; undefined if there is none. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  /**
   * @param code - stable code to branch on.
   * @param message - sentence for the client. It must hold no secret.
   * @param options - status, type and the other members.
   */
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
