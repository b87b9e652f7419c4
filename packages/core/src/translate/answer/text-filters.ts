import type { StopAutomaton } from "./stop-automaton.ts";

/** Where filtered text goes. */
export interface TextSink {
  text(text: string): void;
  thinking(text: string): void;
}

const openTag = "<think>";
const closeTag = "</think>";

/** Splits `<think>…</think>` out of streamed text; a tag may be cut anywhere. */
export class ThinkTagSplitter {
  readonly #sink: TextSink;
  #isThinking = false;
  #held = "";

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  push(text: string): void {
    let rest = this.#held + text;
    this.#held = "";
    for (;;) {
      const tag = this.#isThinking ? closeTag : openTag;
      const at = rest.indexOf(tag);
      if (at === -1) {
        const keep = overlap(rest, tag);
        this.#emit(rest.slice(0, rest.length - keep));
        this.#held = rest.slice(rest.length - keep);
        return;
      }
      this.#emit(rest.slice(0, at));
      rest = rest.slice(at + tag.length);
      this.#isThinking = !this.#isThinking;
    }
  }

  /** Gives out what was held because it could have become a tag. */
  flush(): void {
    const held = this.#held;
    this.#held = "";
    this.#emit(held);
  }

  #emit(text: string): void {
    if (text === "") return;
    if (this.#isThinking) this.#sink.thinking(text);
    else this.#sink.text(text);
  }
}

/**
 * Ends streamed text before the stop sequence that is complete first; of several that end at one character, before the longest. A sequence may be cut
 * anywhere. The time for a text depends on its length alone.
 */
export class StopSequenceCutter {
  readonly #stops: StopAutomaton;
  readonly #emit: (text: string) => void;
  #place = 0;
  #held = "";
  #matched: string | undefined;

  constructor(stops: StopAutomaton, emit: (text: string) => void) {
    this.#stops = stops;
    this.#emit = emit;
  }

  /** The sequence that ended the text. */
  get matched(): string | undefined {
    return this.#matched;
  }

  push(text: string): void {
    if (this.#matched !== undefined) return;
    const stops = this.#stops;
    const all = this.#held + text;
    for (let index = this.#held.length; index < all.length; index += 1) {
      this.#place = stops.step(this.#place, all.charCodeAt(index));
      this.#matched = stops.ending(this.#place);
      if (this.#matched === undefined) continue;
      this.#held = "";
      this.#give(all.slice(0, index + 1 - this.#matched.length));
      return;
    }
    const end = all.length - stops.held(this.#place);
    this.#held = all.slice(end);
    this.#give(all.slice(0, end));
  }

  /** Gives out what was held because it could have become a stop sequence. */
  flush(): void {
    const held = this.#held;
    this.#held = "";
    this.#place = 0;
    this.#give(held);
  }

  #give(text: string): void {
    if (text !== "") this.#emit(text);
  }
}

/** How many of the last characters of `text` are the beginning of `mark`. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
