/** What a client is answered. */
export interface Reply {
  readonly status: number;
  /** Allow-listed, lower case, with `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The whole answer, or a stream: one chunk is one write. A stream is iterated once. Leaving the iteration cancels the upstream; an error thrown by it
   * means that the connection to the client is to be aborted. `toReadableStream` and `toResponse` make the platform's own of it.
   */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  readonly provider: string;
  readonly attempts: number;
  /**
   * Present where the headers are sent before a provider has served: `provider` is then `""` and `attempts` 0, because neither is known. Resolves when the
   * answer begins or the call is over.
   */
  readonly pending?: Promise<void>;
}
