/** A call that waits until a candidate has room for it, or a probe has shown that one has recovered. */
export interface Waiter {
  /** The name of the client that it is of; undefined: of none that has a name. */
  readonly client?: string | undefined;
  /** Clients with a higher one go first; default 0. */
  readonly priority?: number | undefined;
  /** Group that takes turns among the calls of its client: the session, or the call itself. */
  readonly group: string;
  /** Starts its next attempt if it can now; false where it still has to wait. */
  tryStart(): boolean;
}

/** Largest number of waiting calls; a further one is refused. */
export const waiterLimit = 1_000;
/** Largest number of waiting calls of one named client. */
const clientLimit = 500;

/** The calls of one client that wait, by session. */
interface Party {
  readonly priority: number;
  readonly groups: Map<string, Set<Waiter>>;
  size: number;
}

const unnamed = "";

/**
 * The calls that wait. Clients of the highest priority go first; clients of one priority take turns, and so do the sessions of one client; within a
 * session the first in goes first out. All calls of clients without names are those of one client.
 */
export class WaitingRoom {
  readonly #parties = new Map<string, Party>();
  #size = 0;
  #isServing = false;
  #isAskedAgain = false;

  get size(): number {
    return this.#size;
  }

  /** Decides whether a call of `client` (undefined: without a name) has to be refused instead of waiting. */
  isFullFor(client: string | undefined): boolean {
    if (this.#size >= waiterLimit) return true;
    return client !== undefined && (this.#parties.get(client)?.size ?? 0) >= clientLimit;
  }

  /** Takes a place; disposing the result leaves it. */
  enter(waiter: Waiter): Disposable {
    const { client = unnamed, priority = 0 } = waiter;
    const party = this.#parties.get(client) ?? { priority, groups: new Map<string, Set<Waiter>>(), size: 0 };
    this.#parties.set(client, party);
    const group = party.groups.get(waiter.group) ?? new Set();
    party.groups.set(waiter.group, group);
    group.add(waiter);
    party.size += 1;
    this.#size += 1;
    return { [Symbol.dispose]: () => this.#leave(waiter) };
  }

  /** Lets those go who can: one of each client and session in turn, until none can. Cheap where the room is empty. */
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
        const priorities = new Set([...this.#parties.values()].map(({ priority }) => priority));
        for (const priority of [...priorities].sort((one, other) => other - one)) this.#servePriority(priority);
      } while (this.#isAskedAgain);
    } finally {
      this.#isServing = false;
    }
  }

  #servePriority(priority: number): void {
    while (this.#size > 0 && this.#serveOnce(priority));
  }

  /** One pass over the clients of a priority, each getting at most one turn; whether any went. */
  #serveOnce(priority: number): boolean {
    let hasServed = false;
    // The order changes on the way: a client that has had a turn goes to the end.
    const parties = [...this.#parties];
    for (const [name, party] of parties) {
      if (party.priority !== priority || !this.#serveParty(party)) continue;
      hasServed = true;
      moveToEnd(this.#parties, name);
    }
    return hasServed;
  }

  /** Gives one call of a client its turn: of the first session that has one which can go. */
  #serveParty({ groups }: Party): boolean {
    const sessions = [...groups];
    for (const [name, group] of sessions) {
      for (const waiter of group) {
        if (!waiter.tryStart()) continue;
        this.#leave(waiter);
        moveToEnd(groups, name);
        return true;
      }
    }
    return false;
  }

  #leave(waiter: Waiter): void {
    const { client = unnamed } = waiter;
    const party = this.#parties.get(client);
    const group = party?.groups.get(waiter.group);
    if (party === undefined || group?.delete(waiter) !== true) return;
    this.#size -= 1;
    party.size -= 1;
    if (group.size === 0) party.groups.delete(waiter.group);
    if (party.size === 0) this.#parties.delete(client);
  }
}

/** Moves an entry to the end. It reads the value again: if a start emptied a set and another call came in, the map holds a new one. */
function moveToEnd<Value>(map: Map<string, Value>, name: string): void {
  const value = map.get(name);
  if (value === undefined) return;
  map.delete(name);
  map.set(name, value);
}
