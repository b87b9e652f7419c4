import { chooseCandidate } from "./candidates.ts";
import type { PendingTurn } from "./call-types.ts";
import type { Candidate } from "./health/scope.ts";
import type { Choice } from "./policy/choose.ts";
import type { Retry } from "./retry.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { ClientRequest } from "./upstream/client-request.ts";

/** Of one call, retries of the same candidate included. */
export const maxAttempts = 12;

/** Whom a call tries next; `isEarly`: before its cooldown is over. */
export interface Turn {
  readonly candidate: Candidate;
  readonly isEarly: boolean;
}

/** What a call knows when it looks for its next turn. */
export interface TurnFacts {
  readonly remaining: readonly Candidate[];
  /** Attempts made so far. */
  readonly attempts: number;
  /** The provider of the attempt before. */
  readonly lastProvider: string | undefined;
  readonly callLeftMs: number;
}

export interface CallTurnsParts {
  readonly request: ClientRequest;
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
  /** For `round_robin`. */
  readonly turn: number;
  readonly session: string | undefined;
}

/** Finds out whom a call tries next, whether it has to wait for that, and whether the budget for further attempts allows for it. */
export class CallTurns {
  readonly #parts: CallTurnsParts;
  #pending: PendingTurn | undefined;
  #waitUntilMs: number | undefined;

  constructor(parts: CallTurnsParts) {
    this.#parts = parts;
  }

  /** Set where the last `next` found that the call has to wait. */
  get pending(): PendingTurn | undefined {
    return this.#pending;
  }

  /** The call does not wait any more. */
  giveUp(): void {
    this.#pending = undefined;
    this.#waitUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The next turn; undefined where the call has to wait (`pending`), has made too many attempts, or no candidate is left. */
  next(facts: TurnFacts, retry: Retry | undefined): Turn | undefined {
    this.#pending = undefined;
    if (facts.attempts >= maxAttempts || facts.callLeftMs <= 0) return undefined;
    return retry ? this.#again(retry) : this.#pick(facts);
  }

  /** The candidate of a retry, if the budget allows for one; a kept connection that had died never carried the request. */
  #again({ candidate, freshSocket }: Retry): Turn | undefined {
    const { budget, clock } = this.#parts.runtime;
    return freshSocket || budget.withdraw(clock.now()) ? { candidate, isEarly: false } : undefined;
  }

  #pick(facts: TurnFacts): Turn | undefined {
    if (facts.remaining.length === 0) return undefined;
    const { runtime } = this.#parts;
    const { nextTryAtMs } = runtime.host;
    if (facts.attempts === 0 && runtime.clock.now() < nextTryAtMs) {
      this.#wait(facts, nextTryAtMs, true);
      return undefined;
    }
    let choice = this.#choose(facts, false);
    if (choice.type === "wait") {
      this.#wait(facts, choice.wakeAtMs, choice.isHeard);
      if (this.#pending) return undefined;
      // Not worth waiting any more: then rather a candidate that cannot do everything.
      choice = this.#choose(facts, true);
    }
    return choice.type === "try" && this.#mayTry(choice.candidate, facts) ? choice : undefined;
  }

  #choose({ remaining }: TurnFacts, mayLack: boolean): Choice {
    const { snapshot, runtime, turn, session, request } = this.#parts;
    return chooseCandidate(snapshot, runtime, remaining, { turn, session, request, mayLack });
  }

  /** Notes that the call may wait for its next turn, if that is worth it. */
  #wait({ callLeftMs }: TurnFacts, wakeAtMs: number, isHeard: boolean): void {
    const { snapshot, runtime } = this.#parts;
    const nowMs = runtime.clock.now();
    this.#waitUntilMs ??= nowMs + Math.min(snapshot.settings.queueTimeoutMs, callLeftMs);
    const giveUpAtMs = this.#waitUntilMs;
    const isWorthIt = giveUpAtMs > nowMs && (isHeard || wakeAtMs <= giveUpAtMs) && !runtime.room.isFull;
    if (isWorthIt) this.#pending = { wakeAtMs, giveUpAtMs };
  }

  /**
   * Whether the budget for further attempts allows for one more. The first of a call is free, and so is the second where it goes to another provider in
   * good health: a call that one healthy provider could have served is not lost to the budget.
   */
  #mayTry(candidate: Candidate, { attempts, lastProvider }: TurnFacts): boolean {
    const { budget, health, clock } = this.#parts.runtime;
    const nowMs = clock.now();
    if (attempts === 0) {
      budget.deposit(nowMs);
      return true;
    }
    const isOther = candidate.provider !== lastProvider;
    if (attempts === 1 && isOther && health.availability(candidate, nowMs).type === "closed") return true;
    return budget.withdraw(nowMs);
  }
}
