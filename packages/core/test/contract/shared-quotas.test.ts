import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Balancer,
  type BalancerSettings,
  type HealthChange,
  mergeQuotas,
  parseHealthChange,
  type ProviderConfig,
} from "../../src/index.ts";
import { scriptedTransport } from "../../src/testing/scripted-transport.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";
import { send } from "../../src/skins/send.ts";
import { HealthLine } from "./health-line.ts";

const hour = 3_600_000;
const second = 1_000;

type Shared = NonNullable<HealthChange["quotas"]>[number];

function provider(name: string, change: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    type: "anthropic",
    baseUrl: `https://${name}.test`,
    auth: { type: "api_key", keys: [`${name}-key-one-00000`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    ...change,
  };
}

interface ProcessOptions {
  readonly isSameHost?: boolean;
  readonly settings?: Partial<BalancerSettings>;
  readonly providers?: readonly ProviderConfig[];
}

/** A process, and what its providers state: by provider, the used share of the seven days and the hours that are left of them. */
class Process {
  readonly stated: Record<string, readonly [used: number, inHours: number]> = {};
  readonly balancer: Balancer;
  readonly asked: string[] = [];
  readonly #clock: VirtualClock;
  readonly #transport;

  constructor(line: HealthLine, clock: VirtualClock, options: ProcessOptions = {}) {
    const { isSameHost = true, settings = {}, providers = [provider("a", { reserve: 5 }), provider("b")] } = options;
    this.#clock = clock;
    this.balancer = new Balancer(
      { providers, settings },
      { clock, random: () => 0.5, replica: line.replica(isSameHost) },
    );
    this.#transport = scriptedTransport(clock, ({ url }) => {
      const [name = ""] = new URL(url).hostname.split(".");
      this.asked.push(name);
      const { [name]: windows } = this.stated;
      const body = JSON.stringify({ type: "message", role: "assistant", model: "m", content: [], usage: {} });
      if (windows === undefined) return { body };
      const [used, inHours] = windows;
      const headers = {
        "anthropic-ratelimit-unified-7d-utilization": String(used),
        "anthropic-ratelimit-unified-7d-reset": String((clock.wallNow() + inHours * hour) / 1_000),
      };
      return { headers, body };
    }).transport;
  }

  async ask(headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const request = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };
    await send(this.balancer.open(request, { headers }), this.#transport, { clock: this.#clock });
    return this.asked.at(-1) ?? "";
  }

  used(index = 0): readonly number[] {
    return this.balancer.status().providers[index]?.quotas.map(({ used }) => used) ?? [];
  }
}

function pair(options: ProcessOptions = {}) {
  const [line, clock] = [new HealthLine(), new VirtualClock()];
  return { line, clock, one: new Process(line, clock, options), two: new Process(line, clock, options) };
}

const window = (more: Partial<Shared> = {}): Shared => ({
  name: "7d",
  used: 0.5,
  lengthMs: 168 * hour,
  resetsAtMs: null,
  heardAtMs: 0,
  ...more,
});

function changeOf(
  quotas: readonly Shared[],
  scope: HealthChange["scope"] = { type: "key", provider: "a", keyIndex: 0 },
) {
  return { scope, circuit: { openings: [], recoveredThroughMs: 0 }, quotas } satisfies HealthChange;
}

describe.each([true, false])("quota windows that another process has heard of (same host: %s)", (isSameHost) => {
  it("stand in the status with their times, and a reserve heeds them", async () => {
    const { one, two } = pair({ isSameHost });
    one.stated["a"] = [0.96, 30];
    expect(await one.ask()).toBe("a");
    expect(two.balancer.status().providers[0]?.quotas).toEqual(one.balancer.status().providers[0]?.quotas);
    expect(two.used()).toEqual([0.96]);
    expect(await two.ask()).toBe("b");
    expect(two.balancer.explain("claude-opus-5").candidates.find((each) => each.provider === "a")?.why).toContain(
      "its window 7d is used to 96 %",
    );
  });

  it("decide whose quota lapses first, so that no process asks each key to learn it", async () => {
    const { one, two } = pair({ isSameHost, settings: { selectionStrategy: "drain_soonest" } });
    one.stated["a"] = [0.2, 100];
    one.stated["b"] = [0.2, 20];
    expect([await one.ask(), await one.ask(), await one.ask()]).toEqual(["a", "b", "b"]);
    expect([await two.ask(), await two.ask()]).toEqual(["b", "b"]);
  });

  it("give way to an own, younger answer, also to one that says less", async () => {
    const { clock, one, two } = pair({ isSameHost });
    one.stated["a"] = [0.5, 30];
    two.stated["a"] = [0.3, 30];
    await one.ask();
    await clock.advance(10 * second);
    await two.ask();
    expect([one.used(), two.used()]).toEqual([[0.3], [0.3]]);
  });

  it("are not taken over where they are older than what is known", async () => {
    const { line, clock, one, two } = pair({ isSameHost });
    one.stated["a"] = [0.5, 30];
    await one.ask();
    await clock.advance(10 * second);
    one.stated["a"] = [0.6, 30];
    await one.ask();
    const [first] = line.sentWith("quotas");
    if (first) line.say({ ...first, isSameHost });
    expect([one.used(), two.used()]).toEqual([[0.6], [0.6]]);
  });

  it("are forgotten by a reset anywhere, and what was heard before it does not bring them back", async () => {
    const { line, clock, one, two } = pair({ isSameHost });
    one.stated["a"] = [0.99, 30];
    await one.ask();
    await clock.advance(second);
    two.balancer.reset("a");
    expect([one.used(), two.used()]).toEqual([[], []]);
    for (const change of line.sentWith("quotas")) line.say({ ...change, isSameHost });
    expect([one.used(), two.used()]).toEqual([[], []]);
    await clock.advance(second);
    expect(await one.ask()).toBe("a");
    expect(two.used()).toEqual([0.99]);
  });
});

