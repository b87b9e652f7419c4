import type { MessagesError } from "../failures/messages-error.ts";
import type { TokenUsage } from "../base/events.ts";
import type { StreamFailure } from "../base/outcome.ts";

/**
 * `prelude`: nothing that a client would lose has come, and `push` returns nothing; `content`: the gate is open; `complete`: the answer is whole,
 * whatever the upstream still sends; `failed`: `failure` says why.
 */
export type ReaderState = "prelude" | "content" | "complete" | "failed";

/** Tells of an answer while it is read. */
export interface AnswerReader {
  readonly state: ReaderState;
  readonly failure: StreamFailure | undefined;
  /** As far as the provider has told. */
  readonly usage: TokenUsage | undefined;
  readonly stopReason: string | undefined;
  /** What translation repaired or dropped on the way back. */
  readonly warnings: readonly string[];
  /** Everything but the terminal event has come: an end, a cut or a silence from here on leaves a whole answer, which `end` completes. */
  readonly canEnd: boolean;
  /** Whether the last chunk held nothing but signs of life (comments, empty chunks) of an upstream whose bytes are not passed on. */
  readonly isKeepAlive: boolean;
}

/** Reads one 2xx reply of an upstream, chunk by chunk, and gives out the bytes for the client. Synchronous; the caller owns time and network. */
export interface ReplyReader extends AnswerReader {
  /** Content type of what `push` gives out. */
  readonly contentType: string;
  /** Bytes that may go to the client now, whole events only; undefined where there are none. Ignored once complete or failed. */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** The upstream has ended; may turn the state into `complete` or `failed`. */
  end(): Uint8Array | undefined;
  /** Returns a sign of life in the client's API, for a client that has been sent no byte for a while. */
  keepAlive(): Uint8Array;
  /** Returns the legal end of an answer that broke after its first content: it tells of `error`, and cannot be taken for a whole answer. */
  breakOff(error: MessagesError): Uint8Array;
}

/** Bounds of what is held back before the gate opens, and of one event after it. */
export interface ReaderLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export const defaultLimits: ReaderLimits = { maxEvents: 2_000, maxBytes: 16 * 1024 * 1024 };

export const eventStreamType = "text/event-stream; charset=utf-8";
export const jsonType = "application/json";
