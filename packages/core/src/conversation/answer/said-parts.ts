interface Part {
  readonly key: string | number;
  text: string;
}

/**
 * Collects a text that a stream sends twice: in pieces, and whole at the end of each part, of its item and of the
 * answer.
 */
export class SaidParts {
  readonly #parts = new Map<string | number, Part>();
  #current: Part | undefined;
  #length = 0;
  /** Characters that looking for whole texts of unknown parts has read. */
  #searched = 0;

  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  /** Adds a piece, and returns whether it begins another part than the piece before it. */
  add(key: string | number, text: string): boolean {
    const current = this.#current;
    this.#length += text.length;
    if (current?.key === key) {
      current.text += text;
      return false;
    }
    let part = this.#parts.get(key);
    if (part) part.text += text;
    else {
      part = { key, text };
      this.#parts.set(key, part);
    }
    this.#current = part;
    return current !== undefined;
  }

  /**
   * Computes the missing rest of a part that is known whole now (`""`: nothing is missing); undefined if different
   * text was sent in its place.
   */
  missing(key: string | number, whole: string): string | undefined {
    const part = this.#parts.get(key);
    if (part === undefined) return this.#missingElsewhere(whole);
    // A text that grows is only put together when it is compared with one that is at least as long.
    if (whole.length < part.text.length) return part.text.startsWith(whole) ? "" : undefined;
    return whole.startsWith(part.text) ? whole.slice(part.text.length) : undefined;
  }

  /** Vendors number the parts of a whole item otherwise than those of its pieces, or run them together. */
  #missingElsewhere(whole: string): string | undefined {
    if (this.#length < whole.length) return whole;
    this.#searched += this.#length + whole.length;
    // Hundreds of parts that all have other numbers are no vendor's: what was said stands as it is.
    if (this.#searched > maxSearched * (this.#length + 1_000)) return undefined;
    for (const { text } of this.#parts.values()) if (contains(text, whole)) return "";
    return whole;
  }
}

const maxSearched = 64; // times the length of all parts

/**
 * Decides whether `text` contains `part`, in time linear in the sum of their lengths (Knuth, Morris and Pratt, 1977).
 * `String.includes` takes the product of the lengths for texts that nearly match, such as long runs of one character.
 */
export function contains(text: string, part: string): boolean {
  if (part.length > text.length) return false;
  if (part.length <= 32) return text.includes(part);
  const borders = new Int32Array(part.length);
  for (let index = 1, border = 0; index < part.length; index += 1) {
    while (border > 0 && part.charCodeAt(index) !== part.charCodeAt(border)) border = borders[border - 1] ?? 0;
    if (part.charCodeAt(index) === part.charCodeAt(border)) border += 1;
    borders[index] = border;
  }
  let matched = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    while (matched > 0 && code !== part.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
    if (code === part.charCodeAt(matched)) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}
