/** `connecting`: not reached yet since the start; `disconnected`: lost, and tried again with growing pauses; `closed`: disposed. */
export type ReplicaState = "connecting" | "connected" | "disconnected" | "closed";

/** State of sharing, for status displays; holds no credential. */
export interface ReplicaStatus {
  /** State of the connection. */
  readonly state: ReplicaState;
  /** Milliseconds since the state began. */
  readonly forMs: number;
  /** Number of other processes that were heard of within the last 30 s. */
  readonly peers: number;
  /** Number of messages taken in from other processes. */
  readonly received: number;
  /** Number of messages that could not be read: of another version, or none of ccpb's. */
  readonly ignored: number;
  /** Number of changes handed to Redis. */
  readonly published: number;
  /** Last error; `null` if there was none since it connected. */
  readonly lastError: string | null;
}

/** Notice for a log; holds no credential. Repeated notices come at most once a minute. */
export type ReplicaNotice =
  | { readonly type: "connected" }
  | { readonly type: "disconnected"; readonly reason: string }
  /** Redis answered, but would not do it: read-only, out of memory, not permitted. */
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "ignored"; readonly reason: string };
