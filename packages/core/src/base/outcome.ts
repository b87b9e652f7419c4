import type { Lesson } from "./lesson.ts";

/** The phase whose deadline passed. `call` is the budget of all attempts together. */
export type DeadlinePhase = "connect" | "response" | "content" | "idle" | "total" | "call";

/** Header names in lower case; a repeated header is joined with `, ` (the first wins for `retry-after`). */
export type HeaderMap = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Event of an attempt, as its driver saw it: the input of `classify` and `Attempt.report`. */
export type Outcome =
  /** Headers arrived. For a status of 300 or more, `body` holds the (bounded) error body. */
  | { readonly type: "response"; readonly status: number; readonly headers: HeaderMap; readonly body?: string }
  /** The content gate opened: the client now has something that it would lose. */
  | { readonly type: "content" }
  /** The answer is whole. */
  | { readonly type: "complete" }
  /** `reusedSocket`: the request went out on a kept-alive connection that gave no byte since. */
  | { readonly type: "timeout"; readonly phase: DeadlinePhase; readonly reusedSocket?: boolean }
  /** DNS, connect, TLS, reset, malformed HTTP. `reusedSocket`: the connection had served before and died before any response byte. */
  | { readonly type: "transport-error"; readonly cause: unknown; readonly reusedSocket?: boolean }
  /** A 2xx that is no answer, or a stream that broke: cut, junk, an error event, a clean end without a terminal event. */
  | { readonly type: "stream-error"; readonly reason: StreamFailure }
  | { readonly type: "client-abort" };

/** Reason why a 2xx reply is no whole answer. `error` carries the upstream's own error. */
export type StreamFailure =
  | { readonly type: "error"; readonly error: UpstreamErrorText; readonly status?: number }
  | { readonly type: "truncated" }
  | { readonly type: "junk"; readonly detail: string }
  | { readonly type: "not-an-answer"; readonly detail: string }
  | { readonly type: "too-large"; readonly detail: string };

/** Error body of an upstream, read into its parts. */
export interface UpstreamErrorText {
  /** Message, as the upstream wrote it; it may quote the request. */
  readonly message: string;
  /** Type, code or status word of the vendor's; absent if there is none. */
  readonly type?: string;
  /** Further code of the vendor's; absent if there is none. */
  readonly code?: string;
  /**
   * Code of an error of the Messages API (`error.details.error_code`), or its type where that says as much. Absent if the error is of another API, or has
   * none.
   */
  readonly errorCode?: string;
  /**
   * Parameter or place in the request that the error names (`param`, `loc`): the error is then about the request.
   * Absent if there is none.
   */
  readonly param?: string;
  /**
   * Wait that a member of the error states, such as `resets_at`, `retry_after` or Google's `retryDelay`: a duration (`41s`), seconds, epoch seconds or
   * an RFC 3339 time. Absent if there is none.
   */
  readonly retryAfter?: string;
}

/**
 * Party at fault for a failed attempt.
 *
 * - `provider`: the provider or one of its deployments.
 * - `credential`: the configured key, or with `passthrough` the client's own.
 * - `request`: the client's request.
 * - `host`: this machine or its network.
 * - `unclear`: decided when the call ends (`weigh`).
 */
export type Suspect = "provider" | "credential" | "request" | "host" | "unclear";

/** Part of a provider that a failure counts against. */
export type HealthScope = "provider" | "deployment" | "key" | "key-deployment";

/**
 * Duration for which a failure keeps its scope out.
 *
 * - `base`: grows with failed probes, with jitter.
 * - `stated`: stated by the provider; with `atLeastBase` never shorter than the base.
 * - `fixed`: does not grow.
 * - `short`: one second, doubling up to the base (a 429 that states no wait).
 */
export type Cooldown =
  | { readonly kind: "base" }
  | { readonly kind: "stated"; readonly ms: number; readonly atLeastBase?: boolean }
  | { readonly kind: "fixed"; readonly ms: number }
  | { readonly kind: "short" };

