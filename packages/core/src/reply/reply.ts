/** What a client is answered. A `body` that is iterated holds one write a chunk; leaving the iteration cancels the upstream. */
export interface Reply {
  readonly status: number;
  /** Allow-listed, lower case, with `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  readonly provider: string;
  readonly attempts: number;
}
