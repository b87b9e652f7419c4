import { type Clock, type HealthChange, type HealthReplica, saidByProvider } from "@ccpb/core";
import { Inbox } from "./inbox.ts";
import type { OpenLink, StoredView } from "./link.ts";
import { factLimit, Knowledge } from "./knowledge.ts";
import { LinkKeeper } from "./link-keeper.ts";
import { Moments } from "./moments.ts";
import { Notices } from "./notices.ts";
import type { ReplicaNotice, ReplicaStatus } from "./replica-status.ts";
import { type ControlSharing, type SharedControl, SharedControls, type WireControl } from "./shared-controls.ts";
import { parseScope, type WireChange, type WireMessage, wireVersion } from "./wire.ts";

export interface SharedHealthOptions {
  readonly open: OpenLink;
  /** The name of this process; no other has it. */
  readonly origin: string;
  readonly clock: Clock;
  /** Milliseconds to add to `clock.now()` for the times of changes. */
  readonly epochOffsetMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly identify: (scope: HealthChange["scope"]) => string | undefined;
  /** Absent: decisions of operators are not shared. */
  readonly controls?: ControlSharing;
  readonly onNotice?: (notice: ReplicaNotice) => void;
  /** Takes credentials out of an error's text. */
  readonly redact: (text: string) => string;
}

type Apply = (change: HealthChange) => void;

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
// A view longer than this is read in a turn of its own of the event loop.
const longViewLength = 50_000;

/** A `HealthReplica` over a store that has channels and keys: what is new goes over the channel, all that is known into this process's key. */
export class SharedHealth implements HealthReplica, AsyncDisposable {
  readonly #options: SharedHealthOptions;
  readonly #knowledge: Knowledge;
  readonly #moments: Moments;
  readonly #inbox: Inbox;
  readonly #notices: Notices;
  readonly #subscribers = new Set<Apply>();
  readonly #news = new Set<string>();
  readonly #controls: SharedControls;
  readonly #keeper: LinkKeeper;
  #beat: Disposable;
  #gathering: Disposable | undefined;
  #gatheringQuotas: Disposable | undefined;
  #answering: Disposable | undefined;
  #sending: Promise<void> | undefined;
  #wantsViews = true;
  #answersLeft = answersABeat;
  #repeated = 0;
  #counts = { ignored: 0, published: 0 };
  /** Of the connection of health. */
  #lastError: string | null = null;
  /** Refusal that another connection of this process has met since Redis was last lost. */
  #refusedElsewhere: string | null = null;