/** Cost of a failure for the provider's health. */
export interface Charge {
  /** Part of the provider that is charged. */
  readonly scope: HealthScope;
  /** Duration of the cooldown, and how it grows. */
  readonly cooldown: Cooldown;
  /**
   * `now`: at once. `if-served`: only if a later attempt of the same call served it (404, 405, 501). `weighed`:
   * decided by the evidence of all attempts when the call ends.
   */
  readonly when: "now" | "if-served" | "weighed";
}

/** Reason of a failure. It holds no secret. */
export interface Reason {
  /** Short class, for labels of metrics and for the client's 503. */
  readonly class: ReasonClass;
  /** Sentence for the log. */
  readonly detail: string;
  /**
   * Words of the provider: redacted, at most 200 characters, without control characters. For operators; clients never
   * see them.
   */
  readonly words?: string;
  /** Id that the upstream gave the failed request. */
  readonly requestId?: string;
}

/** Every class of reason, for labels and for reading what another process wrote. */
export const reasonClasses = [
  "connect",
  "timeout",
  "redirect",
  "account",
  "auth",
  "not-found",
  "rate-limit",
  "overloaded",
  "server-error",
  "bad-answer",
  "stream-broken",
  "tool-use-failed",
  "untranslatable",
  "rule",
  "host",
  "firewall",
  "moderated",
  "overflow",
  "client-error",
  "client-abort",
] as const;

/** Class of a reason, from a closed list, so that it fits a metrics label. */
export type ReasonClass = (typeof reasonClasses)[number];

/** The one change with which the same candidate is tried again, each at most once per call. */
export type RetryChange =
  | "fresh-socket"
  | "fresh-credential"
  | "provider-time"
  | "without-thinking"
  | "without-signatures"
  | "lower-max-tokens"
  | "other-dialect"
  | "profile";

/** Meaning of an outcome: the result of `classify`, before health is charged. */
export type Judgement =
  | { readonly type: "continue" }
  /** The client's own error: status and body go to it, nothing is charged. */
  | { readonly type: "forward"; readonly reason: Reason }
  | {
      readonly type: "failover";
      readonly reason: Reason;
      readonly suspect: Suspect;
      readonly charge?: Charge;
      /** A provider-scoped failure also skips the provider's other keys. */
      readonly skipProvider: boolean;
      /**
       * The upstream's own error answers the client when no attempt served. `if-all`: only if every attempt of the call has such an answer (404, an
       * unknown model); `always`: whatever the others said (a context overflow).
       */
      readonly answer?: "if-all" | "always";
      /** A context overflow: only candidates with a larger known window may follow. `limit`: this one's window in tokens, where it is stated. */
      readonly overflow?: { readonly limit?: number };
      /** A 429 that states nothing: fewer requests at once may be what helps. */
      readonly learnsLimit?: true;
    }
  | {
      readonly type: "retry";
      readonly change: RetryChange;
      /** With `provider-time`: the provider's clock, in milliseconds since the Unix epoch. */
      readonly providerTimeMs?: number;
      readonly maxTokens?: number;
      /** With `other-dialect`: the one to speak. */
      readonly dialect?: "chat" | "responses";
      /** Changes the provider's profile for the retry, and is kept if the retry is served. Present exactly where `change` is `profile`. */
      readonly lesson?: Lesson;
      readonly reason: Reason;
    }
  /** The call is over for this client: it left, or the stream broke after content. */
  | { readonly type: "refuse"; readonly reason: Reason; readonly suspect?: Suspect; readonly charge?: Charge };

/** Result of `Attempt.report`. `cooldownMs` is 0 if nothing was cooled down. */
export type Verdict =
  | { readonly type: "continue" }
  | { readonly type: "forward" }
  | { readonly type: "failover"; readonly reason: Reason; readonly cooldownMs: number }
  | { readonly type: "retry"; readonly change: RetryChange }
  | { readonly type: "refuse"; readonly reason: Reason };

/** Provider that would have been asked first, and what it cannot do of what the request needs. */
export interface PassedOver {
  /** Name of the provider. */
  readonly provider: string;
  /** Abilities that it lacks. */
  readonly lacks: readonly string[];
}
