import type { AttemptTrace, Balancer, BalancerEvents, CallTrace, Suspect, TerminalState, TokenUsage } from "@ccpb/core";
import { sessionMark } from "../base/session-mark.ts";
import { reasonView } from "./providers-view.ts";
import { LiveCalls, type LiveCall } from "./live-calls.ts";

/** One attempt of a call as the status page shows it; `cooldown` in seconds. */
export interface AttemptView {
  readonly number: number;
  readonly provider: string;
  readonly model: string;
  readonly probe: boolean;
  readonly outcome: AttemptTrace["outcome"] | "running";
  readonly status: number | null;
  readonly reason: string | null;
  /** The provider's own words, and its id of the request. */
  readonly words: string | null;
  readonly upstream_request_id: string | null;
  readonly suspect: Suspect | null;
  readonly cooldown: number;
  readonly duration_ms: number | null;
  readonly first_content_ms: number | null;
}

/** One call as the status page shows it: no prompt, no answer, no secret. `started_at` in ms since the epoch. */
export interface CallView {
  readonly id: string;
  readonly model: string;
  /** The client's name; null where it has none. */
  readonly client: string | null;
  /** The session's mark (`sessionMark`); null where the request names none. */
  readonly session: string | null;
  /** True if a subagent of Claude Code asked. */
  readonly subagent: boolean;
  readonly stream: boolean;
  readonly started_at: number;
  readonly state: TerminalState | "running";
  /** Of a call under way: waiting for room or for a provider, waiting for the first content of an answer, or answering; null when it has ended. */
  readonly phase: "waiting" | "asking" | "answering" | null;
  /** Estimated from the text of the last seconds; null unless it answers as a stream that has been looked at for a second. */
  readonly tokens_per_second: number | null;
  readonly status: number | null;
  readonly duration_ms: number | null;
  readonly first_content_ms: number | null;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cache_read: number;
    readonly cache_creation: number;
  } | null;
  /** Reason of the failure if no attempt has it: the balancer's own error. */
  readonly refusal: string | null;
  readonly attempts: readonly AttemptView[];
}

// Number of calls that a page can show; the rest is in the log.
const keptCalls = 100;
const watchedCalls = 500;
const shownText = 200;
const shownWords = 600;
/** Number of ended calls that can be searched. */
export const searchedCalls = 2_000;

interface EndedCall {
  readonly startedAtMs: number;
  readonly trace: CallTrace;
}

export interface CallHistoryOptions {
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Decides whether the calls that ended before the last hundred can be read from a log; called at each end of a
   * call. Otherwise they are kept here.
   */
  readonly isLogged: () => boolean;
}

/** Estimates the speed of a call by its id, in tokens a second. */
export type SpeedOf = (callId: string) => number | null;

/** The calls under way and the last hundred that ended, from a balancer's events; bounded, whatever comes in. */
export class CallHistory {
  readonly #options: CallHistoryOptions;
  readonly #live = new LiveCalls();
  readonly #ended: EndedCall[] = [];
  /** Calls that ended before `#ended`, as JSON, if no log has them. The text keeps no other object alive. */
  readonly #archived: string[] = [];

  constructor(options: CallHistoryOptions) {
    this.#options = options;
  }

