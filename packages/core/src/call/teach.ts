import { type Lesson, profileLine } from "../base/lesson.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { ProfileLearned } from "../base/events.ts";
import type { LearnedProfiles } from "../health/learned-profiles.ts";
import { taughtMembers } from "./taught-provider.ts";

/** The row that a lesson is of. */
export function rowOf({ id }: Lesson): string {
  return id.split(":", 1)[0] ?? id;
}

/**
 * Keeps lessons, and returns what there is to tell of those that are new.
 *
 * @param provider - as it is configured.
 */
export function keepNew(
  learned: LearnedProfiles,
  provider: ProviderConfig,
  { model, lessons, nowMs }: { readonly model: string; readonly lessons: readonly Lesson[]; readonly nowMs: number },
): readonly ProfileLearned[] {
  const fresh = learned.learn(provider.name, model, lessons, nowMs);
  if (fresh.length === 0) return [];
  const line = profileLine(taughtMembers(provider, model, learned.find(provider.name, model, nowMs)));
  return fresh.map((lesson) => ({ provider: provider.name, model, lesson: rowOf(lesson), line }));
}
