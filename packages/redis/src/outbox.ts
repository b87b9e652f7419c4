import type { Clock } from "@ccpb/core";
import { factLimit, type Knowledge } from "./knowledge.ts";
import type { LinkKeeper } from "./link-keeper.ts";
import type { Moments } from "./moments.ts";
import type { SharedControls, WireControl } from "./shared-controls.ts";
import { type WireChange, type WireMessage, wireVersion } from "./wire.ts";

export interface OutboxOptions {
  /** The name of this process. */
  readonly origin: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Returns now by the clock of changes, in milliseconds. */
  readonly epochMs: () => number;
  readonly keeper: LinkKeeper;
  readonly knowledge: Knowledge;
  readonly moments: Moments;
  readonly controls: SharedControls;
  /** Called after a message was sent, before the next one; undefined where there is nothing to wait for. */
  readonly onSent: () => Promise<void> | undefined;
}

const beatMs = 10_000;
// So many of the longest names and reasons still make a message that others read.
const changesAMessage = 100;
// Events of one moment travel in one message; no request waits for this time.
const gatherMs = 1;
// Every answer states quotas, and a view replaces the whole one before.
const gatherQuotasMs = 250;
// Of all who answer a newcomer, no two need do it at once.
const answerMs = 500;
// Made-up newcomers must not keep this process sending.
const answersABeat = 10;

/**
 * Sends what this process knows: news soon, over the channel and into this process's key; all of it again in turn, a part with each heartbeat; and a
 * sign of life to a newcomer. Heartbeats begin at once and end with `close`.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #news = new Set<string>();
  #beat: Disposable;
  #gathering: Disposable | undefined;
  #gatheringQuotas: Disposable | undefined;
  #answering: Disposable | undefined;
  #sending: Promise<void> | undefined;
  #answersLeft = answersABeat;
  #repeated = 0;
  #published = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#beat = this.#nextBeat();
  }

  /** Number of changes that were sent. */
  get published(): number {
    return this.#published;
  }

  /** Takes a fact that is to be told, and sends it: a quota within a quarter of a second, anything else (`isUrgent`) within a millisecond. */
  tell(key: string, isUrgent: boolean): void {
    this.#note(key);
    if (isUrgent) this.sendSoon();
    else this.#gatheringQuotas ??= this.#options.clock.setTimer(gatherQuotasMs, () => this.sendSoon());
  }

  /** Sends the pending news, together with what else is told within a millisecond. */
  sendSoon(): void {
    this.#gathering ??= this.#options.clock.setTimer(gatherMs, () => void this.send());
  }

  /** Sends all that this process knows of its own. */
  sendAll(): Promise<void> {
    const { knowledge, controls, epochMs } = this.#options;
    for (const key of knowledge.ownKeys(epochMs())) this.#note(key);
    controls.repeat();
    return this.send();
  }

  /**
   * Sends the pending news; without news, a message that shows that this process is there. Resolves when that has been tried. A call while another one
   * is under way resolves with that one.
   */
  send(): Promise<void> {
    this.#gathering?.[Symbol.dispose]();
    this.#gathering = undefined;
    this.#gatheringQuotas?.[Symbol.dispose]();
    this.#gatheringQuotas = undefined;
    this.#sending ??= this.#sendNow().finally(() => {
      this.#sending = undefined;
      const { controls, keeper } = this.#options;
      // Sends news that arose while the last message was on its way.
      if ((this.#news.size > 0 || controls.hasNews) && keeper.state === "connected") void this.send();
    });
    return this.#sending;
  }

  /** Lets a newcomer know soon that this process is there, rather than with the next beat: what it reads from the store does not say who is alive. */
  answerNewcomer(): void {
    const { clock, random } = this.#options;
    if (this.#answersLeft === 0) return;
    this.#answering ??= clock.setTimer(answerMs * random(), () => {
      this.#answering = undefined;
      this.#answersLeft -= 1;
      // A message on its way may have left before the newcomer listened, so another one follows it.
      void Promise.resolve(this.#sending).then(() => this.send());
    });
  }

  /** Sends the pending news for the last time, and ends the heartbeats. */
  async close(): Promise<void> {
    this.#beat[Symbol.dispose]();
    await this.#sending;
    await this.send();
    this.#gathering?.[Symbol.dispose]();
    this.#gatheringQuotas?.[Symbol.dispose]();
    this.#answering?.[Symbol.dispose]();
  }

  #note(key: string): void {
    this.#news.add(key);
    const [oldest] = this.#news;
    if (this.#news.size > factLimit && oldest !== undefined) this.#news.delete(oldest);
  }

  async #sendNow(): Promise<void> {
    const { keeper, knowledge, controls: shared, clock, epochMs, onSent } = this.#options;
    if (keeper.state !== "connected") return;
    // Whatever is said says that this process is there.
    this.#answering?.[Symbol.dispose]();
    this.#answering = undefined;
    // Drops news about facts that were forgotten meanwhile.
    for (const key of this.#news) if (knowledge.get(key) === undefined) this.#news.delete(key);
    const controls = shared.write(clock.now());
    let unsaid = shared.hasNews ? controls : [];
    shared.said();
    let isNews = unsaid.length > 0;
    do {
      const batch = [...this.#news].slice(0, changesAMessage);
      for (const key of batch) this.#news.delete(key);
      isNews ||= batch.length > 0;
      const message = this.#write(batch, unsaid);
      unsaid = [];
      if ((await keeper.run((link) => link.publish(message))) !== undefined) this.#published += batch.length;
    } while (this.#news.size > 0 && keeper.state === "connected");
    const nowMs = epochMs();
    const keys = isNews ? knowledge.ownKeys(nowMs) : [];
    // A view replaces the one before, so all that was decided is in each.
    if (isNews && (keys.length > 0 || controls.length > 0)) {
      const keptMs = Math.ceil(Math.max(knowledge.keptMs(nowMs), shared.keptMs(controls)));
      await keeper.run((link) => link.store(this.#write(keys, controls), keptMs));
    }
    await onSent();
  }

  #write(keys: readonly string[], controls: readonly WireControl[]): string {
    const { origin, clock, knowledge, moments, epochMs } = this.#options;
    const nowMs = epochMs();
    const changes = keys.flatMap((key): WireChange[] => {
      const fact = knowledge.get(key);
      return fact === undefined ? [] : [moments.write(fact.change, fact.identity, nowMs)];
    });
    const message: WireMessage = {
      ccpb: wireVersion,
      from: origin,
      sentAtMs: clock.now(),
      changes,
      ...(controls.length > 0 && { controls }),
    };
    return JSON.stringify(message);
  }

  #nextBeat(): Disposable {
    const { clock, random } = this.#options;
    return clock.setTimer(beatMs * (0.8 + 0.4 * random()), () => {
      this.#beat = this.#nextBeat();
      this.#answersLeft = answersABeat;
      this.#repeat();
      void this.send();
    });
  }

  /** Says again what counts, one message of it a beat in turn: a process that missed it catches up, for the others it changes nothing. */
  #repeat(): void {
    const { knowledge, controls, epochMs } = this.#options;
    const keys = knowledge.ownKeys(epochMs());
    if (this.#repeated >= keys.length) this.#repeated = 0;
    for (const key of keys.slice(this.#repeated, this.#repeated + changesAMessage)) this.#note(key);
    this.#repeated += changesAMessage;
    controls.repeat();
  }
}
