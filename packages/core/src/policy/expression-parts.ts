/** One character of a text: `source` is an expression for it, such as `a`, `\d` or `[^"]`. */
export interface CharacterPart {
  readonly type: "character";
  readonly source: string;
}

/** A part of a regular expression, as far as it matters for the time that the expression takes. */
export type ExpressionPart =
  | CharacterPart
  /** Takes no character: `^`, `$`, `\b`, `\B`. */
  | { readonly type: "assertion" }
  /** The same text as a group before it. */
  | { readonly type: "reference" }
  | { readonly type: "sequence"; readonly parts: readonly ExpressionPart[] }
  | { readonly type: "choice"; readonly branches: readonly ExpressionPart[] }
  | { readonly type: "look"; readonly part: ExpressionPart }
  | { readonly type: "repeat"; readonly part: ExpressionPart; readonly max: number };

/**
 * Splits a regular expression without the flags `u` and `v` into its parts. The expression must be one that `RegExp` takes: nothing is checked.
 *
 * @param source the expression without slashes
 */
export function expressionParts(source: string): ExpressionPart {
  return new Reader(source).choice();
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  choice(): ExpressionPart {
    const branches = [this.#sequence()];
    while (this.#source[this.#at] === "|") {
      this.#at += 1;
      branches.push(this.#sequence());
    }
    return branches.length === 1 && branches[0] ? branches[0] : { type: "choice", branches };
  }

  #sequence(): ExpressionPart {
    const parts: ExpressionPart[] = [];
    for (let next = this.#source[this.#at]; next !== undefined && next !== "|" && next !== ")";) {
      const part = this.#atom(next);
      const max = this.#quantifier();
      parts.push(max === undefined ? part : { type: "repeat", part, max });
      next = this.#source[this.#at];
    }
    return { type: "sequence", parts };
  }

  #atom(first: string): ExpressionPart {
    switch (first) {
      case "(":
        return this.#group();
      case "[":
        return { type: "character", source: this.#class() };
      case "\\":
        return this.#escape();
      case "^":
      case "$":
        this.#at += 1;
        return { type: "assertion" };
      case "{":
      case "}":
      case "]":
        this.#at += 1;
        return { type: "character", source: `\\${first}` }; // outside of a quantifier or a class, the character itself
      default:
        this.#at += 1;
        return { type: "character", source: first };
    }
  }

  #group(): ExpressionPart {
    const opening =
      /^\((?:\?(?:<?[=!]|<[^>=!]*>|[a-z-]{0,8}:))?/.exec(this.#source.slice(this.#at, this.#at + 80))?.[0] ?? "(";
    this.#at += opening.length;
    const part = this.choice();
    this.#at += 1; // the closing bracket
    return /[=!]$/.test(opening) ? { type: "look", part } : part;
  }

  #class(): string {
    const start = this.#at;
    this.#at += 1;
    while (this.#at < this.#source.length && this.#source[this.#at] !== "]") {
      this.#at += this.#source[this.#at] === "\\" ? 2 : 1;
    }
    this.#at += 1;
    return this.#source.slice(start, this.#at);
  }

  #escape(): ExpressionPart {
    const escape = /^\\(?:x[\da-f]{2}|u[\da-f]{4}|c[a-z]|k<[^>]{0,60}>|[1-9]\d{0,3}|[^])/i.exec(
      this.#source.slice(this.#at, this.#at + 80),
    )?.[0];
    this.#at += escape?.length ?? 1;
    if (escape === undefined) return { type: "assertion" };
    if (/^\\(?:k<|[1-9])/.test(escape)) return { type: "reference" };
    return escape === "\\b" || escape === "\\B" ? { type: "assertion" } : { type: "character", source: escape };
  }

  /** Reads the largest number of repetitions of the atom before it; undefined: exactly once. */
  #quantifier(): number | undefined {
    const found = /^(?:[*+?]|\{\d{1,9}(?:,\d{0,9})?\})/.exec(this.#source.slice(this.#at, this.#at + 24))?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    if (this.#source[this.#at] === "?") this.#at += 1;
    if (found === "?") return 1;
    if (found === "*" || found === "+" || found.endsWith(",}")) return Number.POSITIVE_INFINITY;
    return Number(found.slice(1, -1).split(",").at(-1));
  }
}
