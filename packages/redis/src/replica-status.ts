/** `connecting`: not reached yet since the start; `disconnected`: lost, and tried again with growing pauses; `closed`: disposed. */
export type ReplicaState = "connecting" | "connected" | "disconnected" | "closed";

/** How sharing goes, for status displays; holds no credential. */
export interface ReplicaStatus {
  readonly state: ReplicaState;
  /** How long it has been in this state. */
  readonly forMs: number;
  /** Other processes heard of within the last half minute. */
  readonly peers: number;
  /** Messages taken in from other processes. */
  readonly received: number;
  /** Messages that could not be read: of another version, or none of ours. */
  readonly ignored: number;
  /** Changes handed to Redis. */
  readonly published: number;
  /** What went wrong last; null if nothing has since it connected. */
  readonly lastError: string | null;
}

/** What is worth a line in a log; holds no credential. Repeated ones come at most once a minute. */
export type ReplicaNotice =
  | { readonly type: "connected" }
  | { readonly type: "disconnected"; readonly reason: string }
  /** Redis answered, but would not do it: read-only, out of memory, not permitted. */
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "ignored"; readonly reason: string };
