const decoder = new TextDecoder();
const windowMs = 2_000;
const settledMs = 1_000;

/** Members of events in which the text of an answer comes piece by piece, by the end of the path at which the client asks. */
const pieces: readonly (readonly [end: string, form: RegExp])[] = [
  ["/messages", /"(?:text|thinking|partial_json)":"((?:[^"\\]|\\.)*)"/g],
  ["/chat/completions", /"(?:content|reasoning|reasoning_content|arguments)":"((?:[^"\\]|\\.)*)"/g],
  ["/responses", /"delta":"((?:[^"\\]|\\.)*)"/g],
];

/**
 * Estimates how fast a stream is answered, in tokens a second over the last two seconds, from the text in the bytes that its client gets. A piece that two
 * chunks share is left out.
 */
export class SpeedMeter {
  readonly #form: RegExp | undefined;
  #sinceMs: number;
  #tokens = 0;
  #lastPerSecond: number | null = null;

  /** `path`: of the request; `nowMs`: monotonic. */
  constructor(path: string, nowMs: number) {
    this.#form = pieces.find(([end]) => path.endsWith(end))?.[1];
    this.#sinceMs = nowMs;
  }

  /** Takes what goes to the client. */
  add(bytes: Uint8Array, nowMs: number): void {
    if (this.#form === undefined) return;
    if (nowMs - this.#sinceMs >= windowMs) {
      this.#lastPerSecond = this.#perSecond(nowMs);
      this.#sinceMs = nowMs;
      this.#tokens = 0;
    }
    for (const [, text = ""] of decoder.decode(bytes).matchAll(this.#form)) this.#tokens += tokensOf(text);
  }

  /** Tokens a second; null before there is a second to go by. */
  perSecond(nowMs: number): number | null {
    return nowMs - this.#sinceMs >= settledMs ? this.#perSecond(nowMs) : this.#lastPerSecond;
  }

  #perSecond(nowMs: number): number {
    return Math.round((this.#tokens * 1_000) / (nowMs - this.#sinceMs));
  }
}

/** About four characters of ASCII a token, and one and a half of any other script. */
function tokensOf(text: string): number {
  let others = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) others += 1;
  return (text.length - others) / 4 + others / 1.5;
}
