import { randomBytes } from "node:crypto";
import { PartSums } from "./ledger-parts.ts";
import type { UsageRow } from "./usage-row.ts";
import type { UsageSource, UsageStore } from "./usage-store.ts";

/** The most rows that are kept; beyond it the oldest hours are forgotten. */
const maxRows = 20_000;

/** Keeps usage in memory, for a server without a folder: until it ends, and the latest hours alone. */
export class UsageMemory implements UsageStore, UsageSource {
  /** Of this process: the next one begins at 0. */
  readonly id: string = newLedgerId();
  readonly #sums = new PartSums();

  async append(rows: readonly UsageRow[]): Promise<void> {
    this.add(rows);
  }

  /** Adds rows at once. */
  add(rows: readonly UsageRow[]): void {
    for (const row of rows) this.#sums.add(row);
    if (this.#sums.size > maxRows) this.#sums.keepNewest(maxRows / 2);
  }

  async read(from: string): Promise<readonly UsageRow[]> {
    return this.#sums.rows().filter(({ hour }) => hour >= from);
  }

  readonly changes: UsageSource["changes"] = async () => ({ type: "parts", parts: this.#sums.takeChanged() });

  readonly all: UsageSource["all"] = async function* (this: UsageMemory, fromDay: string) {
    yield this.#sums.takeAll(fromDay);
  }.bind(this);

  async close(): Promise<void> {}
}

/** Makes a name that no other ledger has. */
export function newLedgerId(): string {
  return randomBytes(9).toString("hex");
}
