import type { Charge } from "../base/outcome.ts";
import { type Availability, type Cell, movedCells, ProviderCells, worstOf } from "./cells.ts";
import { CellMoves } from "./cell-moves.ts";
import { type CircuitSignal, closedCircuit, isLeaseFree } from "./circuit.ts";
import type { CircuitPolicy } from "./cooldown.ts";
import { Lease } from "./lease.ts";
import { mergeShared, sameShared, sharedFromCircuit, unknownCircuit } from "./merge.ts";
import { type ProviderHealthStatus, providerHealthStatus } from "./provider-status.ts";
import type { HealthChange } from "./replica.ts";
import { Resets } from "./resets.ts";
import { type Candidate, type CellScope, isShareable, scopeName, scopeNamesOf, scopeOf } from "../base/scope.ts";
import type {
  FailureFacts,
  HealthSnapshot,
  HealthTableOptions,
  KeptHealth,
  LeaseTimes,
  ResetScope,
} from "./table-types.ts";

export type { Availability } from "./cells.ts";
export type { Lease } from "./lease.ts";
export type { ProviderHealthStatus } from "./provider-status.ts";

/** The circuits of all providers, their keys and deployments. Every `nowMs` is monotonic. */
export class HealthTable {
  readonly #random: () => number;
  readonly #moves: CellMoves;
  readonly #providers = new Map<string, ProviderCells>();
  readonly #resets = new Resets();
  #lastLeaseId = 0;

  constructor(options: HealthTableOptions) {
    this.#random = options.random;
    this.#moves = new CellMoves(options);
  }

  /** Replaces the policy; cooldowns that are running end when they were to end. */
  setPolicy(policy: CircuitPolicy): void {
    this.#moves.policy = policy;
  }

