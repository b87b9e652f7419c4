import { addCounts, addSpent, type ClientCounts, type CountsNews, type Spent } from "./client-counts.ts";

/** Holds what clients have used outside of this process: in others of this server, in other servers, and before it began. */
export class CountsElsewhere {
  /** Usage before this process began, from the ledger. */
  #before: ClientCounts = {};
  /** Other processes of this server, by number. */
  readonly #workers = new Map<string, ClientCounts>();
  /** Other servers, by name. */
  readonly #hosts = new Map<string, ClientCounts>();
  /** The sum of each; made anew when one of its counts changes. */
  #inWorkers: ClientCounts = {};
  #inHosts: ClientCounts = {};
  #version = 0;

  /** A number that changes with every news, so that sums made before can be kept until then. */
  get version(): number {
    return this.#version;
  }

  /** Takes in news; returns the counts that the same origin has told before. */
  hear({ kind, origin, counts }: CountsNews): ClientCounts | undefined {
    this.#version += 1;
    if (kind === "before") {
      this.#before = counts ?? {};
      return undefined;
    }
    const all = kind === "worker" ? this.#workers : this.#hosts;
    const before = all.get(origin);
    if (counts === null) all.delete(origin);
    else all.set(origin, counts);
    if (kind === "worker") this.#inWorkers = addCounts(all.values());
    else this.#inHosts = addCounts(all.values());
    return before;
  }

  /** Returns the number of requests that a client has under way in other processes. */
  running(client: string): number {
    return (this.#inWorkers[client]?.running ?? 0) + (this.#inHosts[client]?.running ?? 0);
  }

  /** Returns what a client has used in a period; undefined for nothing. `span` as `spanName` has it. */
  spent(client: string, span: string, period: string): Spent | undefined {
    const of = (counts: ClientCounts): Spent | undefined => {
      const spent = Object.hasOwn(counts, client) ? counts[client]?.spent[span] : undefined;
      return spent?.period === period ? spent : undefined;
    };
    // The counts of other servers and the ledger both include what this one counted before its restart: the larger one is complete.
    return addSpent(of(this.#inWorkers), larger(of(this.#before), of(this.#inHosts)));
  }
}

function larger(one: Spent | undefined, other: Spent | undefined): Spent | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const cost: Record<string, number> = { ...one.cost };
  for (const [currency, amount] of Object.entries(other.cost)) cost[currency] = Math.max(cost[currency] ?? 0, amount);
  return { period: one.period, tokens: Math.max(one.tokens, other.tokens), cost };
}
