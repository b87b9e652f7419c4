/** Takes a body that is poured. None of its functions may throw. */
export interface ByteSink {
  /** Takes what is to be written next; false: it has enough until `resume`. */
  write(bytes: Uint8Array): boolean;
  /** The body is at its end, or its client has left. */
  end(): void;
  /** The body broke off, and must not look whole; the same error that an iteration would throw. */
  fail(error: unknown): void;
}

/** A body that is being poured. */
export interface BodyFlow {
  /** The sink, which had enough, takes more; nothing happens where it had not. */
  resume(): void;
  /** Cancels the upstream; the sink hears no more. For a client that has left; the call's signal does the same, but `end` waits for `resume`. */
  stop(): void;
}

/**
 * A body that comes bit by bit, one write a chunk, to be read once: iterated, which is cancelled by leaving the iteration; or poured, which costs no
 * promise a chunk. With thousands of slow streams those promises would outlive the young generation of the heap, each of them.
 */
export interface ReplyStream extends AsyncIterable<Uint8Array> {
  pour(sink: ByteSink): BodyFlow;
}

/** What a client is answered. */
export interface Reply {
  readonly status: number;
  /** Allow-listed, lower case, with `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | ReplyStream;
  readonly provider: string;
  readonly attempts: number;
  /**
   * Present where the headers are sent before a provider has served: `provider` is then `""` and `attempts` 0, because neither is known. Resolves when the
   * answer begins or the call is over.
   */
  readonly pending?: Promise<void>;
}
