/** What another process wrote down, and how long ago. */
export interface StoredView {
  readonly text: string;
  readonly ageMs: number;
}

/** One connection to the store. Every promise rejects with `RefusedError` for an answer that is no, and with any other error for a connection that is lost. */
export interface Link {
  publish(message: string): Promise<unknown>;
  /** Writes down, in this process's own place, for `ttlMs`. */
  store(text: string, ttlMs: number): Promise<unknown>;
  /** What other processes have written down, up to a bounded number and size; what is no view is left out. */
  load(): Promise<readonly StoredView[]>;
  /** Ends at once; what is under way fails. */
  close(): void;
}

export interface LinkListener {
  readonly onMessage: (text: string) => void;
  /** A message came that is longer than any that this package sends; it was not read. */
  readonly onTooLong: (bytes: number) => void;
  /** The connection is lost; not told after `close`. */
  readonly onLost: (error: unknown) => void;
}

/** Opens a connection that listens already when the promise resolves. `signal` ends an attempt. */
export type OpenLink = (listener: LinkListener, signal: AbortSignal) => Promise<Link>;

/** The store answered, and the answer was no: read-only, out of memory, not permitted, still loading. */
export class RefusedError extends Error {}
