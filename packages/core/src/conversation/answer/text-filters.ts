import type { StopAutomaton } from "./stop-automaton.ts";

/** Receiver of filtered text. */
export interface TextSink {
  text(text: string): void;
  thinking(text: string): void;
}

const maxHeld = 262_144; // characters; far beyond the thinking of an answer, and far below what a stream may hold
const maxBlank = 1_024; // characters of white space in front of an answer

/**
 * Splits `<think>…</think>` out of streamed text; a tag may be cut anywhere. Three forms are known:
 *
 * - The answer begins with `<think>`: what follows is streamed as thinking.
 * - The model's template has written `<think>` into the prompt (DeepSeek-R1, QwQ, MiniMax-M2), and the answer holds the closing tag alone: text is held
 *   until that tag comes, and is thinking if it does.
 * - `<think>` within the text is thinking only where it is closed again; otherwise the text speaks of the tag.
 *
 * With the tag `reasoning` (gpt-oss at Amazon Bedrock) only an answer that begins with it holds thinking: nothing of other answers is held.
 */
export class ThinkTagSplitter {
  readonly #sink: TextSink;
  readonly #openTag: string;
  readonly #closeTag: string;
  readonly #isOnlyFirst: boolean;
  /**
   * `start`: no text yet. `lone`: text that the closing tag would turn into thinking. `inner`: behind an opening tag within the text. `plain`: tags do not
   * count any more.
   */
  #state: "start" | "thinking" | "text" | "lone" | "inner" | "plain" = "start";
  #held = "";
  /**
   * Text before `held` that is known to hold no tag, in pieces: joining them for each search would take quadratic
   * time.
   */
  #waiting: string[] = [];
  #waitingLength = 0;

  constructor(sink: TextSink, tag: "think" | "reasoning" = "think") {
    this.#sink = sink;
    this.#openTag = `<${tag}>`;
    this.#closeTag = `</${tag}>`;
    this.#isOnlyFirst = tag === "reasoning";
  }

  push(text: string): void {
    this.#held += text;
    while (this.#step());
  }

  /** The provider gives reasoning in a member of its own: no closing tag has to be waited for. */
  settle(): void {
    this.flush();
    if (this.#state === "start") this.#state = this.#afterThinking();
  }

  /** Gives out what was held because it could have become a tag, or thinking. */
  flush(): void {
    const state = this.#state;
    const held = this.#takeWaiting() + this.#held;
    this.#held = "";
    if (state === "inner" || state === "lone" || held.trim() !== "") {
      this.#state = state === "thinking" ? "thinking" : this.#afterThinking();
    }
    this.#emit(state === "inner" ? this.#openTag + held : held, state === "thinking" ? "thinking" : "text");
  }

  /** Returns whether there may be more to do. */
  #step(): boolean {
    switch (this.#state) {
      case "start":
        return this.#begin();
      case "thinking":
        return this.#stream(this.#closeTag, "thinking", this.#afterThinking());
      case "text":
        return this.#stream(this.#openTag, "text", "inner");
      case "plain":
        return this.#pass();
      case "lone":
      case "inner":
        return this.#wait();
    }
  }

  #afterThinking(): "text" | "plain" {
    return this.#isOnlyFirst ? "plain" : "text";
  }

  #pass(): boolean {
    const held = this.#held;
    this.#held = "";
    this.#emit(held, "text");
    return false;
  }

  #begin(): boolean {
    const openTag = this.#openTag;
    const begun = this.#held.trimStart();
    const isUndecided = begun.length < openTag.length && openTag.startsWith(begun);
    if (isUndecided && this.#held.length <= maxBlank) return false;
    const isOpen = begun.startsWith(openTag);
    if (isOpen) this.#held = begun.slice(openTag.length);
    this.#state = isOpen ? "thinking" : this.#isOnlyFirst ? "plain" : "lone";
    return true;
  }

  /** Gives out what stands before a tag, or cannot be a part of it. */
  #stream(tag: string, kind: "text" | "thinking", next: "text" | "inner" | "plain"): boolean {
    const rest = this.#held;
    const at = rest.indexOf(tag);
    const end = at === -1 ? rest.length - overlap(rest, tag) : at;
    this.#held = rest.slice(at === -1 ? end : at + tag.length);
    if (at !== -1) this.#state = next;
    this.#emit(rest.slice(0, end), kind);
    return at !== -1;
  }

  #wait(): boolean {
    const closeTag = this.#closeTag;
    const rest = this.#held;
    const at = rest.indexOf(closeTag);
    if (at === -1) {
      const end = rest.length - overlap(rest, closeTag);
      this.#waiting.push(rest.slice(0, end));
      this.#waitingLength += end;
      this.#held = rest.slice(end);
      if (this.#waitingLength > maxHeld) this.flush();
      return false;
    }
    this.#state = "text";
    this.#held = rest.slice(at + closeTag.length);
    this.#emit(this.#takeWaiting() + rest.slice(0, at), "thinking");
    return true;
  }

  #takeWaiting(): string {
    const waiting = this.#waiting.join("");
    this.#waiting = [];
    this.#waitingLength = 0;
    return waiting;
  }

  #emit(text: string, kind: "text" | "thinking"): void {
    if (text !== "") this.#sink[kind](text);
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

/** Counts the last characters of `text` that are the beginning of `mark`. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
