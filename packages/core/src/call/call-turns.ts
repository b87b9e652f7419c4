import { chooseCandidate } from "./rank-candidates.ts";
import type { PendingTurn } from "./call-types.ts";
import type { CallLimit } from "../base/events.ts";
import type { Candidate } from "../base/scope.ts";
import type { PassedOver } from "../base/outcome.ts";
import type { Choice } from "../policy/choose.ts";
import type { Retry } from "./retry.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";

/** Of one call, retries of the same candidate included. */
export const maxAttempts = 12;

/** Candidate that a call tries next; `isEarly`: before its cooldown is over. */
export interface Turn {
  readonly candidate: Candidate;
  readonly isEarly: boolean;
}

/** Facts about a call that looks for its next turn. */
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
  readonly client: string | undefined;
}

/** Chooses the candidate that a call tries next, or a wait, within the budget of further attempts. */
export class CallTurns {
  readonly #parts: CallTurnsParts;
  #pending: PendingTurn | undefined;
  #waitUntilMs: number | undefined;
  #waitingSinceMs: number | undefined;
  #waitedMs = 0;
  #limit: CallLimit | undefined;
  #passedOver: readonly PassedOver[] = [];

  constructor(parts: CallTurnsParts) {
    this.#parts = parts;
  }

  /** Set where the last `next` found that the call has to wait. */
  get pending(): PendingTurn | undefined {
    return this.#pending;
  }

  /** Milliseconds that the call has waited so far. */
  get waitedMs(): number {
    const sinceMs = this.#waitingSinceMs;
    return this.#waitedMs + (sinceMs === undefined ? 0 : this.#parts.runtime.clock.now() - sinceMs);
  }

  /** Limit because of which the last `next` found no turn although a candidate was left; undefined: none. */
  get limit(): CallLimit | undefined {
    return this.#limit;
  }

  /** Providers that would have been asked first if the request had not needed abilities that they lack. */
  get passedOver(): readonly PassedOver[] {
    return this.#passedOver;
  }

  /** The call does not wait any more. */
  giveUp(): void {
    if (this.#pending) this.#limit = "queue-timeout";
    this.#pending = undefined;
    this.#waitUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The next turn; undefined where the call has to wait (`pending`), has made too many attempts, or no candidate is left. */
  next(facts: TurnFacts, retry: Retry | undefined): Turn | undefined {
    this.#pending = undefined;
    this.#limit = undefined;
    const turn = this.#look(facts, retry);
    if (this.#pending) {
      this.#waitingSinceMs ??= this.#parts.runtime.clock.now();
    } else if (this.#waitingSinceMs !== undefined) {
      this.#waitedMs = this.waitedMs;
      this.#waitingSinceMs = undefined;
    }
    return turn;
  }

  #look(facts: TurnFacts, retry: Retry | undefined): Turn | undefined {
    if (!retry && facts.remaining.length === 0) return undefined;
    if (facts.attempts >= maxAttempts) return this.#stopAt("attempt-limit");
    if (facts.callLeftMs <= 0) return this.#stopAt("call-deadline");
    const again = retry && this.#again(retry);
    if (again) return again;
    // No budget for the same candidate once more: another may be free of it.
    return facts.remaining.length > 0 ? this.#pick(facts) : this.#stopAt("retry-budget");
  }

  #stopAt(limit: CallLimit): undefined {
    this.#limit = limit;
  }

  /**
   * The candidate of a retry, if the budget allows for one. A kept connection that had died never carried the request, and one with an expired credential
   * was refused without work: both are free.
   */
  #again({ candidate, freshSocket, refused }: Retry): Turn | undefined {
    const { budget, clock } = this.#parts.runtime;
    return freshSocket || refused !== undefined || budget.withdraw(clock.now())
      ? { candidate, isEarly: false }
      : undefined;
  }

  #pick(facts: TurnFacts): Turn | undefined {
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
    if (choice.type !== "try") return undefined;
    // A limit that the wait met is none once a candidate is found.
    this.#limit = undefined;
    if (facts.attempts === 0) this.#passedOver = choice.passedOver ?? [];
    return this.#mayTry(choice.candidate, facts) ? choice : this.#stopAt("retry-budget");
  }

  #choose({ remaining }: TurnFacts, mayLack: boolean): Choice {
    const { snapshot, runtime, turn, session, request } = this.#parts;
    return chooseCandidate(snapshot, runtime, remaining, { turn, session, request, mayLack });
  }

  /** Notes that the call may wait for its next turn, if that is worth it. */
  #wait({ callLeftMs }: TurnFacts, wakeAtMs: number, isHeard: boolean): void {
    const { snapshot, runtime, client } = this.#parts;
    const nowMs = runtime.clock.now();
    this.#waitUntilMs ??= nowMs + Math.min(snapshot.settings.queueTimeoutMs, callLeftMs);
    const giveUpAtMs = this.#waitUntilMs;
    const mayHelp = isHeard || wakeAtMs <= giveUpAtMs;
    if (giveUpAtMs <= nowMs) {
      if (snapshot.settings.queueTimeoutMs > 0) this.#limit = "queue-timeout";
    } else if (mayHelp && runtime.room.isFullFor(client)) {
      this.#limit = "queue-full";
    } else if (mayHelp) {
      this.#pending = { wakeAtMs, giveUpAtMs };
    }
  }

  /**
   * Decides whether the budget for further attempts allows one more. The first attempt of a call is free, and so is
   * the second at another provider in good health, so that the budget fails no call that one healthy provider could
   * serve.
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
