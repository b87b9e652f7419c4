import type { AttemptTrace, Balancer, BalancerEvents, CallTrace, Suspect, TerminalState, TokenUsage } from "@ccpb/core";
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
  readonly stream: boolean;
  readonly started_at: number;
  readonly state: TerminalState | "running";
  readonly status: number | null;
  readonly duration_ms: number | null;
  readonly first_content_ms: number | null;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cache_read: number;
    readonly cache_creation: number;
  } | null;
  /** Why the call failed where no attempt says so: the balancer's own error. */
  readonly refusal: string | null;
  readonly attempts: readonly AttemptView[];
}

// What a page can show; the rest is in the log.
const keptCalls = 100;
const watchedCalls = 500;
const shownText = 200;

interface EndedCall {
  readonly startedAtMs: number;
  readonly trace: CallTrace;
}

/** The calls under way and the last hundred that ended, from a balancer's events; bounded, whatever comes in. */
export class CallHistory {
  readonly #now: () => number;
  readonly #live = new LiveCalls();
  readonly #ended: EndedCall[] = [];

  /** `now`: wall clock, ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps what `balancer` tells until the answer is disposed. */
  watch(balancer: Balancer): Disposable {
    const listeners = [
      balancer.on("call-start", (start) => this.#onStart(start)),
      balancer.on("attempt-start", (start) => this.#onAttempt(start)),
      balancer.on("attempt-end", (trace) => this.#onAttemptEnd(trace)),
      balancer.on("call-end", (trace) => this.#onEnd(trace)),
    ];
    return { [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()) };
  }

  /** Under way, then ended; the newest first in both. */
  calls(): readonly CallView[] {
    const live = this.#live.inOrder().slice(-keptCalls).map(liveView);
    return [...live.reverse(), ...this.#ended.map(endedView).reverse()];
  }

  #onStart(start: BalancerEvents["call-start"]): void {
    if (this.#live.size >= watchedCalls) this.#live.removeOldest();
    this.#live.add({ startedAtMs: this.#now(), start, attempts: [] });
  }

  #onAttempt(start: BalancerEvents["attempt-start"]): void {
    this.#live.get(start.callId)?.attempts.push(start);
  }

  #onAttemptEnd(trace: BalancerEvents["attempt-end"]): void {
    const attempts = this.#live.get(trace.callId)?.attempts;
    const index = attempts?.findIndex(({ number }) => number === trace.number) ?? -1;
    if (attempts !== undefined && index !== -1) attempts[index] = trace;
  }

  #onEnd(trace: CallTrace): void {
    const startedAtMs = this.#live.remove(trace.callId)?.startedAtMs ?? this.#now() - trace.durationMs;
    this.#ended.push({ startedAtMs, trace });
    if (this.#ended.length > keptCalls) this.#ended.shift();
  }
}

/** The calls of several processes as the page shows those of one: under way, then ended, the newest first in both. */
export function orderCalls(calls: readonly CallView[]): readonly CallView[] {
  const live = calls.filter(({ state }) => state === "running").toSorted((a, b) => b.started_at - a.started_at);
  const ended = calls.filter(({ state }) => state !== "running").toSorted((a, b) => endOf(b) - endOf(a));
  return [...live.slice(0, keptCalls), ...ended.slice(0, keptCalls)];
}

function endOf(call: CallView): number {
  return call.started_at + (call.duration_ms ?? 0);
}

function liveView({ start, startedAtMs, attempts }: LiveCall): CallView {
  return {
    id: start.callId,
    model: start.requestedModel.slice(0, shownText),
    client: start.client ?? null,
    stream: start.stream,
    started_at: Math.round(startedAtMs),
    state: "running",
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
    stream: trace.stream,
    started_at: Math.round(startedAtMs),
    state: trace.state,
    status: trace.status,
    duration_ms: Math.round(trace.durationMs),
    first_content_ms: roundOrNull(trace.firstContentMs),
    tokens: trace.usage === undefined ? null : tokensView(trace.usage),
    refusal: trace.refusal ?? null,
    attempts: trace.attempts.map(attemptView),
  };
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
    words,
    upstream_request_id,
    suspect: trace.suspect ?? null,
    cooldown: Math.round(trace.cooldownMs / 1000),
    duration_ms: Math.round(trace.durationMs),
    first_content_ms: roundOrNull(trace.firstContentMs),
  };
}

function roundOrNull(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
