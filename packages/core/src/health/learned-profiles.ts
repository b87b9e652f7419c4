import type { Lesson } from "../base/lesson.ts";
import { BoundedMap } from "../base/bounded-map.ts";

/** How many pairs of a provider and a model have lessons; the pair that learned longest ago is forgotten first. */
const pairLimit = 500;
/** How many lessons one pair has; the oldest is forgotten first. */
const lessonLimit = 16;
/** How long a lesson holds: providers learn too. */
export const lessonMs: number = 24 * 60 * 60_000;

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
 * What refusals have taught, by provider and upstream model: which members of the profile differ there from what is configured. A lesson is kept for 24
 * hours from the time at which a request that followed it was served.
 */
export class LearnedProfiles {
  readonly #pairs = new BoundedMap<LearnedPair>(pairLimit);

  /** Whether nothing has been learned. */
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

  /** The lessons that hold now, the oldest first. */
  find(provider: string, model: string, nowMs: number): readonly Lesson[] {
    if (this.#pairs.size === 0) return none;
    const pair = this.#pairs.get(keyOf(provider, model));
    if (pair === undefined) return none;
    const live = liveOf(pair, nowMs);
    if (live.length === 0) this.#pairs.delete(keyOf(provider, model));
    return live.map(({ lesson }) => lesson);
  }

  /** Every pair with lessons that hold now. */
  pairs(nowMs: number): readonly LearnedPair[] {
    return [...this.#pairs].flatMap(([, pair]) => {
      const lessons = liveOf(pair, nowMs);
      return lessons.length === 0 ? [] : [{ ...pair, lessons }];
    });
  }

  /** Forgets the lessons of providers that `isKept` refuses. */
  retain(isKept: (provider: string) => boolean): void {
    this.#pairs.retain(({ provider }) => isKept(provider));
  }
}

const none: readonly Lesson[] = [];

function liveOf({ lessons }: LearnedPair, nowMs: number): readonly LearnedLesson[] {
  return lessons.filter(({ atMs }) => nowMs - atMs < lessonMs);
}

function keyOf(provider: string, model: string): string {
  return `${provider}\n${model}`;
}
