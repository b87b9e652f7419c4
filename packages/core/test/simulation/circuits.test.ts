import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { answerFor, providerNamed, seeded, World } from "./world.ts";

const one = [providerNamed("first")];
const three = ["first", "second", "third"].map((name) => providerNamed(name));
const bare429 = { status: 429, body: "{}" };

/** The wait of the official SDKs before retry `round`, from 0: 0.5 s doubling to 8 s, less up to a quarter. */
function backoffMs(round: number, random: () => number): number {
  return Math.min(8_000, 500 * 2 ** round) * (1 - random() * 0.25);
}

/** How long ten clients take that ask a provider directly, which takes `limit` streams of `streamMs`. */
async function directMs(seed: number, limit: number, streamMs: number): Promise<number> {
  const clock = new VirtualClock();
  const random = seeded(seed);
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
  let open = 0;
  let lastMs = 0;
  let left = 10;
  const client = async (): Promise<void> => {
    for (let round = 0; open >= limit; round += 1) await sleep(backoffMs(round, random));
    open += 1;
    await sleep(streamMs);
    open -= 1;
    left -= 1;
    lastMs = clock.now();
  };
  for (let index = 0; index < 10; index += 1) void client();
  while (left > 0) await clock.advance(250);
  return lastMs;
}

async function proxiedMs(seed: number, limit: number, streamMs: number): Promise<{ ms: number; most: number }> {
  const world = new World({
    providers: one,
    seed,
    answer: (_asked, open) => (open > limit ? bare429 : answerFor(streamMs)),
  });
  const client = async (index: number): Promise<void> => {
    for (let round = 0; ; round += 1) {
      const ending = await world.ask({ text: `agent ${index}`, session: `agent ${index}` });
      if (ending.isServed) return;
      await world.sleep(ending.retryAfterMs ?? backoffMs(round, world.random));
    }
  };
  await world.until(Promise.all(Array.from({ length: 10 }, (_, index) => client(index))));
  return { ms: Math.max(...world.traces.map(() => world.clock.now())), most: world.most.get("first") ?? 0 };
}

describe("ten parallel clients at a provider that takes three streams and answers 429 without a wait", () => {
  it.each([1_000, 2_500, 6_000, 20_000])(
    "take at most 1.5 times as long as without a proxy (streams of %i ms)",
    async (streamMs) => {
      for (const seed of [1, 2, 3]) {
        const direct = await directMs(seed, 3, streamMs);
        const { ms } = await proxiedMs(seed, 3, streamMs);
        expect(ms, `direct ${direct}`).toBeLessThanOrEqual(direct * 1.5);
      }
    },
  );

  it("never exceed a max_concurrent that says so, and none gets a 429", async () => {
    const world = new World({
      providers: [providerNamed("first", { maxConcurrent: 3 })],
      answer: (_asked, open) => (open > 3 ? bare429 : answerFor(2_000)),
    });
    const asked = Array.from({ length: 10 }, (_, index) => world.ask({ text: `agent ${index}`, session: `${index}` }));
    const endings = await world.until(Promise.all(asked));
    expect(endings.map(({ isServed }) => isServed)).toEqual(endings.map(() => true));
    expect(world.most.get("first")).toBe(3);
    expect(world.asked.length).toBe(10);
  });
});

