import type { Clock, HealthChange, HealthReplica } from "@ccpb/core";
import type { OpenLink, StoredView } from "./link.ts";
import { factLimit, Knowledge } from "./knowledge.ts";
import { LinkKeeper } from "./link-keeper.ts";
import { Moments } from "./moments.ts";
import { Notices } from "./notices.ts";
import { Peers } from "./peers.ts";
import type { ReplicaNotice, ReplicaStatus } from "./replica-status.ts";
import { parseMessage, type WireChange, type WireMessage, wireVersion } from "./wire.ts";

export interface SharedHealthOptions {
  readonly open: OpenLink;
  /** The name of this process; no other has it. */
  readonly origin: string;
  readonly clock: Clock;
  /** What, added to `clock.now()`, gives the times of changes. */
  readonly epochOffsetMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly identify: (scope: HealthChange["scope"]) => string | undefined;
  readonly onNotice?: (notice: ReplicaNotice) => void;
  /** Takes credentials out of an error's text. */
  readonly redact: (text: string) => string;
}

type Apply = (change: HealthChange) => void;

const beatMs = 10_000;
const changesAMessage = 200;
// Events of one moment travel together; nobody waits for it.
const gatherMs = 1;
// Of all who answer a newcomer, no two need do it at once.
const answerMs = 500;

/** A `HealthReplica` over a store that has channels and keys: what is new goes over the channel, all that is known into this process's key. */
export class SharedHealth implements HealthReplica, AsyncDisposable {
  readonly #options: SharedHealthOptions;
  readonly #knowledge: Knowledge;
  readonly #moments: Moments;
  readonly #peers = new Peers();
  readonly #notices: Notices;
  readonly #subscribers = new Set<Apply>();
  readonly #news = new Set<string>();
  readonly #keeper: LinkKeeper;
  #beat: Disposable;
  #gathering: Disposable | undefined;
  #answering: Disposable | undefined;
  #sending: Promise<void> | undefined;
  #wantsViews = true;
  #counts = { received: 0, ignored: 0, published: 0 };
  #lastError: string | null = null;

