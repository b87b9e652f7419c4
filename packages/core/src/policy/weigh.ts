import type { Suspect } from "../base/outcome.ts";

/** One failed attempt as the weighing sees it. */
export interface Evidence {
  readonly provider: string;
  readonly suspect: Suspect;
  /** No connection came about: nothing was heard from the provider. */
  readonly isConnect: boolean;
  /** The charge that waits for the end of the call: `if-served` only where a later attempt of the call served. */
  readonly when: "now" | "if-served" | "weighed";
}

/**
 * Ending of the call of these attempts: a later attempt served it, none did, one got the client an answer of its own
 * (a 400), or the client left.
 */
export type CallEnding = "served" | "failed" | "answered" | "abandoned";

/**
 * Decision about a charge that was held back: applied, noted until a different request fails in the same way, or
 * dropped.
 */
export type Weighing = "charge" | "note" | "drop";

/** Facts about the end of a call, for weighing its attempts. */
export interface CallFacts {
  readonly ending: CallEnding;
  /** Some provider has answered something: this machine and its network are well. */
  readonly hasHeard: boolean;
}

/**
 * Decides, by the evidence of all attempts of a call, what each attempt whose charge was held back costs. Where a later attempt served, the request was
 * good, and the earlier ones are charged. Where none did, the request may be at fault: they are noted. Where no provider could even be connected to
 * (`isHostSuspected`), none is charged. An answer that concerns the request (a 400) says that the request was bad: nothing is charged.
 */
export function weigh(attempts: readonly Evidence[], facts: CallFacts): readonly Weighing[] {
  const isHost = isHostSuspected(attempts, facts);
  return attempts.map((attempt) => weighOne(attempt, facts.ending, isHost));
}

/**
 * Decides whether a call that failed at two or more providers never had a connection, so that this machine or its
 * network is suspected.
 */
export function isHostSuspected(attempts: readonly Evidence[], { ending, hasHeard }: CallFacts): boolean {
  if (ending !== "failed" || hasHeard || !attempts.every(({ isConnect }) => isConnect)) return false;
  return new Set(attempts.map(({ provider }) => provider)).size > 1;
}

function weighOne({ when, isConnect, suspect }: Evidence, ending: CallEnding, isHost: boolean): Weighing {
  if (suspect === "host" || isHost) return "drop";
  if (ending === "served") return "charge";
  if (when === "if-served") return "drop";
  // A connection that fails is not the request's fault.
  if (isConnect) return ending === "abandoned" ? "drop" : "charge";
  return ending === "answered" ? "drop" : "note";
}
