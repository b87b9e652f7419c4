import type { BalancerConfig } from "@ccpb/core";
import {
  type Control,
  type ControlCommand,
  type ControlOutcome,
  type ControlState,
  type ControlTarget,
  isWithin,
  targetKey,
} from "./control.ts";

/** The clocks of a board, in milliseconds. */
export interface BoardClock {
  /** Monotonic: ends are counted by it. */
  readonly now: () => number;
  /** Epoch milliseconds: versions are made of it. */
  readonly wallNow: () => number;
}

interface Entry extends Omit<Control, "remainingMs"> {
  /** Monotonic; Infinity where no end was given. */
  readonly untilMs: number;
}

/** The most decisions that are kept; a further one replaces the oldest that was taken back, else the oldest. */
const maxEntries = 1_000;

/** Time for which a revoked decision is remembered, so that an older decision that arrives late changes nothing. */
const freeKeptMs = 24 * 3_600_000;

/** Largest lead of the version of another server's decision over this machine's clock. A larger one is refused, since no later decision could replace it. */
const latestAheadMs = 24 * 3_600_000;

/** The state that each act leads to. */
const stateAfter: Readonly<Record<ControlCommand["action"], ControlState | "free">> = {
  disable: "disabled",
  drain: "draining",
  block: "blocked",
  enable: "free",
  unblock: "free",
  reset: "free",
};

/**
 * Keeps the decisions of operators: the last one about each target counts. Servers that tell each other their decisions, in any order and any number of
 * times, come to the same board.
 */
export class ControlBoard {
  readonly #clock: BoardClock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: BoardClock) {
    this.#clock = clock;
  }

  /** Writes down a command; a `reset` changes nothing here. Taking back what is decided of a whole provider takes back what is decided of its parts. */
  decide(command: ControlCommand): ControlOutcome & { readonly changed: readonly Control[] } {
    const { action, target, by, reason } = command;
    const before = this.#stateOf(target);
    if (action === "reset") return { before, after: before, freed: 0, changed: [] };
    const state = stateAfter[action];
    const forMs = state === "free" ? freeKeptMs : (command.forMs ?? null);
    const untilMs = this.#clock.now() + (forMs ?? Number.POSITIVE_INFINITY);
    const targets = state === "free" ? this.#decidedWithin(target) : [target];
    const changed = targets.map((one) =>
      this.#put({ target: one, state, version: this.#nextVersion(one), forMs, by, reason, untilMs }),
    );
    return { before, after: state, freed: state === "free" ? changed.length : 0, changed };
  }

  /** Takes in what another server decided. Returns whether it changed anything: not where a later decision is known, or its version is out of bounds. */
  take(control: Control): boolean {
    const { target, state, version, forMs, by, reason, remainingMs } = control;
    const known = this.#entries.get(targetKey(target));
    if (!(version <= this.#clock.wallNow() + latestAheadMs) || (remainingMs !== null && remainingMs <= 0)) return false;
    if (known !== undefined && !isLater(control, known)) return false;
    const untilMs = this.#clock.now() + (remainingMs ?? (state === "free" ? freeKeptMs : Number.POSITIVE_INFINITY));
    this.#put({ target, state, version, forMs, by, reason, untilMs });
    return true;
  }

  /** Lists the decisions that keep something out now, the oldest first. */
  inForce(): readonly Control[] {
    return this.all().filter(({ state }) => state !== "free");
  }

  /** Lists what is in force and what was taken back: for servers that are to come to the same board. */
  all(): readonly Control[] {
    this.#expire();
    return [...this.#entries.values()].map((entry) => this.#controlOf(entry));
  }

  /** Follows a reload: what was decided of providers and keys that are gone is forgotten, and a key's decision goes where the key stands now. */
  retain(move: (target: ControlTarget) => ControlTarget | undefined): void {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) {
      const target = move(entry.target);
      if (target !== undefined) this.#entries.set(targetKey(target), { ...entry, target });
    }
  }

  #stateOf(target: ControlTarget): Control["state"] {
    this.#expire();
    return this.#entries.get(targetKey(target))?.state ?? "free";
  }

  #decidedWithin(whole: ControlTarget): readonly ControlTarget[] {
    const held = [...this.#entries.values()].filter(({ state, target }) => state !== "free" && isWithin(target, whole));
    return held.map(({ target }) => target);
  }

  #nextVersion(target: ControlTarget): number {
    const known = this.#entries.get(targetKey(target));
    return Math.max(Math.floor(this.#clock.wallNow()), (known?.version ?? 0) + 1);
  }

  #put(entry: Entry): Control {
    const key = targetKey(entry.target);
    this.#entries.delete(key);
    if (this.#entries.size >= maxEntries) {
      const [oldest] = [...this.#entries].find(([, { state }]) => state === "free") ?? [...this.#entries][0] ?? [];
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, entry);
    return this.#controlOf(entry);
  }

  #controlOf({ untilMs, ...entry }: Entry): Control {
    return { ...entry, remainingMs: Number.isFinite(untilMs) ? untilMs - this.#clock.now() : null };
  }

  #expire(): void {
    const nowMs = this.#clock.now();
    for (const [key, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(key);
  }
}

/** Decides whether `one` is the later decision. Two of the same time are put in the same order everywhere. */
function isLater(
  one: Pick<Control, "version" | "state" | "by">,
  other: Pick<Control, "version" | "state" | "by">,
): boolean {
  if (one.version !== other.version) return one.version > other.version;
  return `${one.state} ${one.by}` > `${other.state} ${other.by}`;
}

/** The keys of each provider by its name. */
type KeysByName = ReadonlyMap<string, readonly (string | undefined)[]>;

/** Returns where a target stands after a reload; undefined for what is gone. All that it needs of the configurations is read at once. */
export function movesOfReload(
  before: BalancerConfig,
  after: BalancerConfig,
): (target: ControlTarget) => ControlTarget | undefined {
  const [old, next] = [keysByName(before), keysByName(after)];
  return (target) => {
    if (target.type !== "provider") return target;
    const keys = next.get(target.provider);
    if (keys === undefined || target.keyIndex === undefined) return keys && target;
    const keyIndex = keys.indexOf(old.get(target.provider)?.[target.keyIndex]);
    return keyIndex < 0 ? undefined : { ...target, keyIndex };
  };
}

/** A credential that is no key counts as a single one. */
function keysByName({ providers }: BalancerConfig): KeysByName {
  return new Map(providers.map(({ name, auth }) => [name, "keys" in auth ? [...auth.keys] : [undefined]]));
}