describe("a single provider", () => {
  it.each(Object.keys(faults).filter((name) => faults[name]?.cost !== "stated"))(
    "is back for the next request after one fault: %s",
    async (name) => {
      let isFirst = true;
      const world = new World({
        providers: one,
        answer: () => {
          const reply = isFirst ? faults[name]?.reply : undefined;
          isFirst = false;
          return reply ?? answerFor();
        },
      });
      await world.until(world.ask({ text: "the first" }));
      const next = await world.until(world.ask({ text: "the next" }));
      expect(next).toMatchObject({ isServed: true, status: 200 });
      expect(next.endedAtMs - next.startedAtMs).toBeLessThanOrEqual(1_000);
    },
  );

  it("gives no 503 later than the next probe after its recovery, and is asked once per probe while it is down", async () => {
    for (const kind of ["500", "529", "connection refused", "a 200 of HTML"]) {
      for (const downMs of [700, 5_000, 30_000, 200_000]) {
        const world = new World({
          providers: one,
          answer: ({ atMs }) => (atMs < downMs ? (faults[kind]?.reply ?? {}) : answerFor()),
        });
        const late: number[] = [];
        const client = async (index: number): Promise<void> => {
          for (let round = 0; world.clock.now() < downMs + 130_000; round += 1) {
            const { isServed, startedAtMs, endedAtMs } = await world.ask({
              text: `${index} ${round}`,
              session: `${index}`,
            });
            if (!isServed && startedAtMs > downMs) late.push(endedAtMs);
            await world.sleep(500 + world.random() * 2_000);
          }
        };
        await world.until(Promise.all(Array.from({ length: 20 }, (_, index) => client(index))));
        const down = world.asked.filter(({ atMs }) => atMs < downMs).map(({ atMs }) => atMs);
        const recovery = world.asked.find(({ atMs }) => atMs >= downMs)?.atMs ?? Number.POSITIVE_INFINITY;
        // Waits of 1, 2, 4 … seconds up to the base; nothing fails after the first probe that finds it up.
        expect(
          late.every((atMs) => atMs <= recovery),
          `${kind} ${downMs}`,
        ).toBe(true);
        expect(recovery - downMs, `${kind} ${downMs}`).toBeLessThanOrEqual(
          Math.min(60_000, Math.max(1_000, downMs)) + 1_000,
        );
        // Those that were under way together when it went down, and one for each probe after that.
        const probes = down.filter((atMs) => atMs > 500);
        const gaps = probes.slice(1).map((atMs, index) => atMs - (probes[index] ?? 0));
        expect(
          gaps.filter((gapMs) => gapMs < 990),
          `${kind} ${downMs}`,
        ).toEqual([]);
        expect(probes.length).toBeLessThanOrEqual(8 + downMs / 60_000);
      }
    }
  });
});

describe("a network that is away for 2 s", () => {
  it.each(["no route", "no resolver", "connection refused", "host name unknown", "reset"])(
    "costs a few seconds, and no provider its place: %s",
    async (kind) => {
      for (const providers of [one, three]) {
        const world = new World({
          providers,
          answer: ({ atMs }) => (atMs >= 10_000 && atMs < 12_000 ? (faults[kind]?.reply ?? {}) : answerFor()),
        });
        const lost: number[] = [];
        const client = async (index: number): Promise<void> => {
          for (let round = 0; world.clock.now() < 60_000; round += 1) {
            const { isServed, endedAtMs } = await world.ask({ text: `${index} ${round}`, session: `${index}` });
            if (!isServed) lost.push(endedAtMs);
            await world.sleep(200 + world.random() * 800);
          }
        };
        await world.until(Promise.all(Array.from({ length: 6 }, (_, index) => client(index))));
        expect(lost.filter((atMs) => atMs > 14_500)).toEqual([]);
        const states = world.balancer.status().providers.map(({ healthy }) => healthy);
        expect(states).toEqual(states.map(() => true));
      }
    },
  );
});

describe("one client's own credential", () => {
  const own = providerNamed("own", { auth: { type: "passthrough" } });
  const refused = {
    "401": { status: 401, body: '{"type":"error","error":{"type":"authentication_error","message":"invalid"}}' },
    "a used-up five-hour window": {
      status: 429,
      headers: {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": String(1_800_000_000 + 3_600),
      },
      body: '{"type":"error","error":{"type":"rate_limit_error","message":"limit"}}',
    },
    "a 429 that states nothing": bare429,
  };

  it.each(Object.keys(refused))("never changes what another client gets: %s", async (name) => {
    const reply = refused[name as keyof typeof refused];
    const world = new World({
      providers: [own, providerNamed("paid")],
      answer: ({ provider, login }) => (provider === "own" && login === "Bearer refused" ? reply : answerFor()),
    });
    const seen: (string | undefined)[] = [];
    for (let round = 0; round < 10; round += 1) {
      const first = await world.until(world.ask({ text: `first ${round}`, login: "refused" }));
      expect(first.provider).toBe("paid");
      seen.push((await world.until(world.ask({ text: `second ${round}`, login: "good" }))).provider);
    }
    expect(seen).toEqual(seen.map(() => "own"));
  });
});