describe("what is told", () => {
  it("is a change of one per cent or a new window, at most once a second, and the last one in any case", async () => {
    const { line, clock, one, two } = pair();
    const say = async (used: number, inHours = 30): Promise<number> => {
      one.stated["a"] = [used, inHours];
      await one.ask();
      return line.sentWith("quotas").length;
    };
    expect(await say(0.1)).toBe(1);
    await clock.advance(5 * second);
    expect(await say(0.105, 30 - 5 / 3_600)).toBe(1);
    expect(await say(0.11, 30 - 5 / 3_600)).toBe(2);
    for (let used = 0.12; used < 0.8; used += 0.02) expect(await say(used)).toBe(2);
    expect(await say(0.9)).toBe(2);
    expect(two.used()).toEqual([0.11]);
    await clock.advance(second);
    expect(line.sentWith("quotas")).toHaveLength(3);
    expect(two.used()).toEqual([0.9]);
    await clock.advance(5 * second);
    expect(await say(0.9, 100)).toBe(4);
    await clock.advance(5 * second);
    expect(line.sentWith("quotas")).toHaveLength(4);
  });

  it("is that a window has become used up, however little that is", async () => {
    const { line, clock, one } = pair({ providers: [provider("a")] });
    one.stated["a"] = [0.996, 30];
    await one.ask();
    await clock.advance(2 * second);
    one.stated["a"] = [1, 30];
    await one.ask();
    expect(line.sentWith("quotas")).toHaveLength(2);
  });

  it("does not come back: what was heard is not told again, and logins of clients stay with the process", async () => {
    const { line, clock, one, two } = pair({ isSameHost: false });
    one.stated["a"] = [0.5, 30];
    await one.ask();
    await clock.advance(5 * second);
    expect(line.sentWith("quotas")).toHaveLength(1);
    expect(two.balancer.healthSnapshot().some(({ quotas }) => quotas !== undefined)).toBe(false);

    const logins = pair({ providers: [provider("a", { auth: { type: "passthrough" } })] });
    logins.one.stated["a"] = [0.5, 30];
    await logins.one.ask({ authorization: "Bearer one-client" });
    await logins.clock.advance(5 * second);
    expect([logins.line.sentWith("quotas"), logins.two.used(), logins.one.used()]).toEqual([[], [], [0.5]]);
  });

  it("moves to no other key when a reload comes in between", async () => {
    const { line, clock, one } = pair({ providers: [provider("a")] });
    one.stated["a"] = [0.5, 30];
    await one.ask();
    one.stated["a"] = [0.7, 30];
    await one.ask();
    const keys = ["a-key-new-11111", "a-key-one-00000"];
    one.balancer.reload({ providers: [provider("a", { auth: { type: "api_key", keys } })] });
    await clock.advance(5 * second);
    expect(line.sentWith("quotas")).toHaveLength(1);
    expect(one.balancer.healthSnapshot().flatMap(({ scope, quotas }) => (quotas ? [scope] : []))).toEqual([
      { type: "key", provider: "a", keyIndex: 1 },
    ]);
  });
});

it("are part of the snapshot that survives a restart", async () => {
  const { clock, one } = pair();
  one.stated["a"] = [0.96, 30];
  await one.ask();
  const snapshot = JSON.parse(JSON.stringify(one.balancer.healthSnapshot()));
  const after = new Process(new HealthLine(), clock);
  after.balancer.restoreHealth(snapshot);
  expect(after.used()).toEqual([0.96]);
  expect(await after.ask()).toBe("b");
});

