import { isShareable, shownScope } from "../base/scope.ts";
import type { Cell } from "./cells.ts";
import { type Circuit, circuitAt, type CircuitSignal, closedCircuit, nextHealth } from "./circuit.ts";
import type { CircuitPolicy } from "./cooldown.ts";
import {
  circuitFromShared,
  mergeShared,
  type SharedCircuit,
  sameShared,
  sharedFromCircuit,
  unknownCircuit,
} from "./merge.ts";
import type { HealthChange } from "./replica.ts";
import type { HealthTableOptions } from "./table-types.ts";
import { takenOver } from "./takeover.ts";

/** Moves single circuits by what this process and others find out, and tells listeners and other processes. Every `nowMs` is monotonic. */
export class CellMoves {
  /** Wall clock minus monotonic clock: what, added to a monotonic time, gives the time that other processes are told. */
  readonly epochOffsetMs: number;
  /** Applies to signals from now on; cooldowns that are running end when they were to end. */
  policy: CircuitPolicy;
  readonly #options: HealthTableOptions;

  constructor(options: HealthTableOptions) {
    this.#options = options;
    this.policy = options.policy;
    this.epochOffsetMs = options.epochOffsetMs ?? 0;
  }

  /** Moves a circuit by what this process found out. */
  step(cell: Cell, signal: CircuitSignal, nowMs: number): void {
    const before = cell.circuit;
    const after = nextHealth(before, signal, nowMs, this.policy);
    if (after === before) return;
    // From here on this process has findings of its own again.
    delete cell.takenOverAtMs;
    // Being given its first lease is what makes the passing of a cooldown visible.
    const from = signal.type === "acquire" ? before : circuitAt(before, nowMs);
    this.#share(cell, { before, after, recoveredThroughMs: signal.type === "success" ? signal.startedAtMs : nowMs });
    this.#move(cell, after, { nowMs, from });
  }

  /** Counts time that this process's clock has not counted. Not shared: the others' clocks have not stood still. */
  skip(cell: Cell, ms: number, nowMs: number): void {
    cell.circuit = nextHealth(cell.circuit, { type: "skip", ms }, nowMs, this.policy);
  }

  /** Closes the circuit of a cell that is no longer stored. Not shared: nothing was found out. */
  drop(cell: Cell, nowMs: number): void {
    this.#move(cell, closedCircuit, { nowMs, from: circuitAt(cell.circuit, nowMs) });
  }

  /** Publishes a change to other processes, if health is shared. */
  share(change: HealthChange): void {
    this.#options.share?.(change);
  }

  /** Returns what another host's finding counts for here: see `takenOver`. `cell`: the circuit as it is known here. */
  takenOver({ circuit }: HealthChange, cell: Cell | undefined, nowMs: number): SharedCircuit {
    const { epochOffsetMs, policy } = this;
    const sinceMs = (cell?.takenOverAtMs ?? nowMs) + epochOffsetMs;
    return takenOver(circuit, { nowMs: nowMs + epochOffsetMs, policy, sinceMs });
  }

  /** Moves a circuit by what another process found out. */
  join(cell: Cell, remote: SharedCircuit, from: { readonly nowMs: number; readonly isSameHost: boolean }): void {
    const { nowMs, isSameHost } = from;
    const { epochOffsetMs } = this;
    const known = cell.shared ?? sharedFromCircuit(cell.circuit, epochOffsetMs) ?? unknownCircuit;
    const merged = mergeShared(known, remote);
    cell.shared = merged;
    if (sameShared(known, merged)) return;
    const after = circuitFromShared(merged, cell.circuit, { nowMs, epochOffsetMs });
    if (!isSameHost && after.state !== "closed") cell.takenOverAtMs ??= nowMs;
    this.#move(cell, after, { nowMs, from: circuitAt(cell.circuit, nowMs), isShared: true });
  }

  #share(
    cell: Cell,
    step: { readonly before: Circuit; readonly after: Circuit; readonly recoveredThroughMs: number },
  ): void {
    const { share } = this.#options;
    const { scope } = cell;
    if (share === undefined || !isShareable(scope)) return;
    const { before, after } = step;
    const recovery = { openings: [], recoveredThroughMs: step.recoveredThroughMs + this.epochOffsetMs };
    const hasRecovered = before.state !== "closed" && after.state === "closed";
    const news = hasRecovered ? recovery : sharedFromCircuit(after, this.epochOffsetMs);
    if (news === undefined || after.state === "half-open") return;
    cell.shared = mergeShared(cell.shared ?? unknownCircuit, news);
    share({ scope, circuit: cell.shared });
  }

  #move(
    cell: Cell,
    after: Circuit,
    step: { readonly nowMs: number; readonly from: Circuit; readonly isShared?: true },
  ): void {
    const { nowMs, from, isShared } = step;
    cell.circuit = after;
    if (after.state === "closed") cell.isUnclear = false;
    if (from.state === after.state) return;
    const cooldown = after.state === "open" && { cooldownMs: after.untilMs - nowMs, reason: after.reason };
    this.#options.onChange?.({
      scope: shownScope(cell.scope),
      provider: cell.scope.provider,
      from: from.state,
      to: after.state,
      ...cooldown,
      ...(isShared !== undefined && { isShared }),
      ...("login" in cell.scope && { isLogin: true as const }),
    });
  }
}