  /**
   * Decides whether `candidate` may be tried. `isRepeat` decides whether the request that asks has the given digest.
   */
  availability(candidate: Candidate, nowMs: number, isRepeat?: (digest: string) => boolean): Availability {
    return worstOf(this.#providers.get(candidate.provider)?.of(candidate) ?? [], nowMs, isRepeat);
  }

  /** Decides whether an attempt probes a circuit that keeps the candidate out. */
  isProbed(candidate: Candidate, nowMs: number): boolean {
    const cells = this.#providers.get(candidate.provider)?.of(candidate) ?? [];
    return cells.some(({ circuit }) => circuit.state !== "closed" && !isLeaseFree(circuit.lease, nowMs));
  }

  /** Starts an attempt: takes the free probe leases of all half-open circuits in its way. Others may take them after `expiresAtMs`. */
  acquire(candidate: Candidate, times: LeaseTimes): Lease {
    const { nowMs: startedAtMs, ...rest } = times;
    const id = ++this.#lastLeaseId;
    const cells = this.#cellsOf(candidate.provider);
    let probe = false;
    for (const cell of cells.of(candidate)) {
      const before = cell.circuit;
      this.#moves.step(cell, { type: "acquire", lease: { id, ...rest } }, startedAtMs);
      probe ||= cell.circuit !== before;
    }
    const handBack = (lease: Lease): void => this.#release(lease);
    return new Lease(candidate, { id, startedAtMs, probe, isEarly: times.isEarly === true, cells, handBack });
  }

  /**
   * Charges a failure and settles the lease; a charge that only later turns out to be due (`if-served`, `weighed`) may follow. Returns the milliseconds
   * until the charged scope is tried again, 0 if it stays closed. A deployment's `weighed` failure also charges the provider where another of its
   * deployments is out for the same kind of failure within the window.
   */
  fail(lease: Lease, charge: Charge, failure: FailureFacts): number {
    const { candidate, startedAtMs, id: leaseId } = lease;
    const { nowMs, ...facts } = failure;
    let remainingMs = 0;
    if (this.#isCurrent(lease)) {
      lease.cells.lastFailureAtMs = nowMs;
      const cell = this.#cellFor(lease.cells, scopeOf(candidate, charge.scope), nowMs);
      const random = this.#random();
      const { cooldown } = charge;
      const signal: CircuitSignal = { type: "failure", cooldown, startedAtMs, leaseId, random, ...facts };
      this.#moves.step(cell, signal, nowMs);
      if (charge.when === "weighed" && charge.scope === "deployment") {
        cell.isUnclear = true;
        if (lease.cells.hasOtherUnclear(cell, nowMs - this.#moves.policy.resetMs)) {
          this.#moves.step(this.#cellFor(lease.cells, scopeOf(candidate, "provider"), nowMs), signal, nowMs);
        }
      }
      if (cell.circuit.state === "open") remainingMs = Math.max(0, cell.circuit.untilMs - nowMs);
    }
    // Circuits that the failure does not concern stay half-open, for the next request to probe.
    lease[Symbol.dispose]();
    return remainingMs;
  }

  /**
   * Notes a failure that may have been the request's own, at the scope of `charge`. Returns whether it is to be charged: a different request has failed
   * there within the window with nothing served in between, or the attempt was a probe of what had failed already. A request that fails a second probe
   * says nothing new: another request may probe a second later.
   */
  note(lease: Lease, charge: Charge, request: { readonly digest: string; readonly nowMs: number }): boolean {
    if (!this.#isCurrent(lease)) return false;
    const { nowMs, digest } = request;
    const name = scopeName(scopeOf(lease.candidate, charge.scope));
    const before = lease.cells.notes.note(name, digest, { nowMs, windowMs: this.#moves.policy.resetMs });
    if (!lease.probe) return before === "another";
    if (before !== "same") return true;
    this.#endProbe(lease, { nowMs, digest, isRepeat: true });
    return false;
  }

  /**
   * Gives back the probes of a failed attempt whose charge is not decided yet: the waits between early probes grow, and other calls need not wait for the
   * decision.
   */
  probeFailed(lease: Lease, request: { readonly digest: string; readonly nowMs: number }): void {
    if (this.#isCurrent(lease)) this.#endProbe(lease, { ...request, isRepeat: false });
  }

  #endProbe(
    lease: Lease,
    { nowMs, ...failure }: { readonly nowMs: number; readonly digest: string; readonly isRepeat: boolean },
  ): void {
    for (const cell of lease.cells.of(lease.candidate)) {
      this.#moves.step(cell, { type: "inconclusive", leaseId: lease.id, ...failure }, nowMs);
    }
  }

  /** The attempt has content: its probe is over, and the circuits that it probed are closed. */
  contentCame(lease: Lease, nowMs: number): void {
    if (this.#isCurrent(lease)) {
      const { startedAtMs, id: leaseId, candidate } = lease;
      for (const cell of lease.cells.of(candidate)) {
        this.#moves.step(cell, { type: "content", startedAtMs, leaseId }, nowMs);
      }
      if (lease.cells.notes.size > 0) lease.cells.notes.clear(scopeNamesOf(candidate));
    }
    lease[Symbol.dispose]();
  }

  /** Counts `ms` that the monotonic clock has not counted, such as a machine's sleep: cooldowns end that much earlier. */
  skipTime(ms: number, nowMs: number): void {
    for (const { byName } of this.#providers.values()) {
      for (const cell of byName.values()) this.#moves.skip(cell, ms, nowMs);
    }
  }

  /** The attempt served: closes what was in its way, unless the attempt is older than the opening. */
  succeed(lease: Lease, nowMs: number): void {
    if (this.#isCurrent(lease)) {
      const { startedAtMs, id: leaseId } = lease;
      for (const cell of lease.cells.of(lease.candidate)) {
        this.#moves.step(cell, { type: "success", startedAtMs, leaseId }, nowMs);
      }
    }
    lease[Symbol.dispose]();
  }

  status(provider: string, nowMs: number): ProviderHealthStatus {
    return providerHealthStatus(this.#providers.get(provider), nowMs);
  }

  /** Forgets what a reload does not keep, and moves the health of keys whose index changed. */
  retain(kept: KeptHealth): void {
    this.#resets.retain(kept);
    for (const [provider, cells] of this.#providers) {
      const keyIndexes = kept.get(provider);
      if (keyIndexes === undefined) {
        this.#providers.delete(provider);
      } else if ([...keyIndexes].some(([from, to]) => from !== to) || cells.hasOtherKeys(keyIndexes)) {
        const moved = new ProviderCells();
        moved.lastFailureAtMs = cells.lastFailureAtMs;
        for (const cell of movedCells(cells, keyIndexes)) moved.byName.set(scopeName(cell.scope), cell);
        this.#providers.set(provider, moved);
      }
    }
  }

  /**
   * Closes the circuits of a provider, or those that are kept for one of its keys or models. Of a whole provider, attempts still under way no longer
   * count, and other processes are told to do the same, whether this one has tried it or not; of a part, they are told of the recoveries.
   */
  reset(nowMs: number, { provider, keyIndex, model }: ResetScope): void {
    const cells = this.#providers.get(provider);
    if (keyIndex !== undefined || model !== undefined) {
      for (const [name, cell] of cells?.byName ?? []) {
        const { scope } = cell;
        if (keyIndex !== undefined && !("keyIndex" in scope && scope.keyIndex === keyIndex)) continue;
        if (model !== undefined && !("model" in scope && scope.model === model)) continue;
        cells?.byName.delete(name);
        this.#moves.step(cell, { type: "reset" }, nowMs);
      }
      return;
    }
    this.#providers.delete(provider);
    for (const cell of cells?.byName.values() ?? []) this.#moves.step(cell, { type: "reset" }, nowMs);
    const circuit = this.#resets.add(provider, nowMs + this.#moves.epochOffsetMs);
    this.#moves.share({ scope: { type: "provider", provider }, circuit });
  }

  /** Returns the time of the last reset of `provider` on any host, in milliseconds since the Unix epoch; 0 without one. */
  resetAtMs(provider: string): number {
    return this.#resets.of(provider).resetThroughMs ?? 0;
  }

  snapshot(): HealthSnapshot {
    return [...this.#providers.values()].flatMap(({ byName }) =>
      [...byName.values()].flatMap(({ scope, circuit, shared }) => {
        if (!isShareable(scope)) return [];
        // The shared state includes recoveries: a process that starts from it must not accept an opening that has ended already.
        const told = shared ?? sharedFromCircuit(circuit, this.#moves.epochOffsetMs);
        return told ? { scope, circuit: told } : [];
      }),
    );
  }

  /** Takes in a snapshot of this or another process of this host; nothing is shared again. */
  restore(snapshot: HealthSnapshot, nowMs: number): void {
    for (const change of snapshot) this.apply({ ...change, isSameHost: true }, nowMs);
  }

  /**
   * Takes in what another process shared: all of it from this host, from another one what `takenOver` lets through. Changes for providers and keys that
   * are not configured are the caller's to drop.
   */
  apply(change: HealthChange, nowMs: number): void {
    const { scope, isSameHost = false } = change;
    const { provider } = scope;
    const known = this.#providers.get(provider);
    const cell = known?.byName.get(scopeName(scope));
    // Other hosts cannot make this one forget what it has found out about other models.
    if (!isSameHost && cell === undefined && "model" in scope && known?.isHalfFull() === true) return;
    const circuit = isSameHost ? change.circuit : this.#moves.takenOver(change, cell, nowMs);
    if (scope.type === "provider" && circuit.resetThroughMs !== undefined) {
      const reset = this.#resets.add(provider, circuit.resetThroughMs);
      for (const other of known?.byName.values() ?? []) this.#moves.join(other, reset, { nowMs, isSameHost: true });
    }
    // A circuit of which nothing is said is not stored.
    if (cell === undefined && sameShared(circuit, unknownCircuit)) return;
    const own = cell ?? this.#cellFor(this.#cellsOf(provider), scope, nowMs);
    this.#moves.join(own, mergeShared(circuit, this.#resets.of(provider)), { nowMs, isSameHost });
  }

  #cellsOf(provider: string): ProviderCells {
    const known = this.#providers.get(provider);
    if (known !== undefined) return known;
    const cells = new ProviderCells();
    this.#providers.set(provider, cells);
    return cells;
  }

  #cellFor(cells: ProviderCells, scope: CellScope, nowMs: number): Cell {
    const name = scopeName(scope);
    const known = cells.byName.get(name);
    if (known !== undefined) return known;
    const surplus = cells.surplus(scope);
    if (surplus !== undefined) {
      cells.byName.delete(surplus[0]);
      this.#moves.drop(surplus[1], nowMs);
    }
    const cell: Cell = { scope, circuit: closedCircuit };
    cells.byName.set(name, cell);
    return cell;
  }

  #isCurrent(lease: Lease): boolean {
    return this.#providers.get(lease.candidate.provider) === lease.cells;
  }

  #release(lease: Lease): void {
    for (const cell of lease.cells.of(lease.candidate)) {
      // A release moves no state, so the time is of no account.
      this.#moves.step(cell, { type: "release", leaseId: lease.id }, -Infinity);
    }
  }
}
