import type { Answer } from "./answer.ts";

/** Meaning of an upstream's chunks and answers: the part in which the dialects differ. */
export interface AnswerDialect {
  /** Its answer; not the same before the first chunk and after it, where a gateway answers in another dialect than it was asked in. */
  readonly answer: Answer;
  /** One event's data; undefined where it is no JSON. The value is valid until the next call. */
  parse(data: string): unknown;
  /** One event's value, with the name on its `event:` line. */
  chunk(value: unknown, name: string | undefined): void;
  /** Decides whether an event's value has a tool call, or a part of one. */
  holdsCall(value: unknown): boolean;
  /** A JSON answer that is no stream. */
  whole(value: unknown): void;
  /** Decides whether `[DONE]` ends the answer so far as a whole one. */
  mayEnd(): boolean;
}
