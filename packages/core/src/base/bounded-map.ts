import { digest } from "./digest.ts";

/** The longest key that a `BoundedMap` keeps as it is, in UTF-16 units: a provider's name and a model (512 bytes) fit. */
export const maxKeyLength = 1_024;

/**
 * A map that is bounded by construction: at most `limit` entries, and no key longer than `maxKeyLength` (a longer one is kept as a digest of 64
 * bits). The entry that was set longest ago is dropped first. The size of a value is its owner's to bound.
 */
export class BoundedMap<Value> {
  readonly limit: number;
  // A Map keeps insertion order: the first entry is the one that was set longest ago.
  readonly #entries = new Map<string, Value>();

  /** `limit`: the largest number of entries, 1 or more. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(bounded(key));
  }

  has(key: string): boolean {
    return this.#entries.has(bounded(key));
  }

  /** Sets a value and makes it the newest entry; drops the oldest one where there are more than `limit`. */
  set(key: string, value: Value): this {
    const kept = bounded(key);
    this.#entries.delete(kept);
    this.#entries.set(kept, value);
    if (this.#entries.size > this.limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    return this;
  }

  delete(key: string): boolean {
    return this.#entries.delete(bounded(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Drops every entry for which `isKept` answers false. */
  retain(isKept: (value: Value, key: string) => boolean): void {
    for (const [key, value] of this.#entries) if (!isKept(value, key)) this.#entries.delete(key);
  }

  /** The keys as they are kept, the oldest first. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** The entries, the oldest first. */
  [Symbol.iterator](): IterableIterator<[string, Value]> {
    return this.#entries[Symbol.iterator]();
  }
}

function bounded(key: string): string {
  return key.length <= maxKeyLength ? key : `#${digest(key)}`;
}