describe("windows of another host", () => {
  const heard = (quotas: readonly unknown[], scope?: HealthChange["scope"]): unknown => {
    const [line, clock] = [new HealthLine(), new VirtualClock()];
    const { balancer } = new Process(line, clock, { isSameHost: false });
    const nowMs = clock.wallNow();
    const windows = quotas.map((one) => ({
      ...window({ heardAtMs: nowMs, resetsAtMs: nowMs + hour }),
      ...(one as object),
    }));
    const change = parseHealthChange(JSON.parse(JSON.stringify(changeOf(windows, scope))));
    if (change) line.say(change);
    return balancer.status().providers.flatMap((each) => each.quotas.map(({ name, used }) => [name, used]));
  };

  it("are read", () => expect(heard([{}])).toEqual([["7d", 0.5]]));

  it.each<readonly [string, object]>([
    ["has no name", { name: "" }],
    ["has a name that breaks lines", { name: "7d\n" }],
    ["has a name that is too long", { name: "d".repeat(101) }],
    ["is used less than nothing", { used: -1 }],
    ["is used by a text", { used: "1" }],
    ["is used without end", { used: Number.POSITIVE_INFINITY }],
    ["has a length below zero", { lengthMs: -1 }],
    ["resets in two years", { resetsAtMs: 2 * 366 * 24 * hour * 1_000 }],
    ["was heard at no time", { heardAtMs: null }],
    ["counts a family that is no name", { family: 7 }],
  ])("are refused where one %s", (_name, change) => expect(heard([change])).toEqual([]));

  it("are believed to be used a hundredfold at most", () => expect(heard([{ used: 1e9 }])).toEqual([["7d", 100]]));

  it("are refused as a list that is too long, without a throw", () =>
    expect(heard(Array.from({ length: 17 }, (_, index) => ({ name: `w${index}` })))).toEqual([]));

  it("count for no scope but a key's", () => {
    expect(heard([{}], { type: "provider", provider: "a" })).toEqual([]);
    expect(heard([{}], { type: "key", provider: "a", keyIndex: 7 })).toEqual([]);
    expect(heard([{}], { type: "key", provider: "other", keyIndex: 0 })).toEqual([]);
  });

  it("push out nothing that this process has heard, however many there are", async () => {
    const { line, clock, one } = pair({ isSameHost: false, providers: [provider("a", { reserve: 5 }), provider("b")] });
    one.stated["a"] = [0.5, 30];
    await one.ask();
    await clock.advance(second);
    const now = { heardAtMs: clock.wallNow(), resetsAtMs: clock.wallNow() + hour };
    for (let index = 0; index < 2_000; index += 1) {
      line.say(changeOf([window(now)], { type: "key-deployment", provider: "a", keyIndex: 0, model: `m-${index}` }));
      line.say(changeOf([window({ ...now, name: `w${index}` })]));
    }
    const quotas = one.balancer.status().providers[0]?.quotas ?? [];
    expect(quotas.find(({ name, model }) => name === "7d" && model === null)?.used).toBe(0.5);
    const { length } = one.balancer.healthSnapshot();
    expect(length).toBeLessThanOrEqual(10);
    expect(quotas.length).toBeLessThanOrEqual(200);
  });

  it("claim no time that has not come, and pass a key over for max_cooldown at most", async () => {
    const { line, clock, one } = pair({ isSameHost: false });
    const nowMs = clock.wallNow();
    line.say(changeOf([window({ used: 1, heardAtMs: nowMs + 100 * hour, resetsAtMs: nowMs + 160 * hour })]));
    expect(await one.ask()).toBe("b");
    await clock.advance(hour);
    one.stated["a"] = [0.2, 30];
    expect(await one.ask()).toBe("a");
    expect(one.used()).toEqual([0.2]);
    expect(await one.ask()).toBe("a");
  });

  it("leave what this process was refused for its own, so that it is not refused again when they are old", async () => {
    const { clock, one, two } = pair({ isSameHost: false });
    one.stated["a"] = [1, 100];
    two.stated["a"] = [1, 100];
    expect(await one.ask()).toBe("a");
    expect(await two.ask()).toBe("b");
    await clock.advance(hour);
    two.stated["a"] = [1, 99];
    expect(await two.ask()).toBe("a");
    for (let hours = 2; hours < 90; hours += 1) {
      await clock.advance(hour);
      expect([await one.ask(), await two.ask()]).toEqual(["b", "b"]);
    }
  });
});

describe("lists of windows", () => {
  const shared = fc.record({
    name: fc.constantFrom("5h", "7d", "tokens"),
    used: fc.constantFrom(0, 0.5, 1),
    lengthMs: fc.constantFrom(null, hour),
    resetsAtMs: fc.constantFrom(null, 5, 9),
    heardAtMs: fc.nat(4),
  });
  const lists = fc.array(shared, { maxLength: 6 }).map((all) => mergeQuotas([], all));

  it("join in any order, any grouping and any number of times", () => {
    fc.assert(
      fc.property(lists, lists, lists, (a, b, c) => {
        expect(mergeQuotas(a, b)).toEqual(mergeQuotas(b, a));
        expect(mergeQuotas(mergeQuotas(a, b), c)).toEqual(mergeQuotas(a, mergeQuotas(b, c)));
        expect(mergeQuotas(a, a)).toEqual(a);
      }),
    );
  });

  it("survive JSON, and junk is left out without a throw", () => {
    fc.assert(
      fc.property(lists, (quotas) => {
        expect(parseHealthChange(JSON.parse(JSON.stringify(changeOf(quotas))))).toEqual(changeOf(quotas));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.anything(), { maxLength: 16 }), (quotas) => {
        expect(parseHealthChange(changeOf(quotas as Shared[]))).toMatchObject({ quotas: [] });
      }),
    );
  });
});