  /** Keeps what `balancer` tells until the answer is disposed. */
  watch(balancer: Balancer): Disposable {
    const listeners = [
      balancer.on("call-start", (start) => this.#onStart(start)),
      balancer.on("attempt-start", (start) => this.#onAttempt(start)),
      balancer.on("content-start", ({ callId }) => this.#onContent(callId)),
      balancer.on("attempt-end", (trace) => this.#onAttemptEnd(trace)),
      balancer.on("call-end", (trace) => this.#onEnd(trace)),
    ];
    return { [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()) };
  }

  /** Under way, then ended; the newest first in both. */
  calls(speedOf: SpeedOf = () => null): readonly CallView[] {
    const live = this.#live.inOrder().slice(-keptCalls);
    return [...live.map((call) => liveView(call, speedOf)).reverse(), ...this.#ended.map(endedView).reverse()];
  }

  /** All that have ended and are kept here, the newest first. */
  ended(): readonly CallView[] {
    const archived = this.#archived.map((text) => JSON.parse(text) as CallView);
    return [...archived, ...this.#ended.map(endedView)].reverse();
  }

  #onStart(start: BalancerEvents["call-start"]): void {
    if (this.#live.size >= watchedCalls) this.#live.removeOldest();
    this.#live.add({ startedAtMs: this.#options.now(), start, attempts: [], isAnswering: false });
  }

  #onAttempt(start: BalancerEvents["attempt-start"]): void {
    this.#live.get(start.callId)?.attempts.push(start);
  }

  #onContent(callId: string): void {
    const call = this.#live.get(callId);
    if (call !== undefined) call.isAnswering = true;
  }

  #onAttemptEnd(trace: BalancerEvents["attempt-end"]): void {
    const attempts = this.#live.get(trace.callId)?.attempts;
    const index = attempts?.findIndex(({ number }) => number === trace.number) ?? -1;
    if (attempts !== undefined && index !== -1) attempts[index] = trace;
  }

  #onEnd(trace: CallTrace): void {
    const startedAtMs = this.#live.remove(trace.callId)?.startedAtMs ?? this.#options.now() - trace.durationMs;
    this.#ended.push({ startedAtMs, trace });
    if (this.#ended.length <= keptCalls) return;
    const oldest = this.#ended.shift();
    if (oldest === undefined || this.#options.isLogged()) return;
    if (this.#archived.push(JSON.stringify(endedView(oldest))) > searchedCalls - keptCalls) this.#archived.shift();
  }
}

/** Returns the calls of several processes as the page shows those of one: under way, then ended, the newest first in both. */
export function orderCalls(calls: readonly CallView[]): readonly CallView[] {
  const live = calls.filter(({ state }) => state === "running").toSorted((a, b) => b.started_at - a.started_at);
  const ended = calls.filter(({ state }) => state !== "running").toSorted((a, b) => endOf(b) - endOf(a));
  return [...live.slice(0, keptCalls), ...ended.slice(0, keptCalls)];
}

function endOf(call: CallView): number {
  return call.started_at + (call.duration_ms ?? 0);
}

function liveView({ start, startedAtMs, attempts, isAnswering }: LiveCall, speedOf: SpeedOf): CallView {
  const isAsking = attempts.some((attempt) => !("outcome" in attempt));
  return {
    id: start.callId,
    model: start.requestedModel.slice(0, shownText),
    client: start.client ?? null,
    session: markOf(start),
    subagent: start.isSubagent === true,
    stream: start.stream,
    started_at: Math.round(startedAtMs),
    state: "running",
    phase: isAnswering ? "answering" : isAsking ? "asking" : "waiting",
    tokens_per_second: isAnswering ? speedOf(start.callId) : null,
    status: null,
    duration_ms: null,
    first_content_ms: null,
    tokens: null,
    refusal: null,
    attempts: attempts.map((attempt) => ("outcome" in attempt ? attemptView(attempt) : runningView(attempt))),
  };
}

function endedView({ trace, startedAtMs }: EndedCall): CallView {
  return {
    id: trace.callId,
    model: trace.requestedModel.slice(0, shownText),
    client: trace.client ?? null,
    session: markOf(trace),
    subagent: trace.isSubagent === true,
    stream: trace.stream,
    started_at: Math.round(startedAtMs),
    state: trace.state,
    phase: null,
    tokens_per_second: null,
    status: trace.status,
    duration_ms: Math.round(trace.durationMs),
    first_content_ms: roundOrNull(trace.firstContentMs),
    tokens: trace.usage === undefined ? null : tokensView(trace.usage),
    refusal: trace.refusal?.slice(0, shownWords) ?? null,
    attempts: trace.attempts.map(attemptView),
  };
}

function markOf({ sessionId }: Pick<CallTrace, "sessionId">): string | null {
  return sessionId === undefined ? null : sessionMark(sessionId);
}

function tokensView(usage: TokenUsage): CallView["tokens"] {
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    cache_read: usage.cacheReadTokens,
    cache_creation: usage.cacheCreationTokens,
  };
}

function runningView({ number, provider, model, probe }: BalancerEvents["attempt-start"]): AttemptView {
  const unknown = { status: null, suspect: null, cooldown: 0, duration_ms: null, first_content_ms: null };
  return { number, provider, model, probe, outcome: "running", ...unknown, ...reasonView(null) };
}

function attemptView(trace: AttemptTrace): AttemptView {
  const { reason, words, upstream_request_id } = reasonView(trace.reason ?? null);
  return {
    number: trace.number,
    provider: trace.keyIndex > 0 ? `${trace.provider} (key ${trace.keyIndex + 1})` : trace.provider,
    model: trace.model,
    probe: trace.probe,
    outcome: trace.outcome,
    status: trace.status ?? null,
    reason: reason?.slice(0, shownText) ?? null,
    words: words?.slice(0, shownWords) ?? null,
    upstream_request_id: upstream_request_id?.slice(0, shownText) ?? null,
    suspect: trace.suspect ?? null,
    cooldown: Math.round(trace.cooldownMs / 1000),
    duration_ms: Math.round(trace.durationMs),
    first_content_ms: roundOrNull(trace.firstContentMs),
  };
}

function roundOrNull(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
