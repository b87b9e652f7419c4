import { type HealthChange, parseHealthChange } from "@ccpb/core";
import { scopeKey, type WireChange } from "./wire.ts";

/** How many names are remembered; the oldest go first. */
const limit = 20_000;

/** When something began and, for an opening, when it ends: local times. */
type Times = readonly [beganAtMs: number, endsAtMs?: number];

/**
 * Gives every opening and recovery a name that all processes use, and remembers which local times stand for it. A process that hears of the same
 * opening again, late, twice or by way of a third, so comes to the very same times: merging stays idempotent, although only durations travel.
 */
export class Moments {
  readonly #origin: string;
  readonly #ids = new Map<string, string>();
  readonly #times = new Map<string, Times>();
  #count = 0;

  /** `origin`: the name of this process; no other has it. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** A change as it travels, at `nowMs` of the clock that its times are of. */
  write({ scope, circuit }: HealthChange, identity: string, nowMs: number): WireChange {
    const key = scopeKey(scope);
    const { openings, recoveredThroughMs } = circuit;
    return {
      scope,
      identity,
      openings: openings.map(({ openedAtMs, untilMs, backoffMs, failedProbes, reason }) => ({
        id: this.#idOf(key, [openedAtMs, untilMs]),
        ageMs: toMicroseconds(nowMs - openedAtMs),
        remainingMs: toMicroseconds(untilMs - nowMs),
        backoffMs,
        failedProbes,
        reason,
      })),
      recovery:
        recoveredThroughMs === 0
          ? null
          : { id: this.#idOf(key, [recoveredThroughMs]), agoMs: toMicroseconds(nowMs - recoveredThroughMs) },
    };
  }

  /** A change that was sent at `sentAtMs` of the local clock, in local times; `undefined` for one that core would not take. */
  read({ scope, openings, recovery }: WireChange, sentAtMs: number): HealthChange | undefined {
    const key = scopeKey(scope);
    const known = (id: string, times: Times): Times => this.#times.get(`${key} ${id}`) ?? times;
    const recovered = recovery && known(recovery.id, [sentAtMs - recovery.agoMs]);
    const opened = openings.map(({ id, ageMs, remainingMs }) =>
      known(id, [sentAtMs - ageMs, sentAtMs + Math.max(-ageMs, remainingMs)]),
    );
    const change = parseHealthChange({
      scope,
      circuit: {
        openings: openings.map(({ backoffMs, failedProbes, reason }, index) => {
          const [openedAtMs, untilMs] = opened[index] ?? [];
          return { openedAtMs, untilMs, backoffMs, failedProbes, reason };
        }),
        recoveredThroughMs: recovered === null ? 0 : recovered[0],
      },
    });
    if (change === undefined) return undefined;
    openings.forEach(({ id }, index) => this.#remember(key, id, opened[index]));
    if (recovery !== null && recovered !== null) this.#remember(key, recovery.id, recovered);
    return change;
  }

  #idOf(key: string, times: Times): string {
    const known = this.#ids.get(`${key} ${times.join(" ")}`);
    if (known !== undefined) return known;
    const id = `${this.#origin}.${(this.#count++).toString(36)}`;
    this.#remember(key, id, times);
    return id;
  }

  #remember(key: string, id: string, times: Times | undefined): void {
    if (times === undefined || this.#times.has(`${key} ${id}`)) return;
    this.#times.set(`${key} ${id}`, times);
    this.#ids.set(`${key} ${times.join(" ")}`, id);
    for (const map of [this.#times, this.#ids]) {
      const [oldest] = map.keys();
      if (map.size > limit && oldest !== undefined) map.delete(oldest);
    }
  }
}

/** Milliseconds without digits that no clock has. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
