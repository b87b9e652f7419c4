import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { CallTrace } from "@ccpb/core";
import { describe, expect, it, vi } from "vitest";
import { Ledger } from "./ledger.ts";
import { UsageFiles } from "./usage-files.ts";
import { UsageMemory } from "./usage-memory.ts";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import type { UsageStore } from "./usage-store.ts";
import { knownPrices } from "./prices.ts";
import { type UsageRow, UsageSums } from "./usage-row.ts";
import { sampleRow as row, totals, used } from "../../test/usage/usage-samples.ts";

const trace = (change: Partial<CallTrace> = {}): CallTrace =>
  ({
    callId: "c",
    requestedModel: "claude-opus",
    stream: true,
    client: "alice",
    state: "complete",
    status: 200,
    durationMs: 1,
    attempts: [
      { provider: "a", keyIndex: 0, model: "m1", outcome: "failed" },
      { provider: "b", keyIndex: 1, model: "claude-opus-4-8", outcome: "complete" },
    ],
    usage: used({ inputTokens: 1_000, outputTokens: 10, thinkingTokens: 4 }),
    ...change,
  }) as CallTrace;

const nowMs = Date.UTC(2026, 10, 29, 3, 20);
const ledgerWith = (store: UsageStore, problems: unknown[] = []): Ledger =>
  new Ledger({
    store,
    prices: () => knownPrices,
    now: () => nowMs,
    onProblem: (one) => problems.push(one),
    flushMs: 1e8,
  });

