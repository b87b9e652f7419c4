import { type HealthChange, parseHealthChange } from "@ccpb/core";
import { BoundedMap, type Bounds } from "./bounded-map.ts";
import { longestAgeMs, scopeKey, type WireChange, type WireMoment, type WireQuota } from "./wire.ts";

/** Largest number of names, and of their characters together; the oldest are dropped first. */
const bounds = { entries: 20_000, characters: 4_000_000 };
/** The same for sightings of quota windows, of which there is one a second and credential: they must not push out the others. */
const quotaBounds = { entries: 5_000, characters: 1_000_000 };

// A name that stands for much later times than a message says is a clock that stood still, or a lie: the message counts then.
const sameWithinMs = 60_000;

/** Time at which something began and, for an opening, at which it ends: local times. */
type Times = readonly [beganAtMs: number, endsAtMs?: number];

/**
 * Gives every opening, recovery, lesson and sighting of a quota a name that all processes use, and remembers which local times stand for it. A process
 * that hears of the same one again, late, twice or by way of a third, so comes to the very same times: merging stays idempotent, although only durations
 * travel.
 */
export class Moments {
  readonly #names: Names;
  readonly #quotaNames: Names;

  /** `origin`: the name of this process; no other has it. */
  constructor(origin: string) {
    this.#names = new Names(origin, bounds);
    this.#quotaNames = new Names(origin, quotaBounds);
  }

  /** A change as it travels, at `nowMs` of the clock that its times are of. */
  write({ scope, circuit, lessons = [], quotas = [] }: HealthChange, identity: string, nowMs: number): WireChange {
    const key = scopeKey(scope);
    const { openings, recoveredThroughMs, resetThroughMs = 0 } = circuit;
    // The clocks of a balancer and its replica may be a fraction of a millisecond apart, but no age is below zero.
    const ago = (atMs: number): number => Math.max(0, toMicroseconds(nowMs - atMs));
    const moment = (atMs: number, names = this.#names): WireMoment => ({
      id: names.idOf(key, [atMs]),
      agoMs: ago(atMs),
    });
    const stated = quotas
      .filter(({ heardAtMs }) => ago(heardAtMs) <= longestAgeMs)
      .map(({ heardAtMs, resetsAtMs, ...window }): WireQuota => {
        const resetsInMs = resetsAtMs === null ? null : toMicroseconds(resetsAtMs - heardAtMs);
        return { ...moment(heardAtMs, this.#quotaNames), window: { ...window, resetsInMs } };
      });
    return {
      scope,
      identity,
      openings: openings.map(({ openedAtMs, untilMs, backoffMs, failedProbes, reason }) => ({
        id: this.#names.idOf(key, [openedAtMs, untilMs]),
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
      ...(stated.length > 0 && { quotas: stated }),
    };
  }

  /** A change that was sent at `sentAtMs` of the local clock, in local times; `undefined` for one that core would not take. */
  read({ scope, openings, recovery, reset, lessons, quotas }: WireChange, sentAtMs: number): HealthChange | undefined {
    const key = scopeKey(scope);
    const at = ({ id, agoMs }: WireMoment, names = this.#names): number =>
      names.timesOf(key, id, [sentAtMs - agoMs])[0];
    const opened = openings.map(({ id, ageMs, remainingMs }) =>
      this.#names.timesOf(key, id, [sentAtMs - ageMs, sentAtMs + Math.max(-ageMs, remainingMs)]),
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
      ...(quotas && { quotas: quotas.map((one) => windowAt(one, at(one, this.#quotaNames))) }),
    });
    if (change === undefined) return undefined;
    openings.forEach(({ id }, index) => this.#names.remember(key, id, opened[index]));
    for (const moment of [recovery, reset, ...(lessons ?? [])])
      if (moment) this.#names.remember(key, moment.id, [at(moment)]);
    for (const moment of quotas ?? []) this.#quotaNames.remember(key, moment.id, [at(moment, this.#quotaNames)]);
    return change;
  }
}

/** A window in local times, for core's parser: its reset is counted from the sighting, so that it comes out the same however late the message is. */
function windowAt({ window }: WireQuota, heardAtMs: number): Readonly<Record<string, unknown>> {
  const { resetsInMs } = window;
  return { ...window, heardAtMs, resetsAtMs: typeof resetsInMs === "number" ? heardAtMs + resetsInMs : null };
}

/** Names of moments, and the local times that stand for them. */
class Names {
  readonly #origin: string;
  readonly #ids: BoundedMap<string>;
  readonly #times: BoundedMap<Times>;
  #count = 0;

  constructor(origin: string, limits: Bounds) {
    this.#origin = origin;
    this.#ids = new BoundedMap(limits);
    this.#times = new BoundedMap(limits);
  }

  /** The times that are remembered for a name, or else those that a message claims. */
  timesOf(key: string, id: string, claimed: Times): Times {
    const remembered = this.#times.get(`${key} ${id}`);
    return remembered !== undefined && isSame(remembered, claimed) ? remembered : claimed;
  }

  idOf(key: string, times: Times): string {
    const known = this.#ids.get(`${key} ${times.join(" ")}`);
    if (known !== undefined) return known;
    const id = `${this.#origin}.${(this.#count++).toString(36)}`;
    this.remember(key, id, times);
    return id;
  }

  remember(key: string, id: string, times: Times | undefined): void {
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
