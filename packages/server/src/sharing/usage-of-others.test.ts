import { describe, expect, it } from "vitest";
import type { UsageQuery } from "../usage/usage-report.ts";
import { type LedgerReader, OthersUsage } from "./usage-of-others.ts";

const query = (since: string): UsageQuery => ({ by: "client", since, timeZone: "UTC" });

/** A Redis that answers when it is told to, and notes how many questions it has at once. */
class SlowReader implements LedgerReader {
  readonly asked: string[] = [];
  atOnce = 0;
  most = 0;
  readonly #waiting: (() => void)[] = [];

  readonly readLedgers: LedgerReader["readLedgers"] = async (fromDay) => {
    this.asked.push(fromDay);
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.atOnce -= 1;
    if (fromDay === "2026-11-02") throw new Error("not this one");
    return { parts: [], isComplete: true };
  };

  async answerAll(): Promise<void> {
    for (let turn = 0; turn < 200; turn += 1) {
      this.#waiting.shift()?.();
      await Promise.resolve();
    }
  }
}

describe("usage of other servers", () => {
  it("is read for one question at a time, and once for all that ask the same meanwhile", async () => {
    const reader = new SlowReader();
    const others = new OthersUsage(reader);
    const days = ["2026-11-01T00", "2026-11-02T00", "2026-11-03T00"];
    const answers = Promise.allSettled(Array.from({ length: 30 }, (_, index) => others.read(query(days[index % 3]!))));
    await reader.answerAll();
    const states = (await answers).map(({ status }) => status);
    expect(reader.most).toBe(1);
    expect(reader.asked).toEqual(["2026-11-01", "2026-11-02", "2026-11-03"]);
    expect(states.slice(0, 3)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const later = others.read(query("2026-11-01T00"));
    await reader.answerAll();
    expect(await later).toEqual({ state: "included", groups: [] });
    expect(reader.asked).toHaveLength(4);
  });
});
