import type { Lesson } from "../base/lesson.ts";
import { BoundedMap } from "../base/bounded-map.ts";
import { lessonLimit, lessonMs } from "./shared-lessons.ts";

/** Largest number of pairs of provider and model with lessons; the pair that learned longest ago is forgotten first. */
const pairLimit = 500;

/** A lesson with the time at which it was learned, in milliseconds of the monotonic clock. */
export interface LearnedLesson {
  readonly lesson: Lesson;
  readonly atMs: number;
}

/** A provider and one of its models, by the upstream's name, with the lessons that hold. */
export interface LearnedPair {
  readonly provider: string;
  readonly model: string;
  readonly lessons: readonly LearnedLesson[];
}

/**
 * Remembers lessons of refusals by provider and upstream model: members of the profile that differ from the
 * configured one. A lesson is kept for 24 hours from the time at which a request that followed it was served.
 */
export class LearnedProfiles {
  readonly #pairs = new BoundedMap<LearnedPair>(pairLimit);

  /** True if no lesson is stored. */
  get isEmpty(): boolean {
    return this.#pairs.size === 0;
  }

  /** Keeps lessons; returns those that were not known. One that is known keeps its time. */
  learn(provider: string, model: string, lessons: readonly Lesson[], atMs: number): readonly Lesson[] {
    const key = keyOf(provider, model);
    const known = this.#pairs.get(key)?.lessons.filter((one) => atMs - one.atMs < lessonMs) ?? [];
    const fresh = lessons.filter(({ id }) => !known.some(({ lesson }) => lesson.id === id));
    if (fresh.length === 0) return fresh;
    const all = [...known, ...fresh.map((lesson) => ({ lesson, atMs }))].slice(-lessonLimit);
    this.#pairs.set(key, { provider, model, lessons: all });
    return fresh;
  }

  /**
   * Takes over lessons that another process has learned; the later time of a lesson counts. Those that are over, or lie in the future, are dropped. From
   * another host at most half of the room is taken, so that it cannot push out what this process has found out.
   *
   * @returns those that were not known.
   */
  takeOver(
    { provider, model, lessons }: LearnedPair,
    { nowMs, isSameHost }: { readonly nowMs: number; readonly isSameHost: boolean },
  ): readonly Lesson[] {
    const key = keyOf(provider, model);
    const pair = this.#pairs.get(key);
    if (!isSameHost && pair === undefined && this.#pairs.size >= pairLimit / 2) return none;
    const byId = new Map((pair === undefined ? [] : liveOf(pair, nowMs)).map((one) => [one.lesson.id, one]));
    const fresh: Lesson[] = [];
    for (const { lesson, atMs: learnedMs } of lessons) {
      if (learnedMs > nowMs + toleratedMs || nowMs - learnedMs >= lessonMs) continue;
      const atMs = Math.min(learnedMs, nowMs);
      const known = byId.get(lesson.id);
      if (known === undefined && !isSameHost && byId.size >= lessonLimit / 2) continue;
      if (known === undefined) fresh.push(lesson);
      if (known === undefined || known.atMs < atMs) byId.set(lesson.id, { lesson, atMs });
    }
    const all = [...byId.values()].sort((one, other) => one.atMs - other.atMs).slice(-lessonLimit);
    if (all.length > 0) this.#pairs.set(key, { provider, model, lessons: all });
    return fresh;
  }

  /** Forgets the lessons of a provider that were learned up to `atMs`: an operator has reset it then. */
  forget(provider: string, atMs: number): void {
    for (const [key, pair] of this.#pairs) {
      if (pair.provider !== provider) continue;
      const lessons = pair.lessons.filter((one) => one.atMs > atMs);
      if (lessons.length === 0) this.#pairs.delete(key);
      else if (lessons.length < pair.lessons.length) this.#pairs.set(key, { ...pair, lessons });
    }
  }

  /** The lessons that hold now, the oldest first. */
  find(provider: string, model: string, nowMs: number): readonly Lesson[] {
    if (this.#pairs.size === 0) return none;
    const pair = this.#pairs.get(keyOf(provider, model));
    if (pair === undefined) return none;
    const live = liveOf(pair, nowMs);
    if (live.length === 0) this.#pairs.delete(keyOf(provider, model));
    return live.map(({ lesson }) => lesson);
  }

  /** Every pair with lessons that hold now; with `provider` those of one provider. */
  pairs(nowMs: number, provider?: string): readonly LearnedPair[] {
    return [...this.#pairs].flatMap(([, pair]) => {
      if (provider !== undefined && pair.provider !== provider) return [];
      const lessons = liveOf(pair, nowMs);
      return lessons.length === 0 ? [] : [{ ...pair, lessons }];
    });
  }

  /** Forgets the lessons of providers and their models that `isKept` refuses. */
  retain(isKept: (provider: string, model: string) => boolean): void {
    this.#pairs.retain(({ provider, model }) => isKept(provider, model));
  }
}

const none: readonly Lesson[] = [];
/** Largest lead of another process's clock, in milliseconds. */
const toleratedMs = 5_000;

function liveOf({ lessons }: LearnedPair, nowMs: number): readonly LearnedLesson[] {
  return lessons.filter(({ atMs }) => nowMs - atMs < lessonMs);
}

function keyOf(provider: string, model: string): string {
  return `${provider}\n${model}`;
}
