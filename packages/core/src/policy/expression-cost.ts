import { expressionParts, type CharacterPart, type ExpressionPart } from "./expression-parts.ts";

/**
 * Returns an upper bound of the ways that a backtracking engine tries when it searches a text for the expression; `Infinity` where none was found
 * below 10^12. Each way takes at most one step for each character of the expression, and most end at the first. Regular expressions of JavaScript try every way to divide a text between repetitions that can share it, so that `a.*b.*c` takes the cube of
 * the text's length, and `(a+)+b` two to the power of it.
 *
 * @param source an expression that `RegExp` takes, without slashes and without the flags `u` and `v`
 * @param length of the longest text that is searched, UTF-16 units
 */
export function searchWays(source: string, length: number): number {
  const cost = new Cost(length);
  // A search begins anew at every character.
  return bounded(length * cost.of(expressionParts(source), { ways: 1, next: undefined, isEnd: true }, undefined));
}

const most = 1e12;

/** Continuation of a part: the ways through it, and the character that it must begin with, if known. */
interface Rest {
  readonly ways: number;
  readonly next: CharacterPart | undefined;
  /** Nothing follows: the search has succeeded, and nothing is tried again. */
  readonly isEnd?: boolean;
}

class Cost {
  readonly #length: number;
  readonly #sets = new Map<string, Uint8Array>();

  constructor(length: number) {
    this.#length = length;
  }

  /** Ways through `part` and what follows it. `before`: the character in front of it, where it is known. */
  of(part: ExpressionPart, rest: Rest, before: CharacterPart | undefined): number {
    switch (part.type) {
      case "character":
      case "assertion":
        return rest.ways;
      case "reference":
        return bounded(this.#length * rest.ways);
      case "look":
        return bounded(this.of(part.part, { ways: 1, next: undefined }, before) + rest.ways);
      case "sequence":
        return this.#sequence(part.parts, rest, before);
      case "choice":
        return this.#choice(part.branches, rest, before);
      case "repeat":
        return this.#repeat(part.part, part.max, { rest, before });
    }
  }

  #sequence(parts: readonly ExpressionPart[], rest: Rest, before: CharacterPart | undefined): number {
    let after = rest;
    for (let index = parts.length - 1; index >= 0; index -= 1) {
      const part = parts[index];
      if (part === undefined) continue;
      const previous = index === 0 ? before : characterOf(parts[index - 1]);
      after = {
        ways: this.of(part, after, previous),
        next: firstOf(part) ?? (takesNothing(part) ? after.next : undefined),
      };
    }
    return after.ways;
  }

  #choice(branches: readonly ExpressionPart[], rest: Rest, before: CharacterPart | undefined): number {
    const ways = branches.map((branch) => this.of(branch, rest, before));
    // Where every branch begins with another character, at most one of them goes on.
    return bounded(
      this.#areDistinct(branches.map(firstOf))
        ? ways.reduce((largest, one) => Math.max(largest, one), 0)
        : ways.reduce((sum, one) => sum + one, 0),
    );
  }

  #repeat(
    part: ExpressionPart,
    max: number,
    { rest, before }: { readonly rest: Rest; readonly before: CharacterPart | undefined },
  ): number {
    const times = Math.min(max, this.#length);
    if (rest.isEnd === true && part.type === "character") return rest.ways;
    if (part.type !== "character") return this.#repeatGroup(part, times, rest);
    // The end of such a run is no choice: only behind it can go on what follows.
    if (times > 1 && rest.next && this.#areDistinct([part, rest.next])) {
      // Neither is its start: over all places together, the runs are no longer than the text.
      return bounded((before && this.#areDistinct([before, part]) ? 0 : times) + rest.ways);
    }
    return bounded((times + 1) * rest.ways);
  }

  #repeatGroup(part: ExpressionPart, times: number, rest: Rest): number {
    let ways = rest.ways;
    for (let round = 0; round < times && ways < most; round += 1) {
      ways = bounded(this.of(part, { ways, next: undefined }, undefined) + rest.ways);
    }
    return ways;
  }

  #areDistinct(characters: readonly (CharacterPart | undefined)[]): boolean {
    const taken = new Uint8Array(sampled.length);
    for (const character of characters) {
      if (character === undefined) return false;
      const set = this.#setOf(character.source);
      for (let index = 0; index < set.length; index += 1) {
        if (set[index] === 0) continue;
        if (taken[index] === 1) return false;
        taken[index] = 1;
      }
    }
    return true;
  }

  /** Computes the sampled characters that the source matches. */
  #setOf(source: string): Uint8Array {
    let set = this.#sets.get(source);
    if (set === undefined) {
      const expression = new RegExp(`^${source}$`, "i");
      set = Uint8Array.from(sampled, (character) => (expression.test(character) ? 1 : 0));
      this.#sets.set(source, set);
    }
    return set;
  }
}

// All of ASCII, and some of what else classes tell apart: letters, blanks, line ends, CJK.
const sampled: readonly string[] = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...Array.from("\u0085\u00a0\u00b5\u00c9\u00e9\u0131\u017f\u0410\u0430\u2028\u3000\u4e2d\uff01\uff0c"),
];

function characterOf(part: ExpressionPart | undefined): CharacterPart | undefined {
  return part?.type === "character" ? part : undefined;
}

/** The character that a text of the part must begin with, where there is one expression for it. */
function firstOf(part: ExpressionPart): CharacterPart | undefined {
  if (part.type === "character") return part;
  if (part.type !== "sequence") return undefined;
  const first = part.parts.find((one) => !takesNothing(one));
  return first && firstOf(first);
}

function takesNothing(part: ExpressionPart): boolean {
  return part.type === "assertion" || part.type === "look" || (part.type === "sequence" && part.parts.length === 0);
}

function bounded(ways: number): number {
  return ways < most ? ways : Number.POSITIVE_INFINITY;
}
