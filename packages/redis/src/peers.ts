/** The last that is known of one other process. */
interface Peer {
  /** The local clock minus the sender's, the least that was seen in this window and in the one before: what a message shows above it, it was under way. */
  readonly leastMs: number;
  readonly leastBeforeMs: number;
  readonly windowFromMs: number;
  readonly heardAtMs: number;
}

const limit = 2_000;
const silentAfterMs = 30_000;
// A message that the store held back for longer is one of a sender whose clock says anything it likes.
const latestMs = 60_000;
// Two monotonic clocks drift apart, and a suspended host's stands still: after two windows the old measure is forgotten.
const windowMs = 30_000;

/**
 * Other processes, and the delay of their messages. Messages that Redis held back while it hung must not count as news of this moment, and those of
 * one process must stay in order, however long each took.
 */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  /** Takes note of a message of `from` that came at `nowMs`; answers for how long it was under way beyond the quickest, in milliseconds. */
  hear(from: string, sentAtMs: number, nowMs: number): number {
    const offsetMs = nowMs - sentAtMs;
    const peer = nextPeer(this.#peers.get(from), offsetMs, nowMs);
    this.#peers.delete(from);
    this.#peers.set(from, peer);
    const [longestSilent] = this.#peers.keys();
    if (this.#peers.size > limit && longestSilent !== undefined) this.#peers.delete(longestSilent);
    return Math.min(latestMs, offsetMs - Math.min(peer.leastMs, peer.leastBeforeMs));
  }

  /** The same for something that was written down, and says nothing about who is alive; 0 for a sender that was not heard lately. */
  lateness(from: string, sentAtMs: number, nowMs: number): number {
    const peer = this.#peers.get(from);
    if (peer === undefined || !isHeard(peer, nowMs)) return 0;
    return Math.min(latestMs, Math.max(0, nowMs - sentAtMs - Math.min(peer.leastMs, peer.leastBeforeMs)));
  }

  /** Decides whether `from` was heard of lately. */
  hears(from: string, nowMs: number): boolean {
    const peer = this.#peers.get(from);
    return peer !== undefined && isHeard(peer, nowMs);
  }

  /** Counts the processes that were heard of lately. */
  count(nowMs: number): number {
    let count = 0;
    for (const peer of this.#peers.values()) if (isHeard(peer, nowMs)) count += 1;
    return count;
  }
}

function isHeard(peer: Peer, nowMs: number): boolean {
  return nowMs - peer.heardAtMs < silentAfterMs;
}

function nextPeer(peer: Peer | undefined, offsetMs: number, nowMs: number): Peer {
  const ageMs = peer === undefined ? Infinity : nowMs - peer.windowFromMs;
  if (peer === undefined || ageMs >= 2 * windowMs) {
    return { leastMs: offsetMs, leastBeforeMs: Infinity, windowFromMs: nowMs, heardAtMs: nowMs };
  }
  if (ageMs >= windowMs) {
    return { leastMs: offsetMs, leastBeforeMs: peer.leastMs, windowFromMs: nowMs, heardAtMs: nowMs };
  }
  return { ...peer, leastMs: Math.min(peer.leastMs, offsetMs), heardAtMs: nowMs };
}
