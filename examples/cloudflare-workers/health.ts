import { type HealthChange, type HealthReplica, parseHealthChange } from "@ccpb/core";

/** The parts of Cloudflare's types that are used here; `@cloudflare/workers-types` has them whole. */
export interface HealthNamespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(url: string, init: { method: string; body: string }): Promise<Response> };
}

interface Exchange {
  /** The number of the last change that the isolate knows of. */
  readonly after: number;
  readonly changes: readonly unknown[];
}

const maxChanges = 500;

/** The one object that keeps the latest changes of all isolates, in memory: health that is lost is only learned anew. */
export class HealthStore {
  #last = 0;
  #changes: { readonly number: number; readonly change: unknown }[] = [];

  async fetch(request: Request): Promise<Response> {
    const { after, changes } = (await request.json()) as Exchange;
    const news = this.#changes.filter(({ number }) => number > after).map(({ change }) => change);
    for (const change of changes) this.#changes.push({ number: (this.#last += 1), change });
    this.#changes = this.#changes.slice(-maxChanges);
    return Response.json({ after: this.#last, changes: news } satisfies Exchange);
  }
}

/** Collects what this isolate has to tell, and hands it over together with what the others have told. */
export class DurableReplica implements HealthReplica {
  #after = 0;
  #outgoing: HealthChange[] = [];
  #apply: ((change: HealthChange) => void) | undefined;

  publish(change: HealthChange): void {
    if (this.#outgoing.length < maxChanges) this.#outgoing.push(change);
  }

  subscribe(apply: (change: HealthChange) => void): Disposable {
    this.#apply = apply;
    return { [Symbol.dispose]: () => (this.#apply = undefined) };
  }

  /** Never rejects: what could not be told now is told with the next request. */
  async exchange(namespace: HealthNamespace): Promise<void> {
    const changes = this.#outgoing;
    this.#outgoing = [];
    try {
      const store = namespace.get(namespace.idFromName("health"));
      const body = JSON.stringify({ after: this.#after, changes } satisfies Exchange);
      const response = await store.fetch("https://health/", { method: "POST", body });
      const news = (await response.json()) as Exchange;
      this.#after = news.after;
      for (const change of news.changes.map(parseHealthChange)) if (change) this.#apply?.(change);
    } catch (error) {
      console.warn("health is not shared now", error);
      this.#outgoing = [...changes, ...this.#outgoing].slice(-maxChanges);
    }
  }
}
