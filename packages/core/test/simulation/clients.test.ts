import { describe, expect, test } from "vitest";
import { Balancer, type Attempt } from "../../src/index.ts";
import { VirtualClock } from "../../src/testing/index.ts";

interface Asking {
  readonly client: string;
  readonly streams: number;
  readonly atMs: number;
  readonly priority?: number;
}

/** One provider with 20 places, streams of 10 s each, and all of `asking`; tells how long the streams of each client waited, in seconds. */
async function waits(
  asking: readonly Asking[],
): Promise<Readonly<Record<string, { served: number; mean: number; most: number }>>> {
  const clock = new VirtualClock();
  const provider = {
    name: "one",
    type: "anthropic",
    baseUrl: "https://one.example",
    auth: { type: "api_key", keys: ["key"] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    enabled: true,
    maxConcurrent: 20,
  } as const;
  const balancer = new Balancer(
    { providers: [provider], settings: { queueTimeoutMs: 600_000 } },
    { clock, random: () => 0.5 },
  );
  const waited = new Map<string, number[]>();
  const runStream = (attempt: Attempt): void => {
    attempt.report({ type: "response", status: 200, headers: {} });
    attempt.report({ type: "content" });
    clock.setTimer(10_000, () => {
      attempt.report({ type: "complete" });
      attempt[Symbol.dispose]();
    });
  };
  const begin = ({ client, priority }: Asking): void => {
    const startedAtMs = clock.now();
    const request = { model: "claude-opus", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };
    const call = balancer.open(request, { client, ...(priority !== undefined && { priority }) });
    const onTurn = (attempt: Attempt | undefined): void => {
      if (attempt === undefined) return;
      waited.set(client, [...(waited.get(client) ?? []), (clock.now() - startedAtMs) / 1_000]);
      runStream(attempt);
    };
    const attempt = call.next();
    if (attempt !== undefined) onTurn(attempt);
    else call.enter({ onTurn, onStillPending: () => undefined });
  };
  for (const one of asking)
    clock.setTimer(one.atMs, () => {
      for (let index = 0; index < one.streams; index += 1) begin(one);
    });
  await clock.advance(600_000);
  return Object.fromEntries(
    [...waited].map(([client, all]) => {
      const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
      return [client, { served: all.length, mean: Math.round(mean * 10) / 10, most: Math.max(...all) }];
    }),
  );
}

const others = Array.from({ length: 9 }, (_, index) => `c${index + 1}`);

describe("200 parallel streams at a provider with 20 places", () => {
  test("are divided between clients: one with many streams makes those with few wait for little", async () => {
    const few = others.slice(0, 8).map((client) => ({ client, streams: 5, atMs: 1_000 }));
    const report = await waits([
      { client: "hog", streams: 150, atMs: 0 },
      ...few,
      { client: "c9", streams: 10, atMs: 1_000 },
    ]);
    expect(report).toMatchInlineSnapshot(`
      {
        "c1": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c2": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c3": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c4": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c5": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c6": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c7": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c8": {
          "mean": 17,
          "most": 29,
          "served": 5,
        },
        "c9": {
          "mean": 23,
          "most": 29,
          "served": 10,
        },
        "hog": {
          "mean": 53.6,
          "most": 90,
          "served": 150,
        },
      }
    `);
    // First in, first out would have had each of them wait behind the 150: for 70 s and more.
    for (const client of others.slice(0, 8)) expect(report[client]?.most).toBeLessThanOrEqual(29);
    expect(report["hog"]?.served).toBe(150);
  });

  test("of ten clients with twenty each wait alike", async () => {
    const report = await waits(["c0", ...others].map((client) => ({ client, streams: 20, atMs: 0 })));
    const means = Object.values(report).map(({ mean }) => mean);
    // The first client finds the 20 places free; all others take turns.
    expect(means[0]).toBe(0);
    for (const mean of means.slice(1)) expect(Math.abs(mean - (means[1] ?? 0))).toBeLessThanOrEqual(4);
    for (const { served } of Object.values(report)) expect(served).toBe(20);
  });

  test("go by priority first", async () => {
    const report = await waits([
      { client: "batch", streams: 150, atMs: 0 },
      { client: "people", streams: 50, atMs: 1_000, priority: 1 },
    ]);
    expect(report["people"]?.most).toBeLessThanOrEqual(29);
    expect(report["batch"]?.served).toBe(150);
  });
});
