import type { DialectName } from "./dialect-name.ts";
import type { DeadlinePhase, PassedOver, Reason, RetryChange, Suspect } from "./outcome.ts";

/** How a call ended for its client. */
export type TerminalState = "complete" | "error" | "truncated" | "client_cancelled";

/** Token counts of an answer, as the provider reported them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
  /** The part of `cacheCreationTokens` that was written for one hour instead of five minutes; absent where the provider does not say. */
  readonly cacheCreation1hTokens?: number;
  /** The part of `outputTokens` that was thinking; absent where the provider does not say. */
  readonly thinkingTokens?: number;
}

/** One attempt as it ended; plain data without secrets or prompt text. */
export interface AttemptTrace {
  readonly number: number;
  readonly provider: string;
  /** Index of the key within the provider, never the key. */
  readonly keyIndex: number;
  readonly model: string;
  readonly probe: boolean;
  readonly outcome: "complete" | "forwarded" | "failed" | "retried" | "aborted" | "abandoned";
  readonly status?: number;
  readonly phase?: DeadlinePhase;
  readonly reason?: Reason;
  /** Who is suspected of the failure; what it costs is decided when the call ends. */
  readonly suspect?: Suspect;
  readonly retry?: RetryChange;
  /** How long the failure keeps the provider, the key or the deployment out, in milliseconds; 0 where nothing was charged (so far, in `attempt-end`). */
  readonly cooldownMs: number;
  readonly durationMs: number;
  readonly firstContentMs?: number;
  /** What translation dropped or replaced, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * The limit at which a call failed. `queue-timeout`: it has waited for as long as it may (`queue_timeout`); `queue-full`: too many calls wait already;
 * `retry-budget`: the budget for further attempts was empty; `attempt-limit`: it made as many attempts as one call may; `call-deadline`: its own time
 * (`timeouts.call`) was over.
 */
export type CallLimit = "queue-timeout" | "queue-full" | "retry-budget" | "attempt-limit" | "call-deadline";

/** What became of one call, with every attempt: the payload of `call-end`. No secret, no text of a prompt or an answer. */
export interface CallTrace {
  readonly callId: string;
  readonly requestedModel: string;
  /** The API that the client spoke. */
  readonly dialect: DialectName;
  readonly stream: boolean;
  /** The name of the client, where the call's context gave one. */
  readonly client?: string;
  /** The conversation's id, as the request names it; absent where it names none, or one of more than 256 characters. */
  readonly sessionId?: string;
  /** A subagent of Claude Code sent the request (`x-claude-code-agent-id`). */
  readonly isSubagent?: true;
  readonly state: TerminalState;
  readonly status: number;
  readonly attempts: readonly AttemptTrace[];
  readonly durationMs: number;
  readonly firstContentMs?: number;
  readonly usage?: TokenUsage;
  readonly stopReason?: string;
  /** How long the call has waited for room or for a probe, in milliseconds; absent where it has not. */
  readonly waitedMs?: number;
  /** Providers that would have been asked first, and what they cannot do that the request needs; absent where there were none. */
  readonly passedOver?: readonly PassedOver[];
  /** Set where the call failed at a limit rather than at its providers. */
  readonly limit?: CallLimit;
  /** `host` where the call failed because of this machine or its network. */
  readonly suspect?: Suspect;
  /** The balancer's own error as the client is told it: classes of reasons and names of providers. */
  readonly refusal?: string;
}

/**
 * The payload of `circuit-change`: `scope` reads `provider`, `deployment MODEL`, `key 0`, `key 0 deployment MODEL`, or `login` and `login deployment MODEL`
 * for a client's own credential, without its digest; `cooldownMs` and `reason` are there when it opens.
 */
export interface CircuitChange {
  readonly scope: string;
  readonly provider: string;
  readonly from: "closed" | "open" | "half-open";
  readonly to: "closed" | "open" | "half-open";
  readonly reason?: Reason;
  readonly cooldownMs?: number;
  /** Another process has found it out, and told this one. */
  readonly isShared?: true;
  /** The circuit is kept for one client's own credential: for other clients the provider is in service. */
  readonly isLogin?: true;
}

/** The payload of `profile-learned`: a refusal has taught what a provider takes, and a request that was made accordingly was served. */
export interface ProfileLearned {
  readonly provider: string;
  /** The upstream's name of the model. */
  readonly model: string;
  /** The row of the table of refusals, such as `mid-system`. */
  readonly lesson: string;
  /** The line of `providers.yaml` that makes all that was learned of the model permanent. */
  readonly line: string;
  /** Another process has learned it, and told this one. */
  readonly isShared?: true;
}

/** Everything a balancer tells the outside, by event name. Listeners run synchronously; what they throw is ignored. */
export interface BalancerEvents {
  "call-start": {
    readonly callId: string;
    readonly requestedModel: string;
    readonly dialect: DialectName;
    readonly stream: boolean;
    readonly client?: string;
    /** As in `CallTrace`. */
    readonly sessionId?: string;
    /** As in `CallTrace`. */
    readonly isSubagent?: true;
    /** The client's trace context (W3C), where its headers have one: `traceparent`, and `tracestate` as it is. */
    readonly traceContext?: { readonly traceparent: string; readonly tracestate?: string };
  };
  "attempt-start": {
    readonly callId: string;
    readonly number: number;
    readonly provider: string;
    readonly model: string;
    readonly probe: boolean;
  };
  /** The first content of an answer has come: from now on no other provider is asked. The call may still run for minutes. */
  "content-start": { readonly callId: string; readonly number: number; readonly firstContentMs: number };
  "attempt-end": AttemptTrace & { readonly callId: string };
  /** An attempt has content after others of the same call have failed; `failed` are those. The call may still run for minutes. */
  "failover-served": { readonly callId: string; readonly provider: string; readonly failed: readonly AttemptTrace[] };
  "circuit-change": CircuitChange;
  "profile-learned": ProfileLearned;
  "call-end": CallTrace;
  "config-reload": {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly kept: readonly string[];
  };
}
