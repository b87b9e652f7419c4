import type { TokenUsage } from "../base/events.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { StreamFailure } from "../base/outcome.ts";
import type { JsonObject } from "../base/json.ts";
import type { ContentFrame } from "./content-frame.ts";

/** An event's bytes within a chunk: from `from` to before `end`. */
export interface EventPlace {
  readonly chunk: Uint8Array;
  readonly from: number;
  readonly end: number;
}

/** Writes the body of an error in the shape of the client's API. */
export type WriteError = (error: MessagesError) => JsonObject;

/**
 * Looks at the events of one streamed answer that passes through as bytes: finds its first content, its usage, its end and its errors. One watch an
 * answer; it never throws.
 */
export interface AnswerWatch {
  /** Something that the client would lose has come. */
  readonly hasContent: boolean;
  /** Everything but the terminal event has come: an end or a cut from here on leaves a whole answer. */
  readonly hasFinish: boolean;
  /** The terminal event has come. */
  readonly isTerminated: boolean;
  /** True if `[DONE]` ends the answer so far as a whole one. */
  readonly mayEnd: boolean;
  readonly failure: StreamFailure | undefined;
  readonly usage: TokenUsage | undefined;
  readonly stopReason: string | undefined;
  /** The event that ends a whole answer, where the upstream left it out; empty where the dialect has none. */
  readonly terminator: Uint8Array;
  /** The member of an event that holds the `model`; undefined: the event itself. */
  readonly modelHolder: string | undefined;
  /** True if events that hold only content carry the `model`. */
  readonly hasModelInContent: boolean;
  /**
   * Frame that events with only content share: an event behind the gate that has this frame need not be handed to
   * `passes`.
   */
  readonly frame: ContentFrame | undefined;
  /**
   * Decides whether an event behind the gate holds only content, so that it need not be parsed. `name` has at most 33
   * characters.
   */
  passes(name: string, event: EventPlace): boolean;
  /** Takes in the parsed data of an event, with the name on its `event:` line or an empty string. */
  note(data: unknown, name: string): void;
  /** Returns the legal end of a stream that broke after its first content. */
  breakOff(error: MessagesError): Uint8Array;
}

/** A sign of life for clients of an API that has no `ping` event: a comment, which each reader of event streams ignores. */
export const keepAliveComment: Uint8Array = new TextEncoder().encode(": keep-alive\n\n");
