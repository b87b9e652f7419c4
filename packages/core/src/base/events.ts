import type { DialectName } from "./dialect-name.ts";
import type { DeadlinePhase, PassedOver, Reason, RetryChange, Suspect } from "./outcome.ts";

/** End of a call for its client. */
export type TerminalState = "complete" | "error" | "truncated" | "client_cancelled";

/** Token counts of an answer, as the provider reported them. */
export interface TokenUsage {
  /** Input tokens that were neither read from nor written to a cache. */
  readonly inputTokens: number;
  /** Output tokens, thinking included. */
  readonly outputTokens: number;
  /** Input tokens that were read from a cache. */
  readonly cacheReadTokens: number;
  /** Input tokens that were written to a cache. */
  readonly cacheCreationTokens: number;
  /**
   * Part of `cacheCreationTokens` that was written for one hour instead of five minutes; absent if the provider does
   * not say.
   */
  readonly cacheCreation1hTokens?: number;
  /** Part of `outputTokens` that was thinking; absent if the provider does not say. */
  readonly thinkingTokens?: number;
}

/** One attempt after its end: plain data without secrets or prompt text. */
export interface AttemptTrace {
  /** Number of the attempt within its call, from 1. */
  readonly number: number;
  /** Name of the provider. */
  readonly provider: string;
  /** Index of the key within the provider, from 0; never the key. */
  readonly keyIndex: number;
  /** Model that the provider was asked for. */
  readonly model: string;
  /** True if a half-open circuit admitted the attempt. */
  readonly probe: boolean;
  /**
   * End of the attempt. `forwarded`: the client got the upstream's error. `retried`: the same provider was asked again with
   * a change. `aborted`: the client left. `abandoned`: disposed without a report.
   */
  readonly outcome: "complete" | "forwarded" | "failed" | "retried" | "aborted" | "abandoned";
  /** HTTP status of the upstream; absent if no headers came. */
  readonly status?: number;
  /** Phase whose deadline passed; absent if none did. */
  readonly phase?: DeadlinePhase;
  /** Reason of the failure; absent if it served. */
  readonly reason?: Reason;
  /** Suspected cause of the failure. The charge is decided when the call ends. */
  readonly suspect?: Suspect;
  /** Change with which the same provider was asked again; only with `retried`. */
  readonly retry?: RetryChange;
  /**
   * Milliseconds for which the failure keeps the provider, the key or the deployment out. 0: nothing was charged (in
   * `attempt-end`: not yet).
   */
  readonly cooldownMs: number;
  /** Milliseconds from its start to its end. */
  readonly durationMs: number;
  /** Milliseconds from its start to the first content; absent if there was none. */
  readonly firstContentMs?: number;
  /** Sentences about what translation dropped or replaced. */
  readonly warnings: readonly string[];
}

/**
 * The limit at which a call failed. `queue-timeout`: it has waited for as long as it may (`queue_timeout`); `queue-full`: too many calls wait already;
 * `retry-budget`: the budget for further attempts was empty; `attempt-limit`: it made as many attempts as one call may; `call-deadline`: its own time
 * (`timeouts.call`) was over.
 */
export type CallLimit = "queue-timeout" | "queue-full" | "retry-budget" | "attempt-limit" | "call-deadline";

/**
 * One call after its end, with every attempt: the payload of `call-end`. It holds no secret and no text of a prompt
 * or an answer.
 */
