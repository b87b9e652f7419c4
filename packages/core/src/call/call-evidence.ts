import type { Lease } from "../health/table.ts";
import { type CallEnding, type CallFacts, type Evidence, isHostSuspected, weigh } from "../policy/weigh.ts";
import type { Charge, Judgement, Reason } from "../base/outcome.ts";
import type { AttemptTrace } from "../base/events.ts";
import type { Mutable } from "../base/mutable.ts";
import type { BalancerAttempt } from "./attempt.ts";
import type { Runtime } from "./runtime.ts";
import type { Settlement } from "./settlement.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";

/** A judgement on an attempt that did not serve. */
type FailureJudgement = Extract<Judgement, { type: "failover" | "refuse" }>;

/** A failed attempt, and the charge that it may still cost. */
interface Held extends Evidence {
  readonly lease: Lease;
  readonly charge: Charge | undefined;
  readonly reason: Reason;
  /** Its probe was given back before it was weighed. */
  hasYielded: boolean;
  readonly trace: Mutable<AttemptTrace>;
}

/**
 * Facts about a failed attempt besides the judgement. `trace` receives the cooldown of the failure when that is
 * decided.
 */
interface FailedAttempt {
  readonly lease: Lease;
  /** No connection to the provider came about. */
  readonly isConnect: boolean;
  readonly trace: Mutable<AttemptTrace>;
}

// One for all calls: most hold none.
const none: readonly Held[] = [];

/**
 * Failed attempts of one call. A failure that only the provider or its credential can have caused is charged at once; any other waits here
 * until the end of the call shows the party at fault (`weigh`).
 */
export class CallEvidence {
  readonly #runtime: Runtime;
  readonly #request: ClientRequest;
  #held: readonly Held[] = none;
  #isHostSuspected = false;
  #hasHeard = false;

  constructor(runtime: Runtime, request: ClientRequest) {
    this.#runtime = runtime;
    this.#request = request;
  }

  /** The call ended without a connection to any of several providers. */
  get isHostSuspected(): boolean {
    return this.#isHostSuspected;
  }

  /**
   * Applies the end of an attempt to the health of its provider: charges what can be charged at once, and keeps the lease of what waits for the end of
   * the call. `trace` receives the cooldown of a failure when that is decided.
   */
  settle(
    { lease, loadKey, localAnswer }: Pick<BalancerAttempt, "lease" | "loadKey" | "localAnswer">,
    settlement: Settlement,
    trace: Mutable<AttemptTrace>,
  ): void {
    const { clock, health, limits, load } = this.#runtime;
    const nowMs = clock.now();
    const judgement = settlement.type === "judged" ? settlement.judgement : undefined;
    if (judgement?.type === "failover" && judgement.learnsLimit) {
      limits.learn(loadKey, load.underWay(loadKey), nowMs);
    }
    if (judgement?.type === "failover" || judgement?.type === "refuse") {
      const isConnect = settlement.type === "judged" && settlement.isConnect;
      this.#add({ lease, isConnect, trace }, judgement);
      return;
    }
    // An answer that was made here says nothing about the provider.
    if (settlement.type === "served" && localAnswer === undefined) health.succeed(lease, nowMs);
    lease[Symbol.dispose]();
  }

  /**
   * Takes a failed attempt, and charges at once what need not wait. A lease whose charge waits is kept, so that no other request probes until it is
   * weighed; not that of an early probe, for which other calls may be waiting.
   */
  #add(attempt: FailedAttempt, judgement: FailureJudgement): void {
    const { lease, isConnect } = attempt;
    const { charge, reason, suspect = "provider" } = judgement;
    if (!isConnect && suspect !== "host") this.heard();
    // An attempt that fails after its first content is charged at once. The client repeats the request, and must then get to another provider.
    const waits = judgement.type === "failover" && (isConnect || (charge !== undefined && charge.when !== "now"));
    if (waits && !(isConnect && charge?.when === "now" && this.#hasHeard)) {
      const { provider } = lease.candidate;
      const when = charge?.when ?? "now";
      const held: Held = { ...attempt, provider, suspect, when, charge, reason, hasYielded: false };
      this.#held = [...this.#held, held];
      if (lease.isEarly) this.#yield(held);
    } else if (charge) {
      this.#charge(attempt, charge, reason);
    } else {
      lease[Symbol.dispose]();
    }
  }

  /**
   * Gives back the probes that wait to be weighed, because the call has to wait itself: two calls that each hold the probe that the other waits for would
   * wait in vain.
   */
  yieldProbes(): void {
    const kept = this.#held.filter(({ hasYielded, lease }) => !hasYielded && lease.probe);
    if (kept.length === 0) return;
    for (const held of kept) this.#yield(held);
    this.#runtime.room.serve();
  }

  #yield(held: Held): void {
    const { health, clock } = this.#runtime;
    held.hasYielded = true;
    health.probeFailed(held.lease, { digest: this.#request.digest, nowMs: clock.now() });
  }

  /** A provider has answered, whatever it said: this machine and its network are well, and a connection that failed is its provider's fault. */
  heard(): void {
    this.#hasHeard = true;
    if (this.#held.length === 0) return;
    const isRefused = ({ isConnect, when, suspect }: Held): boolean =>
      isConnect && when === "now" && suspect !== "host";
    const refused = this.#held.filter(isRefused);
    this.#held = this.#held.filter((held) => !isRefused(held));
    for (const one of refused) {
      if (one.charge) this.#charge(one, one.charge, one.reason);
      else one.lease[Symbol.dispose]();
    }
  }

  /** Weighs what was held back, once. */
  weigh(ending: CallEnding): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = none;
    const facts: CallFacts = { ending, hasHeard: this.#hasHeard };
    this.#isHostSuspected = isHostSuspected(held, facts);
    const { health, clock, room } = this.#runtime;
    for (const [index, weighing] of weigh(held, facts).entries()) {
      const one = held[index];
      if (one === undefined) continue;
      const { lease, charge, reason, hasYielded } = one;
      // Another request was served there since.
      const isAnswered = hasYielded && health.availability(lease.candidate, clock.now()).type === "closed";
      const isCharged =
        charge !== undefined &&
        !isAnswered &&
        weighing !== "drop" &&
        (weighing === "charge" || health.note(lease, charge, { digest: this.#request.digest, nowMs: clock.now() }));
      if (charge !== undefined && isCharged) this.#charge(one, charge, reason);
      lease[Symbol.dispose]();
    }
    // A probe that was held back is over only now: the calls that wait for it look for their next turn.
    room.serve();
  }

  #charge({ lease, trace }: Pick<FailedAttempt, "lease" | "trace">, charge: Charge, reason: Reason): void {
    const { health, clock } = this.#runtime;
    trace.cooldownMs = health.fail(lease, charge, { reason, nowMs: clock.now(), digest: this.#request.digest });
  }
}
