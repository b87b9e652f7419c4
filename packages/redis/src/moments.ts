import { type HealthChange, parseHealthChange } from "@ccpb/core";
import { BoundedMap } from "./bounded-map.ts";
import { scopeKey, type WireChange, type WireMoment } from "./wire.ts";

/** Largest number of names, and of their characters together; the oldest are dropped first. */
const bounds = { entries: 20_000, characters: 4_000_000 };

// A name that stands for much later times than a message says is a clock that stood still, or a lie: the message counts then.
const sameWithinMs = 60_000;

/** Time at which something began and, for an opening, at which it ends: local times. */
type Times = readonly [beganAtMs: number, endsAtMs?: number];

/**
 * Gives every opening and recovery a name that all processes use, and remembers which local times stand for it. A process that hears of the same
 * opening again, late, twice or by way of a third, so comes to the very same times: merging stays idempotent, although only durations travel.
 */
export class Moments {
  readonly #origin: string;
  readonly #ids = new BoundedMap<string>(bounds);
  readonly #times = new BoundedMap<Times>(bounds);
  #count = 0;

  /** `origin`: the name of this process; no other has it. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** A change as it travels, at `nowMs` of the clock that its times are of. */
  write({ scope, circuit, lessons = [] }: HealthChange, identity: string, nowMs: number): WireChange {
    const key = scopeKey(scope);
    const { openings, recoveredThroughMs, resetThroughMs = 0 } = circuit;
    // The clocks of a balancer and its replica may be a fraction of a millisecond apart, but no age is below zero.
    const ago = (atMs: number): number => Math.max(0, toMicroseconds(nowMs - atMs));
    const moment = (atMs: number): WireMoment => ({ id: this.#idOf(key, [atMs]), agoMs: ago(atMs) });
    return {
      scope,
      identity,
      openings: openings.map(({ openedAtMs, untilMs, backoffMs, failedProbes, reason }) => ({
        id: this.#idOf(key, [openedAtMs, untilMs]),
        ageMs: ago(openedAtMs),
        remainingMs: toMicroseconds(untilMs - nowMs),
        backoffMs,
        failedProbes,
        reason: { class: reason.class, detail: reason.detail },
      })),
      recovery: recoveredThroughMs === 0 ? null : moment(recoveredThroughMs),
      ...(resetThroughMs > 0 && { reset: moment(resetThroughMs) }),
      ...(lessons.length > 0 && {
        lessons: lessons.map(({ id, profile, learnedAtMs }) => ({ ...moment(learnedAtMs), lesson: { id, profile } })),
      }),
    };
  }

  /** A change that was sent at `sentAtMs` of the local clock, in local times; `undefined` for one that core would not take. */
  read({ scope, openings, recovery, reset, lessons }: WireChange, sentAtMs: number): HealthChange | undefined {
    const key = scopeKey(scope);
    const known = (id: string, times: Times): Times => {
      const remembered = this.#times.get(`${key} ${id}`);
      return remembered !== undefined && isSame(remembered, times) ? remembered : times;
    };
    const at = (moment: WireMoment): number => known(moment.id, [sentAtMs - moment.agoMs])[0];
    const opened = openings.map(({ id, ageMs, remainingMs }) =>
      known(id, [sentAtMs - ageMs, sentAtMs + Math.max(-ageMs, remainingMs)]),
    );
    const recoveredThroughMs = Math.max(recovery ? at(recovery) : 0, reset ? at(reset) : 0);
    const change = parseHealthChange({
      scope,
      circuit: {
        openings: openings.map(({ backoffMs, failedProbes, reason }, index) => {
          const [openedAtMs, untilMs] = opened[index] ?? [];
          return { openedAtMs, untilMs, backoffMs, failedProbes, reason };
        }),
        recoveredThroughMs,
        ...(reset && { resetThroughMs: at(reset) }),
      },
      ...(lessons && { lessons: lessons.map((one) => ({ ...one.lesson, learnedAtMs: at(one) })) }),
    });
    if (change === undefined) return undefined;
    openings.forEach(({ id }, index) => this.#remember(key, id, opened[index]));
    for (const moment of [recovery, reset, ...(lessons ?? [])])
      if (moment) this.#remember(key, moment.id, [at(moment)]);
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
    if (times === undefined) return;
    // Also what is remembered already: what is said again and again is not the oldest.
    const name = `${key} ${id}`;
    const text = `${key} ${times.join(" ")}`;
    this.#times.set(name, times, 0);
    this.#ids.set(text, this.#ids.get(text) ?? id, id.length);
  }
}

/** A message that was under way for long claims times that are too late, so the earlier ones stand; much earlier claims are not of the same moment. */
function isSame([beganAtMs, endsAtMs = 0]: Times, [claimedMs, claimedEndMs = 0]: Times): boolean {
  return beganAtMs - claimedMs < sameWithinMs && endsAtMs - claimedEndMs < sameWithinMs;
}

/** Milliseconds without digits that no clock has. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
