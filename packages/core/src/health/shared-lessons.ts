import type { Lesson } from "../base/lesson.ts";
import { readForeignLesson } from "./lesson-rules.ts";

/** A lesson as processes share it. */
export interface SharedLesson extends Lesson {
  /** Time at which a request that applied it was first served, in milliseconds since the Unix epoch. */
  readonly learnedAtMs: number;
}

/** Lifetime of a lesson. It ends, because providers add abilities. */
export const lessonMs: number = 24 * 60 * 60_000;

/** Largest number of lessons of a provider and a model; the oldest is dropped first. */
export const lessonLimit = 16;

/**
 * Joins two lists of lessons of one model. The join is commutative, associative and idempotent. Of one lesson the
 * later time counts. The list is bounded: the newest lessons stay.
 *
 * @param one - one list; undefined: empty.
 * @param other - the other list; undefined: empty.
 * @returns the joined list; the arguments are not changed.
 * @example
 * ```ts
 * const lesson = { id: "mid-system", profile: {} };
 * const lessons = mergeLessons([{ ...lesson, learnedAtMs: 1 }], [{ ...lesson, learnedAtMs: 2 }]);
 * console.log(lessons.length, lessons[0]?.learnedAtMs); // 1 2
 * ```
 */
export function mergeLessons(
  one: readonly SharedLesson[] = [],
  other: readonly SharedLesson[] = [],
): readonly SharedLesson[] {
  if (other.length === 0) return one;
  const byId = new Map<string, SharedLesson>();
  for (const lesson of [...one, ...other]) {
    const known = byId.get(lesson.id);
    if (known === undefined || known.learnedAtMs < lesson.learnedAtMs) byId.set(lesson.id, lesson);
  }
  return [...byId.values()].sort(inOrder).slice(-lessonLimit);
}

function inOrder(one: SharedLesson, other: SharedLesson): number {
  return one.learnedAtMs - other.learnedAtMs || (one.id < other.id ? -1 : 1);
}

/** Reads lessons out of foreign JSON; those that this version does not know are left out. Undefined where it is no list, or a longer one than is shared. */
export function parseLessons(value: unknown): readonly SharedLesson[] | undefined {
  if (!Array.isArray(value) || value.length > lessonLimit) return undefined;
  return value.flatMap((one: unknown): readonly SharedLesson[] => {
    const lesson = readForeignLesson(one);
    const { learnedAtMs } = (one ?? {}) as { readonly learnedAtMs?: unknown };
    const isTime = typeof learnedAtMs === "number" && Number.isFinite(learnedAtMs) && learnedAtMs >= 0;
    return lesson !== undefined && isTime ? [{ ...lesson, learnedAtMs }] : [];
  });
}
