import type { ReasoningDetail } from "./reasoning-details.ts";
import { JsonProgress } from "./tool-json.ts";

/** A text block on its way out. `pending` is what has not been given out; `index` is -1 until it is opened. */
export class TextBlock {
  readonly type = "text";
  index = -1;
  pending: string;

  constructor(text: string) {
    this.pending = text;
  }
}

/** A thinking block on its way out. `details` are what its signature must carry back to the provider. */
export class ThinkingBlock {
  readonly type = "thinking";
  index = -1;
  pending: string;
  readonly details: ReasoningDetail[];

  constructor(text: string, details: ReasoningDetail[] = []) {
    this.pending = text;
    this.details = details;
  }
}

/**
 * A tool call on its way out. It cannot be opened before it has a name. Its arguments are streamed once they turn out to be a JSON object (`live`);
 * anything else is held to be put right at the end.
 */
export class ToolBlock {
  readonly type = "tool";
  index = -1;
  id = "";
  name = "";
  /** All that has come. Only ever appended to: to read it while it grows would copy it each time. */
  args = "";
  /** What has come and was not given out, once the call is `live`. */
  pending = "";
  mode: "undecided" | "live" | "held" = "undecided";
  isClosed = false;
  readonly #progress = new JsonProgress();

  /** The arguments are a whole JSON object or array, so that nothing can follow. */
  get isComplete(): boolean {
    return this.#progress.isComplete;
  }

  closers(): string {
    return this.#progress.closers();
  }

  /** Nothing of the arguments is given out before the call ends; to be called before any have come. */
  hold(): void {
    this.mode = "held";
  }

  append(fragment: string): void {
    this.#progress.push(fragment);
    this.args += fragment;
    if (this.mode === "live") this.pending += fragment;
    else if (this.mode === "undecided") this.#decide();
  }

  #decide(): void {
    const begun = this.args.trimStart();
    if (begun === "") return;
    this.mode = begun.startsWith("{") ? "live" : "held";
    this.pending = begun;
  }
}

export type Block = TextBlock | ThinkingBlock | ToolBlock;
