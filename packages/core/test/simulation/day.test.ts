import { Balancer, type CallTrace, type ProviderConfig, send } from "@ccpb/core";
import { type ScriptedReply, scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { messageEvents } from "./stream-text.ts";

const dayMs = 24 * 3_600_000;
const names = ["first", "second", "third"];

/** A small seeded generator (mulberry32): the same day every time, another day for another seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly fault: ScriptedReply;
}

const [start, content, ending] = messageEvents;

const faults: readonly ScriptedReply[] = [
  { failure: { message: "connect ECONNREFUSED" } },
  { status: 500 },
  { status: 529, body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' },
  { status: 429, headers: { "retry-after": "90" } },
  { status: 503, headers: { "retry-after": "20" } },
  { hang: true },
  { body: [start, { hang: true }] },
  { body: [start, { error: "reset" }] },
  { body: "<html></html>" },
];

/** Up for 2 to 60 minutes, down for 5 seconds to 15 minutes, all day long. */
function outages(random: () => number): readonly Outage[] {
  const all: Outage[] = [];
  for (let atMs = 0; atMs < dayMs;) {
    const fromMs = atMs + 120_000 + random() * 3_480_000;
    const untilMs = fromMs + 5_000 + random() * 895_000;
    all.push({ fromMs, untilMs, fault: faults[Math.floor(random() * faults.length)] as ScriptedReply });
    atMs = untilMs;
  }
  return all;
}

const provider = (name: string): ProviderConfig => ({
  name,
  type: "anthropic",
  baseUrl: `https://${name}.test`,
  auth: { type: "api_key", keys: [`${name}-key-0000000000`] },
  bigModel: "passthrough",
  smallModel: "passthrough",
  enabled: true,
});

async function simulate(seed: number) {
  const random = seeded(seed);
  const clock = new VirtualClock();
  const schedule = new Map(names.map((name) => [name, outages(random)]));
  const outageOf = (name: string) =>
    schedule.get(name)?.find(({ fromMs, untilMs }) => clock.now() >= fromMs && clock.now() < untilMs);
  const balancer = new Balancer({ providers: names.map(provider) }, { clock, random });
  const asked: { name: string; atMs: number; isUp: boolean }[] = [];
  const { transport } = scriptedTransport(clock, ({ url }) => {
    const name = new URL(url).hostname.split(".")[0] as string;
    const outage = outageOf(name);
    asked.push({ name, atMs: clock.now(), isUp: outage === undefined });
    return outage?.fault ?? { body: [start, content, ending] };
  });
  const traces: CallTrace[] = [];
  balancer.on("call-end", (trace) => void traces.push(trace));
  const cooldowns = new Map<string, number>();
  const leftOut: string[] = [];
  const lost: string[] = [];
  let served = 0;
  while (clock.now() < dayMs) {
    await clock.advance(1_000 + random() * 20_000);
    const usable = balancer
      .explain("claude-opus-5")
      .candidates.filter(({ standing }) => standing !== "open")
      .map(({ provider }) => provider);
    const from = asked.length;
    let isDone = false;
    const call = send(
      balancer.open({
        model: "claude-opus-5",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: "hi" }],
      }),
      transport,
      { clock },
    )
      .then(async (reply) => {
        let bytes = reply.body instanceof Uint8Array ? reply.body.length : 0;
        if (!(reply.body instanceof Uint8Array)) for await (const chunk of reply.body) bytes += chunk.length;
        served += 1;
        return bytes > 0;
      })
      .catch(() => false)
      .finally(() => {
        isDone = true;
      });
    while (!isDone) await clock.advance(5_000);
    const tried = asked.slice(from);
    if (!(await call)) {
      // Lost for good reason only: everybody who was not cooling was tried, and was down when it was.
      const missed = usable.filter((name) => !tried.some((attempt) => attempt.name === name));
      if (missed.length > 0 || tried.some(({ isUp }) => isUp)) lost.push(`at ${clock.now()}: ${missed.join()}`);
    }
    // The preferred provider is tried by the first call after its cooldown.
    if (usable.includes("first") && tried[0]?.name !== "first") leftOut.push(`at ${clock.now()}`);
    for (const { name, cooldownRemainingMs } of balancer.status().providers)
      cooldowns.set(name, Math.max(cooldowns.get(name) ?? 0, cooldownRemainingMs));
  }
  return { served, lost, leftOut, traces, cooldowns, balancer, asked };
}

describe("a day of traffic over three providers that come and go", () => {
  it.each([1, 2])(
    "loses no call that a provider could have served, and leaves nobody out for longer than its cooldown (seed %i)",
    async (seed) => {
      const { served, lost, leftOut, traces, cooldowns, asked } = await simulate(seed);
      expect(lost).toEqual([]);
      expect(leftOut).toEqual([]);
      expect(traces.length).toBeGreaterThan(3_000);
      expect(served / traces.length).toBeGreaterThan(0.9);
      // 15 minutes is the cap of the doubling, one fifth the jitter.
      for (const ms of cooldowns.values()) expect(ms).toBeLessThanOrEqual(900_000 * 1.2);
      for (const name of names) expect(asked.some((attempt) => attempt.name === name && attempt.isUp)).toBe(true);
    },
    // Takes a few seconds of computing; machines that run many other things give it a twentieth of a core.
    600_000,
  );
});
