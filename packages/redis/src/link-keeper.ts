import type { Clock } from "@ccpb/core";
import { reconnectDelayMs } from "./backoff.ts";
import { type Link, type OpenLink, RefusedError } from "./link.ts";
import type { ReplicaState } from "./replica-status.ts";

/** Parts that every user of a connection is given. */
export interface KeptLinkOptions {
  readonly open: OpenLink;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called each time the store refuses a command, or the channel. */
  readonly onRefused: (error: RefusedError) => void;
}

export interface LinkKeeperOptions extends KeptLinkOptions {
  readonly onUp: () => void;
  readonly onDown: (error: unknown) => void;
  readonly onMessage: (text: string) => void;
  readonly onTooLong: (bytes: number) => void;
}

const openWithinMs = 3_000;
const answerWithinMs = 1_000;

/** Keeps one connection to the store: opens it, gives up on it when it hangs, and opens the next one after a pause that grows. */
export class LinkKeeper {
  readonly #options: LinkKeeperOptions;
  #link: Link | undefined;
  #opening: AbortController | undefined;
  #pause: Disposable | undefined;
  #failures = 0;
  #state: ReplicaState = "connecting";
  #sinceMs: number;
  /** Resolves when the first connection is open or has failed, 3 seconds after the start at the latest. */
  readonly firstTry: Promise<void>;
  #endFirstTry = (): void => undefined;

  constructor(options: LinkKeeperOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
    this.firstTry = new Promise((resolve) => {
      this.#endFirstTry = resolve;
    });
    this.#open();
  }

  get state(): ReplicaState {
    return this.#state;
  }

  get forMs(): number {
    return this.#options.clock.now() - this.#sinceMs;
  }

  /** Runs one operation. `undefined`: there is no connection, it was lost over this (a second without an answer loses it), or the store refused. */
  async run<T>(operation: (link: Link) => Promise<T>): Promise<T | undefined> {
    const link = this.#link;
    if (link === undefined) return undefined;
    let limit: Disposable | undefined;
    const silence = new Promise<never>((_, reject) => {
      const tooLong = (): void => reject(new Error(`no answer within ${answerWithinMs} ms`));
      limit = this.#options.clock.setTimer(answerWithinMs, tooLong);
    });
    try {
      const answer = await Promise.race([operation(link), silence]);
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (error instanceof RefusedError) this.#options.onRefused(error);
      else this.#lose(link, error);
      return undefined;
    } finally {
      limit?.[Symbol.dispose]();
    }
  }

  close(): void {
    this.#enter("closed");
    this.#pause?.[Symbol.dispose]();
    this.#opening?.abort();
    const link = this.#link;
    this.#link = undefined;
    link?.close();
  }

  #open(): void {
    const { clock, open, onMessage, onTooLong } = this.#options;
    const opening = new AbortController();
    this.#opening = opening;
    let link: Link | undefined;
    const settle = (opened: Link | undefined, error: unknown): void => {
      if (opening.signal.aborted || link !== undefined) {
        opened?.close();
        return;
      }
      limit[Symbol.dispose]();
      link = opened;
      if (opened !== undefined) this.#up(opened);
      else {
        opening.abort();
        this.#down(error);
      }
    };
    const limit = clock.setTimer(openWithinMs, () =>
      settle(undefined, new Error(`no connection within ${openWithinMs} ms`)),
    );
    const listener = {
      onMessage: (text: string) => {
        if (this.#state !== "closed") onMessage(text);
      },
      onTooLong: (bytes: number) => {
        if (this.#state !== "closed") onTooLong(bytes);
      },
      onLost: (error: unknown) => {
        if (link !== undefined) this.#lose(link, error);
      },
    };
    open(listener, opening.signal).then(
      (opened) => settle(opened, undefined),
      (error: unknown) => settle(undefined, error),
    );
  }

  #up(link: Link): void {
    this.#link = link;
    this.#enter("connected");
    this.#options.onUp();
    this.#endFirstTry();
  }

  #lose(link: Link, error: unknown): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    link.close();
    this.#down(error);
  }

  #down(error: unknown): void {
    // Before the first connection, and between two, a failed attempt is no change of state.
    if (this.#state === "connected") this.#enter("disconnected");
    const { clock, random, onDown } = this.#options;
    this.#pause = clock.setTimer(reconnectDelayMs(this.#failures, random()), () => this.#open());
    this.#failures += 1;
    onDown(error);
    this.#endFirstTry();
  }

  #enter(state: ReplicaState): void {
    this.#state = state;
    this.#sinceMs = this.#options.clock.now();
  }
}
