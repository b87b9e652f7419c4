import type { Clock } from "@ccpb/core";
import type { VirtualClock } from "@ccpb/core/testing";
import { type Link, type LinkListener, type OpenLink, RefusedError, type StoredView } from "../src/link.ts";

/** What becomes of one delivery of a message: it comes after so many milliseconds, once for each number; not at all for none. */
export type Delivery = () => readonly number[];

/** A store in virtual time: a channel that delays, repeats, reorders and loses, and keys that age. */
export class FakeStore {
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<LinkListener>();
  readonly #stored = new Map<string, { readonly text: string; readonly ttlMs: number; readonly setAtMs: number }>();
  readonly messages: string[] = [];
  readonly hashes = new Map<string, Readonly<Record<string, string>>>();
  readonly marks = new Map<string, string>();
  delivery: Delivery = () => [1];
  /** `dead` refuses connections, `hanging` takes them and never answers, `read-only` refuses to write. */
  state: "well" | "dead" | "hanging" | "read-only" = "well";
  opened = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Connections under `name`. */
  links(name: string): OpenLink {
    return async (listener, signal) => {
      this.opened += 1;
      if (this.state === "hanging") await never(signal);
      if (this.state === "dead") throw new Error("connect ECONNREFUSED");
      this.#listeners.add(listener);
      return this.#link(name, listener);
    };
  }

  /** Every connection is lost, as when the server is killed. */
  cut(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const { onLost } of listeners) onLost(new Error("Socket closed unexpectedly"));
  }

  flush(): void {
    this.#stored.clear();
    this.hashes.clear();
    this.marks.clear();
  }

  /** A message of somebody else. */
  say(text: string): void {
    for (const listener of this.#listeners) {
      for (const afterMs of this.delivery()) {
        this.#clock.setTimer(afterMs, () => {
          if (this.#listeners.has(listener)) listener.onMessage(text);
        });
      }
    }
  }

  #link(name: string, listener: LinkListener): Link {
    const answer = async <T>(value: () => T): Promise<T> => {
      if (this.state === "hanging") await new Promise(() => undefined);
      if (!this.#listeners.has(listener)) throw new Error("The client is closed");
      return value();
    };
    const write = <T>(change: () => T): Promise<T> =>
      answer(() => {
        if (this.state === "read-only") throw new RefusedError("READONLY You can't write against a read only replica.");
        return change();
      });
    return {
      publish: (message) =>
        answer(() => {
          this.messages.push(message);
          this.say(message);
          return this.#listeners.size;
        }),
      store: (text, ttlMs) => write(() => void this.#stored.set(name, { text, ttlMs, setAtMs: this.#clock.now() })),
      load: () => answer(() => this.#views()),
      setMembers: (name, members) => write(() => void this.hashes.set(name, { ...this.hashes.get(name), ...members })),
      members: (name, limits) =>
        answer(() => {
          const members = this.hashes.get(name) ?? {};
          const bytes = JSON.stringify(members).length;
          const isRead = Object.keys(members).length <= limits.members && bytes <= limits.bytes;
          return isRead ? { type: "members", members, bytes } : { type: "too-large" };
        }),
      mark: (name) => answer(() => this.marks.get(name) ?? null),
      setMark: (name, { text, onlyIfThere }) =>
        write(() => {
          if (onlyIfThere && !this.marks.has(name)) return false;
          this.marks.set(name, text);
          return true;
        }),
      close: () => void this.#listeners.delete(listener),
    };
  }

  #views(): readonly StoredView[] {
    return [...this.#stored.values()]
      .map(({ text, ttlMs, setAtMs }) => ({ text, ttlMs, ageMs: this.#clock.now() - setAtMs }))
      .filter(({ ttlMs, ageMs }) => ageMs < ttlMs);
  }
}

/** A host's own clocks: the monotonic one has another origin, the wall clock is wrong by some amount. */
export function hostClock(
  base: VirtualClock,
  host: { readonly originMs: number; readonly wallWrongByMs: number },
): Clock {
  return {
    now: () => base.now() + host.originMs,
    wallNow: () => base.wallNow() + host.wallWrongByMs,
    setTimer: (delayMs, callback) => base.setTimer(delayMs, callback),
  };
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
}
