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

/** Ends streamed text before the first of several stop sequences; a sequence may be cut anywhere. */
export class StopSequenceCutter {
  readonly #sequences: readonly string[];
  readonly #emit: (text: string) => void;
  #held = "";
  #matched: string | undefined;

  constructor(sequences: readonly string[], emit: (text: string) => void) {
    this.#sequences = sequences.filter((sequence) => sequence !== "");
    this.#emit = emit;
  }

  /** The sequence that ended the text. */
  get matched(): string | undefined {
    return this.#matched;
  }

  push(text: string): void {
    if (this.#matched !== undefined) return;
    const all = this.#held + text;
    let first = -1;
    for (const sequence of this.#sequences) {
      const at = all.indexOf(sequence);
      if (at === -1 || (first !== -1 && at >= first)) continue;
      first = at;
      this.#matched = sequence;
    }
    const keep = first === -1 ? Math.max(0, ...this.#sequences.map((sequence) => overlap(all, sequence))) : 0;
    const end = first === -1 ? all.length - keep : first;
    this.#held = first === -1 ? all.slice(end) : "";
    if (end > 0) this.#emit(all.slice(0, end));
  }

  /** Gives out what was held because it could have become a stop sequence. */
  flush(): void {
    const held = this.#held;
    this.#held = "";
    if (held !== "") this.#emit(held);
  }
}

/** How many of the last characters of `text` are the beginning of `mark`. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
