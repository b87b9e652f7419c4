import { type Clock, type HealthChange, type HealthReplica, saidByProvider } from "@ccpb/core";
import { Inbox } from "./inbox.ts";
import type { OpenLink, StoredView } from "./link.ts";
import { Knowledge } from "./knowledge.ts";
import { LinkKeeper } from "./link-keeper.ts";
import { Moments } from "./moments.ts";
import { Notices } from "./notices.ts";
import { Outbox } from "./outbox.ts";
import type { ReplicaNotice, ReplicaStatus } from "./replica-status.ts";
import { type ControlSharing, type SharedControl, SharedControls } from "./shared-controls.ts";
import { parseScope } from "./wire.ts";

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
  readonly #controls: SharedControls;
  readonly #keeper: LinkKeeper;
  readonly #outbox: Outbox;
  #wantsViews = true;
  #ignored = 0;
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
    this.#outbox = new Outbox({
      origin: options.origin,
      clock,
      random,
      epochMs: () => this.#epochMs(),
      keeper: this.#keeper,
      knowledge: this.#knowledge,
      moments: this.#moments,
      controls: this.#controls,
      onSent: () => (this.#wantsViews ? this.#readViews() : undefined),
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
      this.#outbox.tell(key, isUrgent);
    } catch (error) {
      this.#onProblem("ignored", error);
    }
  }

  /** Sends a decision of an operator of this process to the others. */
  publishControl(control: SharedControl): void {
    this.#controls.say(control, this.#options.clock.now());
    if (this.#keeper.state !== "closed") this.#outbox.sendSoon();
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
    void this.#outbox.send();
  }

  status(): ReplicaStatus {
    const { state, forMs } = this.#keeper;
    const peers = this.#inbox.peers(this.#options.clock.now());
    const { received } = this.#inbox;
    const { published } = this.#outbox;
    const lastError = this.#lastError ?? this.#refusedElsewhere;
    return { state, forMs, peers, received, ignored: this.#ignored, published, lastError };
  }

  /** Sends the pending news, for a second at most, and disconnects. The knowledge of this process stays in Redis until it expires. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outbox.close();
    this.#subscribers.clear();
    this.#keeper.close();
  }

  /** On every connection anew: who was away has missed what was said, and the others what could not be said. */
  async #greet(): Promise<void> {
    this.#lastError = null;
    this.#notices.add({ type: "connected" }, this.#options.clock.now());
    this.#wantsViews = true;
    await this.#outbox.sendAll();
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

  #take(text: string, view?: StoredView): void {
    try {
      const arrival = { nowMs: this.#options.clock.now(), epochMs: this.#epochMs() };
      const { changes, isNewcomer } = this.#inbox.take(text, arrival, view);
      if (isNewcomer) this.#outbox.answerNewcomer();
      for (const change of changes) this.#apply(change);
    } catch (error) {
      this.#onProblem("ignored", error);
    }
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
    this.#ignored += 1;
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

  #epochMs(): number {
    return this.#options.clock.now() + this.#options.epochOffsetMs;
  }
}
