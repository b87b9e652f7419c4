const root = 0;

/**
 * All stop sequences of a request as one automaton (Aho and Corasick, 1975): it reads each character of an answer once, however many sequences there
 * are. Immutable, so that all texts of an answer can share it; a place in it is a number.
 */
export class StopAutomaton {
  /** Keyed by place × 65,536 + character: the place after that character, where a sequence goes on with it. */
  readonly #next = new Map<number, number>();
  /** For each place: the place of the longest shorter beginning that its text ends with. */
  readonly #shorter: number[] = [root];
  /** For each place: how many characters of a sequence have been read there. */
  readonly #depth: number[] = [0];
  /** For each place: the longest sequence that ends there. */
  readonly #ending: (string | undefined)[] = [undefined];

  constructor(sequences: readonly string[]) {
    for (const sequence of sequences) if (sequence !== "") this.#add(sequence);
    this.#link();
  }

  /** Returns the place after one more character. A text begins at place 0. */
  step(place: number, character: number): number {
    for (let at = place; ; at = this.#shorter[at] ?? root) {
      const next = this.#next.get(at * 65_536 + character);
      if (next !== undefined) return next;
      if (at === root) return root;
    }
  }

  /** Counts the last characters that are the beginning of a sequence. */
  held(place: number): number {
    return this.#depth[place] ?? 0;
  }

  /** The longest sequence that ends at this place; undefined where none does. */
  ending(place: number): string | undefined {
    return this.#ending[place];
  }

  #add(sequence: string): void {
    let at = root;
    for (let index = 0; index < sequence.length; index += 1) {
      const key = at * 65_536 + sequence.charCodeAt(index);
      let next = this.#next.get(key);
      if (next === undefined) {
        next = this.#depth.length;
        this.#next.set(key, next);
        this.#depth.push(index + 1);
        this.#shorter.push(root);
        this.#ending.push(undefined);
      }
      at = next;
    }
    this.#ending[at] = sequence;
  }

  /** Finds the shorter beginnings, those of short texts before those of long ones. */
  #link(): void {
    const edges = [...this.#next].map(([key, place]) => ({ key, place, depth: this.#depth[place] ?? 0 }));
    for (const { key, place, depth } of edges.toSorted((one, other) => one.depth - other.depth)) {
      const character = key % 65_536;
      const before = Math.floor(key / 65_536);
      const shorter = depth === 1 ? root : this.step(this.#shorter[before] ?? root, character);
      this.#shorter[place] = shorter;
      this.#ending[place] ??= this.#ending[shorter];
    }
  }
}