/** Lets promises go on, and nothing else: no timer, no I/O. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe("the ledger", () => {
  it("counts a call where it ended, and its failures where they happened", async () => {
    const ledger = ledgerWith(new UsageMemory());
    ledger.record(trace());
    ledger.record(trace({ attempts: [], usage: undefined as never }));
    expect(await ledger.rows("2026-11-29T00")).toEqual([
      row({ provider: "a", model: "m1", calls: 0, failures: 1, input: 0, cost: {} }),
      row({
        provider: "b",
        key: 2,
        model: "claude-opus-4-8",
        input: 1_000,
        output: 10,
        thinking: 4,
        cost: { USD: 5_250_000 },
      }),
    ]);
    expect(await ledger.rows("2026-11-29T04")).toEqual([]);
    await ledger.close();
  });

  it("counts calls whose price is not known", async () => {
    const ledger = ledgerWith(new UsageMemory());
    ledger.record(trace({ attempts: [{ provider: "a", keyIndex: 0, model: "mine", outcome: "complete" }] as never }));
    expect(await ledger.rows("")).toMatchObject([{ unpriced: 1, cost: {} }]);
    await ledger.close();
  });

  it("keeps what its store does not take, and tells of the trouble once", async () => {
    const problems: unknown[] = [];
    const full = new Error("full");
    let isFull = true;
    const kept = new UsageSums();
    const store: UsageStore = {
      append: async (rows) => {
        if (isFull) throw full;
        for (const one of rows) kept.add(one, one);
      },
      read: async () => kept.rows(),
      close: async () => undefined,
    };
    const ledger = ledgerWith(store, problems);
    for (let round = 0; round < 3; round += 1) {
      ledger.record(trace());
      await ledger.flush();
    }
    expect(totals(await ledger.rows("")).calls).toBe(3);
    isFull = false;
    await ledger.flush();
    expect(problems).toEqual([full, undefined]);
    expect(totals(kept.rows()).calls).toBe(3);
    await ledger.close();
  });

  it.each([
    ["the month before", "2026-10"],
    ["the new month", "2026-11"],
  ])("counts nothing twice where only %s cannot be written at the turn of a month", async (_which, broken) => {
    using folder = new TemporaryFolder();
    const store = new UsageFiles({ folder: folder.path });
    // A folder of its name is a file that cannot be written.
    const file = join(folder.path, `usage-${broken}.jsonl`);
    mkdirSync(file);
    let timeMs = Date.UTC(2026, 9, 31, 23, 59);
    const problems: unknown[] = [];
    const onProblem = (one: unknown): void => void problems.push(one);
    const ledger = new Ledger({ store, prices: () => knownPrices, now: () => timeMs, onProblem, flushMs: 1e8 });
    ledger.record(trace());
    timeMs += 120_000;
    ledger.record(trace());
    for (let times = 0; times < 4; times += 1) await ledger.flush();
    rmdirSync(file);
    for (let times = 0; times < 2; times += 1) await ledger.flush();
    const kept = await store.read("2026-10");
    const calls = (month: string): number =>
      kept.filter(({ hour }) => hour.startsWith(month)).reduce((sum, row) => sum + row.calls, 0);
    expect([calls("2026-10"), calls("2026-11")]).toEqual([1, 1]);
    expect(problems).toEqual([expect.objectContaining({ code: "EISDIR" }), undefined]);
    await ledger.close();
  });

  it("hands a call that ends alone over before anything else runs, and others when they are due, without a timer", async () => {
    const kept = new UsageSums();
    const store: UsageStore = {
      append: async (rows) => rows.forEach((one) => kept.add(one, one)),
      read: async () => kept.rows(),
      close: async () => undefined,
    };
    const ledger = new Ledger({ store, prices: () => [], now: () => nowMs, onProblem: () => undefined, flushMs: 1 });
    for (const calls of [1, 2]) {
      const startedAtMs = performance.now();
      while (performance.now() < startedAtMs + 2); // the event loop stands still
      ledger.record(trace());
      await microtasks();
      expect(totals(kept.rows()).calls).toBe(calls);
    }
    await ledger.close();
  });

  it("hands over what came during a slow write after that, and once", async () => {
    const writes: number[] = [];
    const slow: (() => void)[] = [];
    const store: UsageStore = {
      append: (rows) => {
        writes.push(totals(rows).calls);
        return new Promise((resolve) => slow.push(resolve));
      },
      read: async () => [],
      close: async () => undefined,
    };
    const ledger = ledgerWith(store);
    ledger.record(trace());
    const flushed = ledger.flush();
    await vi.waitFor(() => expect(writes).toEqual([1]), 30_000);
    ledger.record(trace());
    ledger.record(trace());
    slow.shift()?.();
    await flushed;
    const closed = ledger.close();
    await vi.waitFor(() => expect(writes).toEqual([1, 2]), 30_000);
    slow.shift()?.();
    await closed;
    expect(writes).toEqual([1, 2]);
  });

  it("keeps the latest hours where it has no store, and not more than it can", async () => {
    let hours = 0;
    const ledger = new Ledger({
      store: new UsageMemory(),
      prices: () => [],
      now: () => nowMs + hours * 3_600_000,
      onProblem: () => undefined,
      flushMs: 1e8,
    });
    for (; hours < 41_000; hours += 1) {
      ledger.record(trace({ attempts: [{ provider: "a", keyIndex: 0, model: "m", outcome: "complete" }] as never }));
      if (hours % 5_000 === 0) await ledger.flush();
    }
    const rows = await ledger.rows("");
    expect(rows.length).toBeLessThanOrEqual(20_000);
    expect(
      rows
        .map(({ hour }) => hour)
        .toSorted()
        .at(-1),
    ).toBe(new Date(nowMs + 40_999 * 3_600_000).toISOString().slice(0, 13));
    await ledger.close();
  });

  it("stays small whatever models clients name", async () => {
    const rows: UsageRow[] = [];
    const ledger = ledgerWith({
      append: async (added) => void rows.push(...added),
      read: async () => [],
      close: async () => {},
    });
    for (let index = 0; index < 21_000; index += 1) {
      ledger.record(
        trace({ attempts: [{ provider: "a", keyIndex: 0, model: `m${index}`, outcome: "complete" }] as never }),
      );
    }
    await ledger.flush();
    expect(rows).toHaveLength(20_001);
    expect(totals(rows).calls).toBe(21_000);
  });
});
