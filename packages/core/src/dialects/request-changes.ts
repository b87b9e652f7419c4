import type { Lesson } from "../base/lesson.ts";
import type { ProfileOverride } from "../base/profile-types.ts";

/** The wire flavours of an openai provider. */
export type Dialect = "chat" | "responses";

/** Changes with which a candidate is tried again. */
export interface RequestChanges {
  readonly withoutThinking: boolean;
  readonly maxTokens: number | undefined;
  /** Dialect that the model is known to need; it counts if the configuration leaves it open. */
  readonly dialect: Dialect | undefined;
  /**
   * Decides by its signature (or redacted data) whether thinking is known to be refused by the provider; undefined if
   * none is known.
   */
  readonly isForeignProof: ((proof: string) => boolean) | undefined;
  /** Lessons of refusals about the provider and model, the oldest first. */
  readonly lessons: readonly Lesson[];
  /** Profile of an openai provider as it is configured, where lessons have changed it; undefined where none is. */
  readonly configured?: ProfileOverride | undefined;
  /** Corrects the estimate that a translated stream begins with. */
  readonly tokenFactor?: number | undefined;
}
