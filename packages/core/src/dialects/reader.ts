import type { MessagesError } from "../failures/messages-error.ts";
import type { TokenUsage } from "../base/events.ts";
import type { StreamFailure } from "../base/outcome.ts";

/**
 * `prelude`: nothing that a client would lose has come, and `push` returns nothing; `content`: the gate is open; `complete`: the answer is whole,
 * whatever the upstream still sends; `failed`: `failure` says why.
 */
export type ReaderState = "prelude" | "content" | "complete" | "failed";

/** State of an answer while it is read. */
export interface AnswerReader {
  /** State of the reply. */
  readonly state: ReaderState;
  /** Reason why the reply failed; undefined unless `state` is `failed`. */
  readonly failure: StreamFailure | undefined;
  /** Tokens, as far as the provider has reported them. */
  readonly usage: TokenUsage | undefined;
  /** Messages' `stop_reason`; undefined before it is known. */
  readonly stopReason: string | undefined;
  /** Sentences about what translation of the answer repaired or dropped. */
  readonly warnings: readonly string[];
  /**
   * True if everything but the terminal event has come, so that `end` can complete the answer after an end, a cut or
   * a silence.
   */
  readonly canEnd: boolean;
  /** True if the last chunk held only signs of life (comments, empty chunks) whose bytes are not passed on. */
  readonly isKeepAlive: boolean;
}

/**
 * Reads one 2xx reply of an upstream chunk by chunk, and returns the bytes for the client. It is synchronous: its
 * caller owns time and network.
 */
export interface ReplyReader extends AnswerReader {
  /** Content type of the bytes that `push` returns. */
  readonly contentType: string;
  /**
   * Reads one chunk. Ignored once the state is `complete` or `failed`.
   *
   * @param chunk - bytes of the upstream's body.
   * @returns bytes that may go to the client now, whole events only; undefined if there are none.
   */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /**
   * Reads the end of the upstream. It may turn the state into `complete` or `failed`.
   *
   * @returns the last bytes for the client; undefined if there are none.
   */
  end(): Uint8Array | undefined;
  /**
   * Writes a sign of life in the client's API, for a client that has been sent no byte for a while.
   *
   * @returns the bytes.
   */
  keepAlive(): Uint8Array;
  /**
   * Writes the legal end of an answer that broke after its first content, so that the client cannot take it for a
   * whole answer.
   *
   * @param error - error for the client.
   * @returns the bytes.
   */
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
