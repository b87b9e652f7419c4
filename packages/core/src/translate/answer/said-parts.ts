interface Part {
  readonly key: string | number;
  text: string;
}

/** What has come of a text that a stream sends twice: in pieces, and whole at the end of each part, of its item and of the answer. */
export class SaidParts {
  readonly #parts: Part[] = [];
  #current: Part | undefined;

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Adds a piece, and returns whether it begins another part than the piece before it. */
  add(key: string | number, text: string): boolean {
    const current = this.#current;
    if (current?.key === key) {
      current.text += text;
      return false;
    }
    let part = this.#parts.find((candidate) => candidate.key === key);
    if (part) part.text += text;
    else {
      part = { key, text };
      this.#parts.push(part);
    }
    this.#current = part;
    return current !== undefined;
  }

  /** What is missing of a part that is known whole now: its end, all of it, or `""`; undefined where something else was said in its place. */
  missing(key: string | number, whole: string): string | undefined {
    const part = this.#parts.find((candidate) => candidate.key === key);
    // Vendors number the parts of a whole item otherwise than those of its pieces, or run them together.
    if (part === undefined) return this.#parts.some(({ text }) => text.includes(whole)) ? "" : whole;
    if (part.text.startsWith(whole)) return "";
    return whole.startsWith(part.text) ? whole.slice(part.text.length) : undefined;
  }
}
