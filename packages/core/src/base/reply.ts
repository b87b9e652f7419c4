/** Answer for a client. */
export interface Reply {
  /** HTTP status. */
  readonly status: number;
  /** Headers that may be forwarded, names in lower case, with `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Whole answer, or a stream in which one chunk is one write. Iterate over a stream once. Leaving the iteration
   * cancels the upstream. If it throws, abort the connection to the client. `toReadableStream` and `toResponse`
   * convert it for the platform.
   */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** Name of the provider that served the call; `""` if none did. */
  readonly provider: string;
  /** Number of attempts. */
  readonly attempts: number;
  /**
   * Present where the headers are sent before a provider has served: `provider` is then `""` and `attempts` 0, because neither is known. Resolves when the
   * answer begins or the call is over.
   */
  readonly pending?: Promise<void>;
}
