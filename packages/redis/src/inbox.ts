import type { HealthChange } from "@ccpb/core";
import { Intake } from "./intake.ts";
import type { Knowledge } from "./knowledge.ts";
import type { StoredView } from "./link.ts";
import type { Moments } from "./moments.ts";
import type { SharedControls } from "./shared-controls.ts";
import { Peers } from "./peers.ts";
import { parseMessage, type WireChange, type WireMessage } from "./wire.ts";

export interface InboxOptions {
  /** The name of this process: its own messages come back to it. */
  readonly origin: string;
  readonly knowledge: Knowledge;
  readonly moments: Moments;
  /** Called with the reason why a message, or a change in it, is not taken in. */
  readonly onIgnored: (reason: string) => void;
  readonly controls: SharedControls;
}

/** Time of arrival: by the clock that peers are measured with, and by the one of changes. */
export interface Arrival {
  readonly nowMs: number;
  readonly epochMs: number;
}

/** Content of a message that was taken in. */
export interface Received {
  /** State of each scope that the message was about, after it. */
  readonly changes: readonly HealthChange[];
  /** A process that was not heard of lately: it does not know of this one either. */
  readonly isNewcomer: boolean;
}

const nothing: Received = { changes: [], isNewcomer: false };

// A reset goes through all circuits of a provider: operators do not press the button fifty times a second.
const resetCost = 20_000;

/** Reads what other processes say and joins it to what is known, within bounds of size, rate and time. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #peers = new Peers();
  // About 35 ms of a processor for a million characters: at once at most 70 ms, for good at most 35 ms a second.
  readonly #messages = new Intake({ burst: 2_000_000, perSecond: 1_000_000 });
  // Views come at every connection, each in a turn of its own.
  readonly #views = new Intake({ burst: 3_000_000, perSecond: 1_000_000 });
  #received = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Number of messages that were taken in. */
  get received(): number {
    return this.#received;
  }

  /** Counts the other processes that were heard of lately. */
  peers(nowMs: number): number {
    return this.#peers.count(nowMs);
  }

  /** Takes in a message of the channel, or with `view` one that was written down. */
  take(text: string, arrival: Arrival, view?: StoredView): Received {
    const { origin, onIgnored } = this.#options;
    const { nowMs, epochMs } = arrival;
    const intake = view === undefined ? this.#messages : this.#views;
    if (!intake.admits(text.length, nowMs)) {
      onIgnored("more messages than can be read");
      return nothing;
    }
    const message = parseMessage(text);
    if ("fault" in message) {
      onIgnored(message.fault);
      return nothing;
    }
    if (message.from === origin) return nothing;
    const isNewcomer = view === undefined && !this.#peers.hears(message.from, nowMs);
    const lateMs = this.#lateness(message, nowMs, view);
    this.#received += 1;
    const admitted = message.changes.filter(({ reset }) => intake.admits(reset === undefined ? 0 : resetCost, nowMs));
    if (admitted.length < message.changes.length) onIgnored("more changes than can be followed");
    const dropped = this.#options.controls.hear(message.controls ?? [], lateMs);
    if (dropped > 0) onIgnored("decisions of operators of another configuration");
    const changes = admitted.flatMap((wired) => this.#read(wired, epochMs - lateMs) ?? []);
    return { changes, isNewcomer };
  }

  #lateness({ from, sentAtMs }: WireMessage, nowMs: number, view: StoredView | undefined): number {
    return view === undefined
      ? this.#peers.hear(from, sentAtMs, nowMs)
      : Math.max(view.ageMs, this.#peers.lateness(from, sentAtMs, nowMs));
  }

  #read(wired: WireChange, sentAtMs: number): HealthChange | undefined {
    const { knowledge, moments, onIgnored } = this.#options;
    // Before anything of it is kept: what another installation says under the same prefix must not take up room.
    if (!knowledge.isOurs(wired.scope, wired.identity)) return undefined;
    const change = moments.read(wired, sentAtMs);
    if (change === undefined) {
      onIgnored("a change that cannot be read");
      return undefined;
    }
    return knowledge.hear(change, wired.identity);
  }
}
