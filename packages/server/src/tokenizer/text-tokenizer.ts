import { Worker } from "node:worker_threads";

/** Message to the thread, and its answer. */
export interface CountRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

export interface CountReply {
  readonly id: number;
  readonly counts: readonly number[];
}

// The vocabulary takes half a second to load on a slow machine, and 60 MB while it is there.
const answerMs = 5_000;
const idleMs = 10 * 60_000;
// Beyond it requests come faster than the thread can count: they get an estimate.
const maxWaiting = 100;
// Of the texts of all counts that wait, in UTF-16 units: each is copied to the thread. Twice the largest request.
const maxWaitingUnits = 64 * 1024 * 1024;

export interface TextTokenizerOptions {
  /** The thread's module; default: that of the build. */
  readonly script?: URL;
  readonly answerMs?: number;
  readonly idleMs?: number;
}

type Settle = (counts: readonly number[] | undefined) => void;

/** Counts texts by o200k in a thread of its own, started at the first count and ended when it idles, so that no answer waits for a vocabulary. */
export class TextTokenizer implements Disposable {
  readonly #options: TextTokenizerOptions;
  readonly #waiting = new Map<number, Settle>();
  #waitingUnits = 0;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 0;

  constructor(options: TextTokenizerOptions = {}) {
    this.#options = options;
  }

  /** The tokens of each text; undefined where the thread cannot be had, has too much to do, or does not answer in time. */
  readonly countTexts = (texts: readonly string[]): Promise<readonly number[] | undefined> =>
    new Promise((resolve) => {
      const units = texts.reduce((sum, { length }) => sum + length, 0);
      if (this.#waiting.size >= maxWaiting || this.#waitingUnits + units > maxWaitingUnits) {
        resolve(undefined);
        return;
      }
      this.#waitingUnits += units;
      const id = this.#nextId;
      this.#nextId += 1;
      const settle: Settle = (counts) => {
        clearTimeout(deadline);
        if (!this.#waiting.delete(id)) return;
        this.#waitingUnits -= units;
        resolve(counts);
        if (this.#waiting.size === 0 && this.#worker) this.#startIdling();
      };
      const deadline = setTimeout(() => this.#end(), this.#options.answerMs ?? answerMs);
      this.#waiting.set(id, settle);
      clearTimeout(this.#idle);
      const request: CountRequest = { id, texts };
      this.#thread().postMessage(request);
    });

  [Symbol.dispose](): void {
    this.#end();
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#options.script ?? new URL("./o200k-thread.js", import.meta.url), {
      // The thread must not inherit options of the process, such as a debugger's port.
      execArgv: [],
    });
    worker.unref();
    worker.on("message", ({ id, counts }: CountReply) => this.#waiting.get(id)?.(counts));
    worker.on("error", () => this.#forget(worker)); // the estimate answers; the next count tries again
    worker.on("exit", () => this.#forget(worker));
    this.#worker = worker;
    return worker;
  }

  #startIdling(): void {
    this.#idle = setTimeout(() => this.#end(), this.#options.idleMs ?? idleMs);
    this.#idle.unref();
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#end();
  }

  /** Ends the thread; waiting callers get no count. */
  #end(): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    for (const settle of this.#waiting.values()) settle(undefined);
  }
}