  constructor(options: SharedHealthOptions) {
    this.#options = options;
    this.#knowledge = new Knowledge(options.identify);
    this.#moments = new Moments(options.origin);
    this.#notices = new Notices(options.onNotice);
    this.#beat = this.#nextBeat();
    const { open, clock, random } = options;
    this.#keeper = new LinkKeeper({
      open,
      clock,
      random,
      onUp: () => void this.#greet(),
      onDown: (error) => this.#onDown(error),
      onRefused: (error) => this.#onProblem("refused", error),
      onMessage: (text) => this.#take(text, undefined),
    });
  }

  publish(change: HealthChange): void {
    try {
      const key = this.#knowledge.learn(change);
      if (key === undefined || this.#keeper.state === "closed") return;
      this.#note(key);
      this.#gathering ??= this.#options.clock.setTimer(gatherMs, () => void this.#send());
    } catch (error) {
      this.#onProblem("ignored", error);
    }
  }

  subscribe(apply: Apply): Disposable {
    // A function of one's own, so that one subscribed twice is so until it has been disposed twice.
    const subscriber: Apply = (change) => apply(change);
    this.#subscribers.add(subscriber);
    for (const key of this.#knowledge.keys(this.#epochMs())) {
      const fact = this.#knowledge.get(key);
      if (fact !== undefined) subscriber(fact.change);
    }
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  /** Asks again what the others know: after a configuration has brought new providers. */
  refresh(): void {
    this.#wantsViews = true;
    void this.#send();
  }

  status(): ReplicaStatus {
    const { state, forMs } = this.#keeper;
    const peers = this.#peers.count(this.#options.clock.now());
    return { state, forMs, peers, ...this.#counts, lastError: this.#lastError };
  }

  /** Says what is still unsaid, for a second at most, and leaves. What this process knew stays for the others until it is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat[Symbol.dispose]();
    await this.#sending;
    await this.#send();
    this.#gathering?.[Symbol.dispose]();
    this.#answering?.[Symbol.dispose]();
    this.#subscribers.clear();
    this.#keeper.close();
  }

  /** On every connection anew: who was away has missed what was said, and the others what could not be said. */
  async #greet(): Promise<void> {
    this.#lastError = null;
    this.#notices.add({ type: "connected" }, this.#options.clock.now());
    this.#wantsViews = true;
    for (const key of this.#knowledge.keys(this.#epochMs())) this.#note(key);
    await this.#send();
  }

  #note(key: string): void {
    this.#news.add(key);
    const [oldest] = this.#news;
    if (this.#news.size > factLimit && oldest !== undefined) this.#news.delete(oldest);
  }

  #send(): Promise<void> {
    this.#gathering?.[Symbol.dispose]();
    this.#gathering = undefined;
    this.#sending ??= this.#sendNow().finally(() => {
      this.#sending = undefined;
      // What came up while the last of it was on its way.
      if (this.#news.size > 0 && this.#keeper.state === "connected") void this.#send();
    });
    return this.#sending;
  }

  async #sendNow(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper.state !== "connected") return;
    // Whatever is said says that this process is there.
    this.#answering?.[Symbol.dispose]();
    this.#answering = undefined;
    do {
      const batch = [...this.#news].slice(0, changesAMessage);
      for (const key of batch) this.#news.delete(key);
      const message = this.#write(batch);
      if ((await keeper.run((link) => link.publish(message))) !== undefined) this.#counts.published += batch.length;
    } while (this.#news.size > 0 && keeper.state === "connected");
    const nowMs = this.#epochMs();
    const keys = this.#knowledge.keys(nowMs);
    if (keys.length > 0) {
      const keptMs = Math.ceil(this.#knowledge.keptMs(nowMs));
      await keeper.run((link) => link.store(this.#write(keys), keptMs));
    }
    if (this.#wantsViews) await this.#readViews();
  }

  async #readViews(): Promise<void> {
    const views = await this.#keeper.run((link) => link.load());
    if (views === undefined) return;
    this.#wantsViews = false;
    for (const view of views) this.#take(view.text, view);
  }

  #write(keys: readonly string[]): string {
    const { origin, clock } = this.#options;
    const nowMs = this.#epochMs();
    const changes = keys.flatMap((key): WireChange[] => {
      const fact = this.#knowledge.get(key);
      return fact === undefined ? [] : [this.#moments.write(fact.change, fact.identity, nowMs)];
    });
    const message: WireMessage = { ccpb: wireVersion, from: origin, sentAtMs: clock.now(), changes };
    return JSON.stringify(message);
  }

  /** Takes in a message of the channel, or a view that was written down. */
  #take(text: string, view: StoredView | undefined): void {
    const message = parseMessage(text);
    if ("fault" in message) return this.#ignore(message.fault);
    const { from, sentAtMs } = message;
    if (from === this.#options.origin) return;
    const nowMs = this.#options.clock.now();
    if (view === undefined && !this.#peers.hears(from, nowMs)) this.#answer();
    const lateMs =
      view === undefined
        ? this.#peers.hear(from, sentAtMs, nowMs)
        : Math.max(view.ageMs, this.#peers.lateness(from, sentAtMs, nowMs));
    this.#counts.received += 1;
    for (const wired of message.changes) {
      const change = this.#moments.read(wired, this.#epochMs() - lateMs);
      if (change === undefined) this.#ignore("a change that cannot be read");
      else if (this.#knowledge.learn(change, wired.identity) !== undefined) this.#apply(change);
    }
  }

  /** Lets a newcomer know soon that this process is there, rather than with the next beat: what it reads from the store does not say who is alive. */
  #answer(): void {
    const { clock, random } = this.#options;
    this.#answering ??= clock.setTimer(answerMs * random(), () => {
      this.#answering = undefined;
      // What is on its way may have left before the newcomer listened.
      void Promise.resolve(this.#sending).then(() => this.#send());
    });
  }

  #apply(change: HealthChange): void {
    for (const apply of this.#subscribers) {
      try {
        apply(change);
      } catch (error) {
        this.#onProblem("ignored", error);
      }
    }
  }

  #ignore(reason: string): void {
    this.#counts.ignored += 1;
    this.#notices.add({ type: "ignored", reason }, this.#options.clock.now());
  }

  #onDown(error: unknown): void {
    const reason = this.#reasonOf(error);
    // One line for the loss, and one more when the reason changes; not one an attempt.
    if (this.#lastError !== reason) this.#notices.add({ type: "disconnected", reason }, this.#options.clock.now());
    this.#lastError = reason;
  }

  #onProblem(type: "refused" | "ignored", error: unknown): void {
    const reason = this.#reasonOf(error);
    if (type === "refused") this.#lastError = reason;
    this.#notices.add({ type, reason }, this.#options.clock.now());
  }

  #reasonOf(error: unknown): string {
    return this.#options.redact(error instanceof Error ? error.message : String(error)).slice(0, 300);
  }

  #nextBeat(): Disposable {
    const { clock, random } = this.#options;
    return clock.setTimer(beatMs * (0.8 + 0.4 * random()), () => {
      this.#beat = this.#nextBeat();
      // What counts is said again: whoever missed it catches up, and whoever heard it takes no notice.
      for (const key of this.#knowledge.keys(this.#epochMs()).slice(0, changesAMessage)) this.#note(key);
      void this.#send();
    });
  }

  #epochMs(): number {
    return this.#options.clock.now() + this.#options.epochOffsetMs;
  }
}