  constructor(options: SharedHealthOptions) {
    this.#options = options;
    this.#knowledge = new Knowledge(options.identify);
    this.#moments = new Moments(options.origin);
    this.#controls = new SharedControls(options.controls);
    this.#notices = new Notices(options.onNotice);
    this.#inbox = new Inbox({
      origin: options.origin,
      knowledge: this.#knowledge,
      moments: this.#moments,
      controls: this.#controls,
      onIgnored: (reason) => this.#ignore(reason),
    });
    this.#beat = this.#nextBeat();
    const { open, clock, random } = options;
    this.#keeper = new LinkKeeper({
      open,
      clock,
      random,
      onUp: () => void this.#greet(),
      onDown: (error) => this.#onDown(error),
      onRefused: (error) => this.#onProblem("refused", error),
      onMessage: (text) => this.#take(text),
      onTooLong: (bytes) => this.#ignore(`a message of ${bytes} bytes`),
    });
  }

  /** Puts aside what of `change` the provider itself said, or an operator; what failed on the way to it is no other host's business. */
  publish(change: HealthChange): void {
    try {
      const scope = parseScope(change.scope);
      const circuit = saidByProvider(change.circuit);
      const { lessons = [], quotas = [] } = change;
      const isUrgent = circuit.openings.length > 0 || circuit.recoveredThroughMs > 0 || lessons.length > 0;
      if (scope === undefined || (!isUrgent && quotas.length === 0)) return;
      const said = { scope, circuit, ...(lessons.length > 0 && { lessons }), ...(quotas.length > 0 && { quotas }) };
      const key = this.#knowledge.say(said);
      if (key === undefined || this.#keeper.state === "closed") return;
      this.#note(key);
      if (isUrgent) this.#sendSoon();
      else this.#gatheringQuotas ??= this.#options.clock.setTimer(gatherQuotasMs, () => this.#sendSoon());
    } catch (error) {
      this.#onProblem("ignored", error);
    }
  }

  /** Sends a decision of an operator of this process to the others. */
  publishControl(control: SharedControl): void {
    this.#controls.say(control, this.#options.clock.now());
    if (this.#keeper.state !== "closed") this.#sendSoon();
  }

  subscribe(apply: Apply): Disposable {
    // A function of one's own, so that one subscribed twice is so until it has been disposed twice.
    const subscriber: Apply = (change) => apply(change);
    this.#subscribers.add(subscriber);
    for (const key of this.#knowledge.allKeys(this.#epochMs())) {
      const fact = this.#knowledge.get(key);
      if (fact !== undefined) subscriber(fact.change);
    }
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  /** Tells that Redis has refused `what`, which another connection of this process wanted. */
  tellRefused(what: string, error: Error): void {
    this.#onProblem("refused", error, what);
  }

  /** Asks again what the others know: after a configuration has brought new providers. */
  refresh(): void {
    this.#wantsViews = true;
    void this.#send();
  }

  status(): ReplicaStatus {
    const { state, forMs } = this.#keeper;
    const peers = this.#inbox.peers(this.#options.clock.now());
    const lastError = this.#lastError ?? this.#refusedElsewhere;
    return { state, forMs, peers, received: this.#inbox.received, ...this.#counts, lastError };
  }

  /** Sends the pending news, for a second at most, and disconnects. The knowledge of this process stays in Redis until it expires. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat[Symbol.dispose]();
    await this.#sending;
    await this.#send();
    this.#gathering?.[Symbol.dispose]();
    this.#gatheringQuotas?.[Symbol.dispose]();
    this.#answering?.[Symbol.dispose]();
    this.#subscribers.clear();
    this.#keeper.close();
  }

  /** On every connection anew: who was away has missed what was said, and the others what could not be said. */
  async #greet(): Promise<void> {
    this.#lastError = null;
    this.#notices.add({ type: "connected" }, this.#options.clock.now());
    this.#wantsViews = true;
    for (const key of this.#knowledge.ownKeys(this.#epochMs())) this.#note(key);
    this.#controls.repeat();
    await this.#send();
  }

  #note(key: string): void {
    this.#news.add(key);
    const [oldest] = this.#news;
    if (this.#news.size > factLimit && oldest !== undefined) this.#news.delete(oldest);
  }

  #sendSoon(): void {
    this.#gathering ??= this.#options.clock.setTimer(gatherMs, () => void this.#send());
  }

  #send(): Promise<void> {
    this.#gathering?.[Symbol.dispose]();
    this.#gathering = undefined;
    this.#gatheringQuotas?.[Symbol.dispose]();
    this.#gatheringQuotas = undefined;
    this.#sending ??= this.#sendNow().finally(() => {
      this.#sending = undefined;
      // Sends news that arose while the last message was on its way.
      if ((this.#news.size > 0 || this.#controls.hasNews) && this.#keeper.state === "connected") void this.#send();
    });
    return this.#sending;
  }

  async #sendNow(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper.state !== "connected") return;
    // Whatever is said says that this process is there.
    this.#answering?.[Symbol.dispose]();
    this.#answering = undefined;
    // Drops news about facts that were forgotten meanwhile.
    for (const key of this.#news) if (this.#knowledge.get(key) === undefined) this.#news.delete(key);
    const controls = this.#controls.write(this.#options.clock.now());
    let unsaid = this.#controls.hasNews ? controls : [];
    this.#controls.said();
    let isNews = unsaid.length > 0;
    do {
      const batch = [...this.#news].slice(0, changesAMessage);
      for (const key of batch) this.#news.delete(key);
      isNews ||= batch.length > 0;
      const message = this.#write(batch, unsaid);
      unsaid = [];
      if ((await keeper.run((link) => link.publish(message))) !== undefined) this.#counts.published += batch.length;
    } while (this.#news.size > 0 && keeper.state === "connected");
    const nowMs = this.#epochMs();
    const keys = isNews ? this.#knowledge.ownKeys(nowMs) : [];
    // A view replaces the one before, so all that was decided is in each.
    if (isNews && (keys.length > 0 || controls.length > 0)) {
      const keptMs = Math.ceil(Math.max(this.#knowledge.keptMs(nowMs), this.#controls.keptMs(controls)));
      await keeper.run((link) => link.store(this.#write(keys, controls), keptMs));
    }
    if (this.#wantsViews) await this.#readViews();
  }

  async #readViews(): Promise<void> {
    const views = await this.#keeper.run((link) => link.load());
    if (views === undefined) return;
    this.#wantsViews = false;
    for (const view of views) {
      if (view.text.length > longViewLength) await this.#nextTurn();
      if (this.#keeper.state === "closed") return;
      this.#take(view.text, view);
    }
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.setTimer(0, resolve));
  }

  #write(keys: readonly string[], controls: readonly WireControl[]): string {
    const { origin, clock } = this.#options;
    const nowMs = this.#epochMs();
    const changes = keys.flatMap((key): WireChange[] => {
      const fact = this.#knowledge.get(key);
      return fact === undefined ? [] : [this.#moments.write(fact.change, fact.identity, nowMs)];
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

  #take(text: string, view?: StoredView): void {
    try {
      const arrival = { nowMs: this.#options.clock.now(), epochMs: this.#epochMs() };
      const { changes, isNewcomer } = this.#inbox.take(text, arrival, view);
      if (isNewcomer) this.#answer();
      for (const change of changes) this.#apply(change);
    } catch (error) {
      this.#onProblem("ignored", error);
    }
  }

  /** Lets a newcomer know soon that this process is there, rather than with the next beat: what it reads from the store does not say who is alive. */
  #answer(): void {
    const { clock, random } = this.#options;
    if (this.#answersLeft === 0) return;
    this.#answering ??= clock.setTimer(answerMs * random(), () => {
      this.#answering = undefined;
      this.#answersLeft -= 1;
      // A message on its way may have left before the newcomer listened, so another one follows it.
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
    this.#refusedElsewhere = null;
  }

  #onProblem(type: "refused" | "ignored", error: unknown, what?: string): void {
    const cause = this.#reasonOf(error);
    const reason = what === undefined ? cause : `${what}: ${cause}`;
    // One line for all commands that a user of Redis may not run; one for all connections of a Redis that takes nothing.
    const told = what !== undefined && cause.startsWith("NOPERM") ? `${what} NOPERM` : cause;
    if (what !== undefined) this.#refusedElsewhere = reason;
    else if (type === "refused") this.#lastError = reason;
    this.#notices.add({ type, reason }, this.#options.clock.now(), told);
  }

  #reasonOf(error: unknown): string {
    return this.#options.redact(error instanceof Error ? error.message : String(error)).slice(0, 300);
  }

  #nextBeat(): Disposable {
    const { clock, random } = this.#options;
    return clock.setTimer(beatMs * (0.8 + 0.4 * random()), () => {
      this.#beat = this.#nextBeat();
      this.#answersLeft = answersABeat;
      this.#repeat();
      void this.#send();
    });
  }

  /** Says again what counts, one message of it a beat in turn: a process that missed it catches up, for the others it changes nothing. */
  #repeat(): void {
    const keys = this.#knowledge.ownKeys(this.#epochMs());
    if (this.#repeated >= keys.length) this.#repeated = 0;
    for (const key of keys.slice(this.#repeated, this.#repeated + changesAMessage)) this.#note(key);
    this.#repeated += changesAMessage;
    this.#controls.repeat();
  }

  #epochMs(): number {
    return this.#options.clock.now() + this.#options.epochOffsetMs;
  }
}
