import { type CallView, searchedCalls } from "./call-history.ts";

/** Endings of calls that may be searched for; `failover`: more than one provider was asked. */
export const callOutcomes = ["all", "complete", "failed", "failover", "cancelled"] as const;

/** One of `callOutcomes`. */
export type CallOutcome = (typeof callOutcomes)[number];

/** Search among the last calls that ended. */
export interface CallQuery {
  /** Each must be in the call's model, client, session, providers, state, status, reasons or ids, in lower case. */
  readonly words: readonly string[];
  readonly outcome: CallOutcome;
  /** Number of calls that are answered at most. */
  readonly limit: number;
}

/** Calls that were found, the newest first, and among how many. */
export interface FoundCalls {
  readonly calls: readonly CallView[];
  /** Number of matching calls, also beyond those in `calls`. */
  readonly matched: number;
  readonly searched: number;
}

/** Finds calls among the newest 2,000 of `calls`, which may hold one more than once. */
export function findCalls(calls: readonly CallView[], query: CallQuery): FoundCalls {
  const byId = new Map(calls.map((call) => [call.id, call]));
  const newest = [...byId.values()].toSorted((a, b) => endOf(b) - endOf(a)).slice(0, searchedCalls);
  const fitting = newest.filter((call) => fits(call, query));
  return { calls: fitting.slice(0, query.limit), matched: fitting.length, searched: newest.length };
}

/** Puts together what several processes have found, each among its own calls. */
export function mergeFound(all: readonly FoundCalls[], { limit }: Pick<CallQuery, "limit">): FoundCalls {
  const calls = all.flatMap((found) => found.calls).toSorted((a, b) => endOf(b) - endOf(a));
  return {
    calls: calls.slice(0, limit),
    matched: all.reduce((sum, { matched }) => sum + matched, 0),
    searched: all.reduce((sum, { searched }) => sum + searched, 0),
  };
}

function endOf({ started_at: startedAt, duration_ms: duration }: CallView): number {
  return startedAt + (duration ?? 0);
}

function fits(call: CallView, { words, outcome }: CallQuery): boolean {
  return hasOutcome(call, outcome) && (words.length === 0 || hasWords(call, words));
}

function hasOutcome({ state, attempts }: CallView, outcome: CallOutcome): boolean {
  switch (outcome) {
    case "all":
      return true;
    case "complete":
      return state === "complete";
    case "failed":
      return state === "error" || state === "truncated";
    case "failover":
      return new Set(attempts.map(({ provider }) => provider)).size > 1;
    case "cancelled":
      return state === "client_cancelled";
  }
}

function hasWords(call: CallView, words: readonly string[]): boolean {
  const texts = [call.id, call.model, call.client, call.session, call.state, call.status, call.refusal];
  for (const { provider, model, status, reason, words: said, upstream_request_id: id } of call.attempts)
    texts.push(provider, model, status, reason, said, id);
  const whole = texts
    .filter((text) => text !== null)
    .join("\n")
    .toLowerCase();
  return words.every((word) => whole.includes(word));
}
