import { type Lesson, profileLine, rowOf } from "../base/lesson.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { EventEmitter } from "../base/event-emitter.ts";
import type { LearnedProfileStatus } from "../base/status-types.ts";
import type { LearnedPair, LearnedProfiles } from "../health/learned-profiles.ts";
import { unknownCircuit } from "../health/merge.ts";
import type { HealthChange } from "../health/replica.ts";
import { readForeignLesson } from "../health/lesson-rules.ts";
import { lessonMs } from "../health/shared-lessons.ts";
import { taughtMembers } from "./taught-provider.ts";

/** Connects the keeping of lessons with the processes and listeners that are told of them. */
export interface TeachingOptions {
  readonly learned: LearnedProfiles;
  readonly events: EventEmitter;
  /** The wall clock minus the monotonic clock, in milliseconds. */
  readonly epochOffsetMs: number;
  /** Publishes to other processes; undefined if health is not shared. */
  readonly share: ((change: HealthChange) => void) | undefined;
}

/** A lesson of one model, and when. `nowMs`: monotonic. */
interface Taught {
  readonly model: string;
  readonly lessons: readonly Lesson[];
  readonly nowMs: number;
}

/** Keeps what refusals teach, tells of it, and takes over what other processes have learned. */
export class Teaching {
  readonly #options: TeachingOptions;

  constructor(options: TeachingOptions) {
    this.#options = options;
  }

  /**
   * Keeps the lessons of a request that was served, and tells of those that are new.
   *
   * @param provider - as it is configured.
   */
  keep(provider: ProviderConfig, { model, lessons, nowMs }: Taught): void {
    const { learned, share, epochOffsetMs } = this.#options;
    const fresh = learned.learn(provider.name, model, lessons, nowMs);
    if (fresh.length === 0) return;
    this.#tell(provider, { model, lessons: fresh, nowMs });
    const learnedAtMs = nowMs + epochOffsetMs;
    share?.({
      scope: { type: "deployment", provider: provider.name, model },
      circuit: unknownCircuit,
      lessons: fresh.map((lesson) => ({ ...lesson, learnedAtMs })),
    });
  }

  /**
   * Takes over what another process has learned. Of another host's, those that the table of refusals cannot teach are dropped, and those that contradict
   * what this process is configured with.
   *
   * @param resetAtMs - time of the provider's last reset, in milliseconds since the Unix epoch: older lessons are forgotten.
   */
  hear(
    provider: ProviderConfig,
    change: HealthChange,
    { nowMs, resetAtMs }: { readonly nowMs: number; readonly resetAtMs: number },
  ): void {
    const { learned, epochOffsetMs } = this.#options;
    const { scope, lessons = [], isSameHost = false, circuit } = change;
    if (circuit.resetThroughMs !== undefined) learned.forget(provider.name, resetAtMs - epochOffsetMs);
    if (scope.type !== "deployment" || lessons.length === 0) return;
    const { model } = scope;
    const heard = lessons.flatMap((shared) => {
      const lesson = isSameHost ? { id: shared.id, profile: shared.profile } : readForeignLesson(shared);
      const isFit = lesson !== undefined && (isSameHost || !contradicts(provider, lesson));
      return isFit && shared.learnedAtMs > resetAtMs ? [{ lesson, atMs: shared.learnedAtMs - epochOffsetMs }] : [];
    });
    const fresh = learned.takeOver({ provider: provider.name, model, lessons: heard }, { nowMs, isSameHost });
    this.#tell(provider, { model, lessons: fresh, nowMs }, true);
  }

  /** All lessons as changes, to survive a restart or to be told to others. */
  snapshot(nowMs: number): readonly HealthChange[] {
    const { learned, epochOffsetMs } = this.#options;
    return learned.pairs(nowMs).map(({ provider, model, lessons }) => ({
      scope: { type: "deployment", provider, model },
      circuit: unknownCircuit,
      lessons: lessons.map(({ lesson, atMs }) => ({ ...lesson, learnedAtMs: atMs + epochOffsetMs })),
    }));
  }

  #tell(provider: ProviderConfig, { model, lessons, nowMs }: Taught, isShared = false): void {
    const { learned, events } = this.#options;
    if (lessons.length === 0) return;
    const line = lineOf(provider, model, learned.find(provider.name, model, nowMs));
    const shared = isShared && { isShared: true as const };
    for (const lesson of lessons) {
      events.emit("profile-learned", { provider: provider.name, model, lesson: rowOf(lesson), line, ...shared });
    }
  }
}

/** Returns the lessons of a provider by model, for status displays. */
export function learnedProfiles(
  provider: ProviderConfig,
  learned: LearnedProfiles,
  nowMs: number,
): readonly LearnedProfileStatus[] {
  if (learned.isEmpty) return [];
  return learned.pairs(nowMs, provider.name).map((pair) => learnedStatus(provider, pair, nowMs));
}

function learnedStatus(provider: ProviderConfig, { model, lessons }: LearnedPair, nowMs: number): LearnedProfileStatus {
  const all = lessons.map(({ lesson }) => lesson);
  return {
    model,
    lessons: all.map(rowOf),
    line: lineOf(provider, model, all),
    profile: taughtMembers(provider, model, all),
    remainingMs: lessons.reduce((least, { atMs }) => Math.min(least, atMs + lessonMs - nowMs), lessonMs),
  };
}

function lineOf(provider: ProviderConfig, model: string, lessons: readonly Lesson[]): string {
  return profileLine(taughtMembers(provider, model, lessons));
}

/**
 * Decides whether a lesson sets a member that the configuration of the provider sets otherwise. Lists add, so that
 * they contradict nothing.
 */
function contradicts({ type, profile, nativeProfile }: ProviderConfig, lesson: Lesson): boolean {
  const own: Readonly<Record<string, unknown>> = { ...(type === "openai" ? profile : nativeProfile) };
  return Object.entries(lesson.profile).some(([name, value]) => {
    const set = own[name];
    return set !== undefined && !name.startsWith("omit") && JSON.stringify(set) !== JSON.stringify(value);
  });
}
