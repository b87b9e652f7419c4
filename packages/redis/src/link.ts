/** View that another process stored, and its age. */
export interface StoredView {
  readonly text: string;
  readonly ageMs: number;
}

/** The largest hash that is read. */
export interface MemberLimits {
  readonly members: number;
  readonly bytes: number;
}

export type Members =
  | { readonly type: "members"; readonly members: Readonly<Record<string, string>>; readonly bytes: number }
  | { readonly type: "too-large" };

/** A short text with a time to live. */
export interface Mark {
  readonly text: string;
  readonly ttlMs: number;
  readonly onlyIfThere: boolean;
}

/** One connection to the store. Every promise rejects with `RefusedError` for an answer that is no, and with any other error for a connection that is lost. */
export interface Link {
  publish(message: string): Promise<unknown>;
  /** Writes down, in this process's own place, for `ttlMs`. */
  store(text: string, ttlMs: number): Promise<unknown>;
  /** Loads the views of other processes, up to a bounded number and size. Values that are no view are left out. */
  load(): Promise<readonly StoredView[]>;
  /** Sets members of the hash `name`, which lasts `ttlMs` from then on. */
  setMembers(name: string, members: Readonly<Record<string, string>>, ttlMs: number): Promise<unknown>;
  /** Reads the hash `name`, unless it is larger than `limits`; an absent one has no members. */
  members(name: string, limits: MemberLimits): Promise<Members>;
  /** Reads the mark `name`; null where there is none. */
  mark(name: string): Promise<string | null>;
  /** Sets the mark `name`. Returns false where `onlyIfThere` is set and there is none. */
  setMark(name: string, mark: Mark): Promise<boolean>;
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
