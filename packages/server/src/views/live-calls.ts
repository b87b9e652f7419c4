import type { AttemptTrace, BalancerEvents } from "@ccpb/core";

/** A call under way, as far as its events have told; `startedAtMs` since the epoch. */
export interface LiveCall {
  readonly startedAtMs: number;
  readonly start: BalancerEvents["call-start"];
  readonly attempts: (BalancerEvents["attempt-start"] | AttemptTrace)[];
  /** The first content of an answer has come. */
  isAnswering: boolean;
}

interface Entry {
  readonly call: LiveCall;
  readonly order: number;
  next: Entry | undefined;
}

const bucketCount = 1024;

/**
 * The calls under way by id. No `Map`: V8 links every hash table that it has outgrown to the one that follows it, so that a map through which calls
 * come and go keeps all of them in memory until a full collection.
 */
export class LiveCalls {
  readonly #buckets: (Entry | undefined)[] = Array.from({ length: bucketCount });
  #size = 0;
  #added = 0;

  get size(): number {
    return this.#size;
  }

  add(call: LiveCall): void {
    const at = bucketOf(call.start.callId);
    this.#buckets[at] = { call, order: this.#added, next: this.#buckets[at] };
    this.#added += 1;
    this.#size += 1;
  }

  get(callId: string): LiveCall | undefined {
    let entry = this.#buckets[bucketOf(callId)];
    while (entry !== undefined && entry.call.start.callId !== callId) entry = entry.next;
    return entry?.call;
  }

  /** Takes a call out, if it is there. */
  remove(callId: string): LiveCall | undefined {
    const at = bucketOf(callId);
    let before: Entry | undefined;
    let entry = this.#buckets[at];
    while (entry !== undefined && entry.call.start.callId !== callId) {
      before = entry;
      entry = entry.next;
    }
    if (entry === undefined) return undefined;
    if (before === undefined) this.#buckets[at] = entry.next;
    else before.next = entry.next;
    this.#size -= 1;
    return entry.call;
  }

  removeOldest(): void {
    let oldest: Entry | undefined;
    for (const bucket of this.#buckets) {
      for (let entry = bucket; entry !== undefined; entry = entry.next) {
        if (oldest === undefined || entry.order < oldest.order) oldest = entry;
      }
    }
    if (oldest !== undefined) this.remove(oldest.call.start.callId);
  }

  /** All of them, the oldest first. */
  inOrder(): LiveCall[] {
    const all: Entry[] = [];
    for (const bucket of this.#buckets)
      for (let entry = bucket; entry !== undefined; entry = entry.next) all.push(entry);
    return all.sort((a, b) => a.order - b.order).map(({ call }) => call);
  }
}

/** Ids end in what tells them apart. */
function bucketOf(callId: string): number {
  let hash = 0;
  for (let index = Math.max(0, callId.length - 6); index < callId.length; index += 1) {
    hash = (hash * 31 + callId.charCodeAt(index)) | 0;
  }
  return hash & (bucketCount - 1);
}