export interface CallTrace {
  /** Id of the call. */
  readonly callId: string;
  /** Model as the client named it. */
  readonly requestedModel: string;
  /** API that the client spoke. */
  readonly dialect: DialectName;
  /** True if the client asked for a stream. */
  readonly stream: boolean;
  /** Name of the client; absent if the call's context had none. */
  readonly client?: string;
  /** Id of the conversation, as the request names it; absent if it names none, or one of more than 256 characters. */
  readonly sessionId?: string;
  /** Present if a subagent of Claude Code sent the request (`x-claude-code-agent-id`). */
  readonly isSubagent?: true;
  /** End of the call for the client. */
  readonly state: TerminalState;
  /** HTTP status that the client got. */
  readonly status: number;
  /** Attempts in order; empty if none was made. */
  readonly attempts: readonly AttemptTrace[];
  /** Milliseconds from `open` to the end of the answer. */
  readonly durationMs: number;
  /** Milliseconds from `open` to the first content; absent if there was none. */
  readonly firstContentMs?: number;
  /** Tokens that the provider reported; absent if it reported none. */
  readonly usage?: TokenUsage;
  /** `stop_reason` of the answer; absent if there was none. */
  readonly stopReason?: string;
  /** Milliseconds that the call waited for room or for a probe; absent if it did not wait. */
  readonly waitedMs?: number;
  /** Providers that would have been asked first, and what each lacks; absent if there were none. */
  readonly passedOver?: readonly PassedOver[];
  /** Limit at which the call failed; absent if it served, or failed at its providers. */
  readonly limit?: CallLimit;
  /** `host` if the call failed because of this machine or its network. */
  readonly suspect?: Suspect;
  /** The balancer's own error as the client was told it: classes of reasons and names of providers. */
  readonly refusal?: string;
}

/** Payload of `circuit-change`. */
export interface CircuitChange {
  /**
   * Part that the circuit is kept for: `provider`, `deployment MODEL`, `key 0`, `key 0 deployment MODEL`, or `login`
   * and `login deployment MODEL` for a client's own credential (without its digest). Keys are counted from 0.
   */
  readonly scope: string;
  /** Name of the provider. */
  readonly provider: string;
  /** State before. */
  readonly from: "closed" | "open" | "half-open";
  /** State now. */
  readonly to: "closed" | "open" | "half-open";
  /** Reason why the circuit opened; absent otherwise. */
  readonly reason?: Reason;
  /** Milliseconds until the first probe; only if the circuit opened. */
  readonly cooldownMs?: number;
  /** Present if another process found out and told this one. */
  readonly isShared?: true;
  /** Present if the circuit is kept for one client's own credential: the provider is in service for other clients. */
  readonly isLogin?: true;
}

/**
 * Payload of `profile-learned`: a refusal taught what a provider takes, and a request that was made accordingly was
 * served.
 */
export interface ProfileLearned {
  /** Name of the provider. */
  readonly provider: string;
  /** Upstream's name of the model. */
  readonly model: string;
  /** Row of the table of refusals, such as `mid-system`. */
  readonly lesson: string;
  /** Line for `providers.yaml` that makes all lessons about the model permanent. */
  readonly line: string;
  /** Present if another process learned it and told this one. */
  readonly isShared?: true;
}

/** Events of a balancer, by name. Listeners run synchronously; what they throw is ignored. */
export interface BalancerEvents {
  /** A call was opened. */
  "call-start": {
    readonly callId: string;
    readonly requestedModel: string;
    readonly dialect: DialectName;
    readonly stream: boolean;
    readonly client?: string;
    /** Session of the client; see `CallTrace.sessionId`. */
    readonly sessionId?: string;
    /** Present if a subagent of Claude Code sent the request. */
    readonly isSubagent?: true;
    /** The client's trace context (W3C), where its headers have one: `traceparent`, and `tracestate` as it is. */
    readonly traceContext?: { readonly traceparent: string; readonly tracestate?: string };
  };
  /** An attempt was handed out. */
  "attempt-start": {
    readonly callId: string;
    readonly number: number;
    readonly provider: string;
    readonly model: string;
    readonly probe: boolean;
  };
  /** The first content of an answer has come: from now on no other provider is asked. The call may still run for minutes. */
  "content-start": { readonly callId: string; readonly number: number; readonly firstContentMs: number };
  /** An attempt has ended. */
  "attempt-end": AttemptTrace & { readonly callId: string };
  /** An attempt has content after others of the same call failed (`failed`). The call may still run for minutes. */
  "failover-served": { readonly callId: string; readonly provider: string; readonly failed: readonly AttemptTrace[] };
  /** A circuit has changed its state. */
  "circuit-change": CircuitChange;
  /** A refusal has taught what a model of a provider takes. */
  "profile-learned": ProfileLearned;
  /** A call has ended. */
  "call-end": CallTrace;
  /** The configuration was replaced. Lists hold names of providers. */
  "config-reload": {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly kept: readonly string[];
  };
}
