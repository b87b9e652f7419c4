import type { BalancerEvents } from "./events.ts";

type Listener<Name extends keyof BalancerEvents> = (event: BalancerEvents[Name]) => void;

/** Typed listeners of one balancer. An error of a listener never reaches the request whose event it heard. */
export class EventEmitter {
  readonly #listeners = new Map<keyof BalancerEvents, Set<(event: never) => void>>();

  on<Name extends keyof BalancerEvents>(name: Name, listener: Listener<Name>): Disposable {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  /** Decides whether the event has listeners, so that costly payloads are made only for them. */
  has(name: keyof BalancerEvents): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  emit<Name extends keyof BalancerEvents>(name: Name, event: BalancerEvents[Name]): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    for (const listener of listeners) {
      try {
        (listener as Listener<Name>)(event); // a set holds only listeners of its own name
      } catch {
        // documented: a listener cannot fail a request
      }
    }
  }
}
