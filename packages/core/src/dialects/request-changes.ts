import type { Lesson } from "../base/lesson.ts";

/** The wire flavours of an openai provider. */
export type Dialect = "chat" | "responses";

/** Changes with which a candidate is tried again. */
export interface RequestChanges {
  readonly withoutThinking: boolean;
  readonly maxTokens: number | undefined;
  /** What is known of the dialect that the model needs; it counts where the configuration leaves it open. */
  readonly dialect: Dialect | undefined;
  /** Tells by its signature (or redacted data) thinking that the provider is known to refuse; undefined where none is known. */
  readonly isForeignProof: ((proof: string) => boolean) | undefined;
  /** What refusals have taught about the provider and model, the oldest first. */
  readonly lessons: readonly Lesson[];
  /** Corrects the estimate that a translated stream begins with. */
  readonly tokenFactor?: number | undefined;
}
