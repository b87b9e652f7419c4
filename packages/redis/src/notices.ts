import type { ReplicaNotice } from "./replica-status.ts";

const windowMs = 60_000;
const mostInWindow = 20;

/** Lets notices through at a rate that a log can bear: the same one once a minute, and no more than 20 of all. */
export class Notices {
  readonly #tell: ((notice: ReplicaNotice) => void) | undefined;
  readonly #told = new Set<string>();
  #windowFromMs = -Infinity;
  #inWindow = 0;

  constructor(tell: ((notice: ReplicaNotice) => void) | undefined) {
    this.#tell = tell;
  }

  /** @param cause - Cause that several notices may share: one a minute is passed on for each cause. Default: the notice's reason. */
  add(notice: ReplicaNotice, nowMs: number, cause?: string): void {
    if (nowMs - this.#windowFromMs >= windowMs) {
      this.#windowFromMs = nowMs;
      this.#inWindow = 0;
      this.#told.clear();
    }
    const isRepeated = "reason" in notice && notice.type !== "disconnected";
    const text = isRepeated ? `${notice.type} ${cause ?? notice.reason}` : undefined;
    if (text !== undefined && this.#told.has(text)) return;
    if (this.#inWindow >= mostInWindow) return;
    this.#inWindow += 1;
    if (text !== undefined) this.#told.add(text);
    this.#tell?.(notice);
  }
}
