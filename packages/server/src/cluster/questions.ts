import { systemClock } from "@ccpb/core";

// A process that does not answer is asked again by every status page and every scrape of the metrics.
const maxWaiting = 1_000;

/** Questions to another process that wait for their answers. */
export class Questions {
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;

  /**
   * Resolves with the answer; with `undefined` after `withinMs`, when `cancel` says that none will come, or at once while 1,000 others wait. `send` gets
   * the question's id.
   */
  ask(send: (id: number) => void, withinMs: number): Promise<unknown> {
    if (this.#waiting.size >= maxWaiting) return Promise.resolve(undefined);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const settle = (answer: unknown): void => {
        limit[Symbol.dispose]();
        this.#waiting.delete(id);
        resolve(answer);
      };
      // Reads first what has come while this process stood still: an answer that is there is not too late.
      const limit = systemClock.setTimer(withinMs, () => settle(undefined));
      this.#waiting.set(id, settle);
      send(id);
    });
  }

  answer(id: number, answer: unknown): void {
    this.#waiting.get(id)?.(answer);
  }

  cancel(): void {
    for (const settle of this.#waiting.values()) settle(undefined);
  }
}
