import type { Balancer } from "@ccpb/core";

const maxNames = 200;

/**
 * The names under which models were served: aliases that fit a wildcard, and names that were passed through. `GET /v1/models` lists them behind the
 * configured ones. Bounded at 200; the one that was served longest ago is forgotten first.
 */
export class ServedModels {
  readonly #names = new Set<string>();

  /** Notes the name of each call that a provider served whole; disposing the result ends that. */
  watch(balancer: Balancer): Disposable {
    return balancer.on("call-end", ({ state, requestedModel }) => {
      if (state === "complete") this.#note(requestedModel);
    });
  }

  /** The names, the one that was served longest ago first. */
  names(): readonly string[] {
    return [...this.#names];
  }

  #note(name: string): void {
    this.#names.delete(name);
    this.#names.add(name);
    const [oldest] = this.#names;
    if (this.#names.size > maxNames && oldest !== undefined) this.#names.delete(oldest);
  }
}
