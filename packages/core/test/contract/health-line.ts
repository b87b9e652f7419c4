import { type HealthChange, type HealthReplica, parseHealthChange } from "../../src/index.ts";

/** Carries what one process publishes to the others at once, as JSON. `isSameHost` is what a primary says of its workers. */
export class HealthLine {
  readonly #applies = new Set<(change: HealthChange) => void>();
  readonly #sent: HealthChange[] = [];

  replica(isSameHost: boolean): HealthReplica {
    const own = new Set<(change: HealthChange) => void>();
    return {
      publish: (change) => {
        // Another host receives JSON and reads it with its parser.
        const read = isSameHost ? structuredClone(change) : parseHealthChange(JSON.parse(JSON.stringify(change)));
        this.#sent.push(change);
        if (read === undefined) return;
        for (const apply of this.#applies) if (!own.has(apply)) apply(isSameHost ? { ...read, isSameHost } : read);
      },
      subscribe: (apply) => {
        own.add(apply);
        this.#applies.add(apply);
        return { [Symbol.dispose]: () => void this.#applies.delete(apply) };
      },
    };
  }

  /** Returns what was published with this member, in order. */
  sentWith(member: "lessons" | "quotas"): readonly HealthChange[] {
    return this.#sent.filter(({ [member]: told }) => told !== undefined);
  }

  say(change: HealthChange): void {
    for (const apply of this.#applies) apply(change);
  }
}
