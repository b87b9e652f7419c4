import { BoundedMap } from "./bounded-map.ts";
import { RefusedError } from "./link.ts";
import { type KeptLinkOptions, LinkKeeper } from "./link-keeper.ts";

/** Shares counts of clients between servers. */
export interface CountSharing {
  /**
   * Takes what another server has counted since it began: the value that it gave to `publishCounts`, unchecked. `isAlive` is false where it was only found in
   * Redis, or nothing has been heard of that server for 30 seconds.
   */
  readonly onCounts: (origin: string, value: unknown, isAlive: boolean) => void;
}

export interface SharedCountsOptions extends CountSharing, KeptLinkOptions {
  /** The name of this process; no other has it. */
  readonly origin: string;
}

// Changes within this time travel in one message.
const gatherMs = 200;
const beatMs = 5_000;
const silentMs = 30_000;
// A month, and two days in which the clocks of hosts and their time zones may differ.
const keptMs = 33 * 86_400_000;
const maxLength = 500_000;
const maxOrigins = 256;
const version = 1;

interface Peer {
  readonly text: string;
  readonly heardAtMs: number;
  readonly isAlive: boolean;
}

/**
 * Shares each process's counts of clients. Every process sends its own sums as a whole, so that a message which is
 * lost or comes twice changes nothing, and a Redis that has lost its data gets them again. No caller waits for it.
 */
export class SharedCounts implements AsyncDisposable {
  readonly #options: SharedCountsOptions;
  readonly #keeper: LinkKeeper;
  readonly #peers = new BoundedMap<Peer>({ entries: maxOrigins, characters: 4_000_000 });
  #own: string | undefined;
  #gathering: Disposable | undefined;
  #beat: Disposable;
  #sending: Promise<void> | undefined;
  /** Sending was asked for while older counts were on their way. */
  #isSendDue = false;

  constructor(options: SharedCountsOptions) {
    this.#options = options;
    const { open, clock, random, onRefused } = options;
    this.#keeper = new LinkKeeper({
      open,
      clock,
      random,
      onUp: () => void this.#greet(),
      // The connection for health tells of the same loss, but not of what only this one is refused.
      onDown: (error) => {
        if (error instanceof RefusedError) onRefused(error);
      },
      onRefused,
      onMessage: (text) => this.#take(text, true),
      onTooLong: () => undefined,
    });
    this.#beat = this.#nextBeat();
  }

  /** Sends this process's counts to the others soon. */
  publish(value: unknown): void {
    const { origin, clock } = this.#options;
    const text = JSON.stringify({ ccpb: version, from: origin, counts: value });
    if (text.length > maxLength || this.#keeper.state === "closed") return;
    this.#own = text;
    this.#gathering ??= clock.setTimer(gatherMs, () => void this.#send());
  }

  /**
   * Sends what was not sent yet, as long as Redis answers each command within a second, and disconnects. The counts
   * of this process stay in Redis. A connection that is still being opened for the first time is waited for.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat[Symbol.dispose]();
    await this.#keeper.firstTry;
    await this.#send();
    this.#gathering?.[Symbol.dispose]();
    this.#keeper.close();
  }

  async #greet(): Promise<void> {
    await this.#send();
    const views = await this.#keeper.run((link) => link.load());
    for (const { text } of views ?? []) this.#take(text, false);
  }

  #send(): Promise<void> {
    this.#gathering?.[Symbol.dispose]();
    this.#gathering = undefined;
    if (this.#sending !== undefined) this.#isSendDue = true;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Sends once, and again where that was asked for meanwhile: a slow store has been sent older counts. */
  async #sendAll(): Promise<void> {
    do {
      this.#isSendDue = false;
      await this.#sendNow();
    } while (this.#isSendDue);
  }

  async #sendNow(): Promise<void> {
    const text = this.#own;
    if (text === undefined || this.#keeper.state !== "connected") return;
    await this.#keeper.run((link) => link.publish(text));
    await this.#keeper.run((link) => link.store(text, keptMs));
  }

  #take(text: string, isAlive: boolean): void {
    const { origin, clock, onCounts } = this.#options;
    const message = readMessage(text);
    if (message === undefined || message.from === origin) return;
    const known = this.#peers.get(message.from);
    // Counts that Redis keeps may be older than those that arrived over the channel.
    if (known?.isAlive === true && !isAlive) return;
    if (known === undefined && this.#peers.size >= maxOrigins) return;
    this.#peers.set(message.from, { text, heardAtMs: clock.now(), isAlive }, text.length);
    if (known?.text !== text || known.isAlive !== isAlive) onCounts(message.from, message.counts, isAlive);
  }

  #nextBeat(): Disposable {
    const { clock, random } = this.#options;
    return clock.setTimer(beatMs * (0.8 + 0.4 * random()), () => {
      this.#beat = this.#nextBeat();
      this.#forgetSilent();
      void this.#send();
    });
  }

  /** Servers that say nothing any more have nothing under way; what they have used stays used. */
  #forgetSilent(): void {
    const { clock, onCounts } = this.#options;
    // Setting an entry anew moves it to the end.
    const all = [...this.#peers.keys()];
    for (const from of all) {
      const peer = this.#peers.get(from);
      if (peer?.isAlive !== true || clock.now() - peer.heardAtMs < silentMs) continue;
      this.#peers.set(from, { ...peer, isAlive: false }, peer.text.length);
      onCounts(from, readMessage(peer.text)?.counts, false);
    }
  }
}

function readMessage(text: string): { readonly from: string; readonly counts: unknown } | undefined {
  if (text.length > maxLength) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { ccpb, from, counts } = value as Readonly<Record<string, unknown>>; // checked in the next line
    return ccpb === version && typeof from === "string" && from.length <= 64 ? { from, counts } : undefined;
  } catch {
    // Not of this program.
    return undefined;
  }
}
