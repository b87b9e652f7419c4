import { BoundedMap } from "../base/bounded-map.ts";

interface Binding {
  readonly provider: string;
  readonly servedAtMs: number;
}

/** Lifetime of Anthropic's default prompt cache without use. */
const cacheLifeMs = 5 * 60_000;

/**
 * Remembers the provider that each conversation is bound to. The number is bounded; the least recently served is
 * forgotten first.
 */
export class SessionBindings {
  readonly #bindings: BoundedMap<Binding>;

  constructor(limit = 10_000) {
    this.#bindings = new BoundedMap(limit);
  }

  /** The provider whose prompt cache is warm for `session`; undefined once it has been idle for longer than the cache lives (5 min). */
  boundProvider(session: string, nowMs: number): string | undefined {
    const binding = this.#bindings.get(session);
    if (binding === undefined) return undefined;
    if (nowMs - binding.servedAtMs <= cacheLifeMs) return binding.provider;
    this.#bindings.delete(session);
    return undefined;
  }

  /** `provider` has served a request of `session`: the binding moves there, or is refreshed. */
  served(session: string, provider: string, nowMs: number): void {
    this.#bindings.set(session, { provider, servedAtMs: nowMs });
  }

  /** Forgets the bindings to providers that are not in `providers`. */
  retain(providers: ReadonlySet<string>): void {
    this.#bindings.retain(({ provider }) => providers.has(provider));
  }
}
