import type { DeadlinePhase, Reason, RetryChange, Suspect } from "./policy/outcome.ts";

/** How a call ended for its client. */
export type TerminalState = "complete" | "error" | "truncated" | "client_cancelled";

/** Token counts of an answer, as the provider reported them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
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
  readonly cooldownMs: number;
  readonly durationMs: number;
  readonly firstContentMs?: number;
  /** What translation dropped or replaced, one sentence each. */
  readonly warnings: readonly string[];
}

/** What became of one call, with every attempt: the payload of `call-end`. No secret, no text of a prompt or an answer. */
export interface CallTrace {
  readonly callId: string;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly state: TerminalState;
  readonly status: number;
  readonly attempts: readonly AttemptTrace[];
  readonly durationMs: number;
  readonly firstContentMs?: number;
  readonly usage?: TokenUsage;
  readonly stopReason?: string;
}

/** The payload of `circuit-change`: `scope` reads `provider`, `deployment MODEL`, `key 0` or `key 0 deployment MODEL`; `cooldownMs` is there when it opens. */
export interface CircuitChange {
  readonly scope: string;
  readonly provider: string;
  readonly from: "closed" | "open" | "half-open";
  readonly to: "closed" | "open" | "half-open";
  readonly reason?: Reason;
  readonly cooldownMs?: number;
  /** Another process has found it out, and told this one. */
  readonly isShared?: true;
}

/** Everything a balancer tells the outside, by event name. Listeners run synchronously; what they throw is ignored. */
export interface BalancerEvents {
  "call-start": { readonly callId: string; readonly requestedModel: string; readonly stream: boolean };
  "attempt-start": {
    readonly callId: string;
    readonly number: number;
    readonly provider: string;
    readonly model: string;
    readonly probe: boolean;
  };
  "attempt-end": AttemptTrace & { readonly callId: string };
  "circuit-change": CircuitChange;
  "call-end": CallTrace;
  "config-reload": {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly kept: readonly string[];
  };
}
