/** A call that waits until a candidate has room for it, or a probe has shown that one has recovered. */
export interface Waiter {
  /** Whom it takes turns with: the session, or the call itself. */
  readonly group: string;
  /** Starts its next attempt if it can now; false where it still has to wait. */
  tryStart(): boolean;
}

/** How many calls may wait at once: the next one is refused instead. */
export const waiterLimit = 1_000;

/** The calls that wait, first in first out within a session, in turn between sessions. */
export class WaitingRoom {
  readonly #groups = new Map<string, Set<Waiter>>();
  #size = 0;
  #isServing = false;
  #isAskedAgain = false;

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= waiterLimit;
  }

  /** Takes a place; disposing the result leaves it. */
  enter(waiter: Waiter): Disposable {
    const group = this.#groups.get(waiter.group) ?? new Set();
    this.#groups.set(waiter.group, group);
    group.add(waiter);
    this.#size += 1;
    return { [Symbol.dispose]: () => this.#leave(waiter) };
  }

  /** Lets those go who can: one of each session in turn, until none can. Cheap where the room is empty. */
  serve(): void {
    if (this.#size === 0) return;
    // A started attempt may end at once, and ask for the next.
    if (this.#isServing) {
      this.#isAskedAgain = true;
      return;
    }
    this.#isServing = true;
    try {
      do {
        this.#isAskedAgain = false;
        while (this.#serveOnce()) if (this.#size === 0) break;
      } while (this.#isAskedAgain);
    } finally {
      this.#isServing = false;
    }
  }

  /** One pass over the sessions, each getting at most one turn; whether any went. */
  #serveOnce(): boolean {
    let hasServed = false;
    // The order changes on the way: who has had a turn goes to the end.
    const groups = [...this.#groups];
    for (const [name, group] of groups) {
      for (const waiter of group) {
        if (!waiter.tryStart()) continue;
        this.#leave(waiter);
        hasServed = true;
        this.#moveToEnd(name);
        break;
      }
    }
    return hasServed;
  }

  #moveToEnd(name: string): void {
    // Not the set that the turn began with: where a start emptied that and let another call in, the map holds a new one.
    const group = this.#groups.get(name);
    if (group === undefined) return;
    this.#groups.delete(name);
    this.#groups.set(name, group);
  }

  #leave(waiter: Waiter): void {
    const group = this.#groups.get(waiter.group);
    if (group?.delete(waiter) !== true) return;
    this.#size -= 1;
    if (group.size === 0) this.#groups.delete(waiter.group);
  }
}
