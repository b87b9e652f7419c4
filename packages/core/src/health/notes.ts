import { BoundedMap } from "../base/bounded-map.ts";

/** Largest number of scopes of one provider that are remembered at once; the oldest note is dropped first. */
const noteLimit = 256;

interface Note {
  readonly digest: string;
  readonly atMs: number;
}

/**
 * Failures of one provider that may have been the request's fault. A note is turned into a charge when a different request, told by the digest of its
 * body, fails at the same scope within the window and nothing was served there in between.
 */
export class FailureNotes {
  readonly #byScope = new BoundedMap<Note>(noteLimit);

  /** Notes a failure of the request with `digest`; returns what was noted at the scope within `windowMs` before: nothing, the same request, or another. */
  note(
    scope: string,
    digest: string,
    times: { readonly nowMs: number; readonly windowMs: number },
  ): "nothing" | "same" | "another" {
    const known = this.#byScope.get(scope);
    this.#byScope.set(scope, { digest, atMs: times.nowMs });
    if (known === undefined || times.nowMs - known.atMs >= times.windowMs) return "nothing";
    return known.digest === digest ? "same" : "another";
  }

  /** A request was served at these scopes: what was noted there was the requests' own fault. */
  clear(scopes: readonly string[]): void {
    for (const scope of scopes) this.#byScope.delete(scope);
  }

  get size(): number {
    return this.#byScope.size;
  }
}
