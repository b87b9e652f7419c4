/** Limits of a `BoundedMap`. */
export interface Bounds {
  readonly entries: number;
  /** The sum of the sizes that `set` is told, in characters. */
  readonly characters: number;
}

/** A map that forgets its oldest entries when it holds more than its bounds: by count and by size, because others choose what is put into it. */
export class BoundedMap<Value> {
  readonly #bounds: Bounds;
  readonly #entries = new Map<string, { readonly value: Value; readonly characters: number }>();
  #characters = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The sum of the sizes of all entries, keys included. */
  get characters(): number {
    return this.#characters;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Puts `value` in as the youngest entry. `characters`: its size, without the key. */
  set(key: string, value: Value, characters: number): void {
    this.delete(key);
    const entry = { value, characters: characters + key.length };
    this.#entries.set(key, entry);
    this.#characters += entry.characters;
    while (this.#entries.size > this.#bounds.entries || this.#characters > this.#bounds.characters) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#characters -= entry.characters;
  }
}
