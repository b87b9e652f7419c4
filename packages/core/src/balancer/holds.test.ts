import { describe, expect, it } from "vitest";
import { Balancer } from "./balancer.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { CallTrace } from "../base/events.ts";
import type { Reply } from "../base/reply.ts";
import { send } from "../skins/send.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const provider = (name: string): ProviderConfig => ({
  name,
  type: "anthropic",
  baseUrl: `https://${name}.test`,
  auth: { type: "api_key", keys: [`${name}-key-one-00000`, `${name}-key-two-00000`] },
  bigModel: `${name}-big`,
  smallModel: `${name}-small`,
});

const usage = {
  input_tokens: 10,
  output_tokens: 5,
  cache_creation_input_tokens: 7,
  cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
  output_tokens_details: { thinking_tokens: 2 },
};
const message = JSON.stringify({ type: "message", role: "assistant", model: "m", content: [], usage });

function stage(settings: object = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers: [provider("a"), provider("b")], settings }, { clock, random: () => 0.5 });
  const keys: string[] = [];
  const { transport } = scriptedTransport(clock, ({ headers }) => {
    keys.push(headers["x-api-key"] ?? "");
    return { body: message };
  });
  const calls: CallTrace[] = [];
  balancer.on("call-end", (trace) => calls.push(trace));
  const ask = (model = "claude-opus", context = {}): Promise<Reply> =>
    send(
      balancer.open({ model, max_tokens: 9, messages: [{ role: "user", content: "hi" }] } as never, context),
      transport,
    );
  return { clock, balancer, ask, keys, calls };
}

describe("an operator", () => {
  it("takes a provider out and brings it back", async () => {
    const { balancer, ask } = stage();
    balancer.hold({ provider: "a" }, "disabled");
    expect((await ask()).provider).toBe("b");
    expect(balancer.status()).toMatchObject({
      currentProvider: "b",
      holds: [{ provider: "a", type: "disabled", remainingMs: null }],
    });
    expect(balancer.status().providers.map(({ healthy }) => healthy)).toEqual([false, true]);
    expect(balancer.explain("claude-opus").others).toEqual([
      { provider: "a", why: "is disabled by an operator until it is enabled again" },
    ]);
    expect([balancer.enable({ provider: "a" }), balancer.enable({ provider: "a" })]).toEqual([true, false]);
    expect((await ask()).provider).toBe("a");
  });

  it("takes one out for a time", async () => {
    const { balancer, clock, ask } = stage();
    balancer.hold({ provider: "a" }, "disabled", 600_000);
    expect(balancer.explain("claude-opus").others[0]?.why).toBe("is disabled by an operator for another 10 min");
    await clock.advance(599_999);
    expect((await ask()).provider).toBe("b");
    await clock.advance(1);
    expect((await ask()).provider).toBe("a");
    expect(balancer.holds()).toEqual([]);
  });

  it("takes out one key, or one model", async () => {
    const { balancer, ask, keys } = stage();
    balancer.hold({ provider: "a", keyIndex: 0 }, "disabled");
    await ask();
    expect(keys).toEqual(["a-key-two-00000"]);
    balancer.hold({ provider: "a", model: "a-big" }, "disabled");
    expect((await ask()).provider).toBe("b");
    expect((await ask("claude-haiku")).provider).toBe("a");
  });

  it("puts a whole list into force at once, in place of what was held", async () => {
    const { balancer, clock } = stage();
    balancer.hold({ provider: "a" }, "disabled");
    balancer.replaceHolds([
      { scope: { provider: "b" }, type: "draining", forMs: 50 },
      { scope: { provider: "gone" }, type: "disabled" },
    ]);
    expect(balancer.holds()).toEqual([{ provider: "b", type: "draining", remainingMs: 50 }]);
    await clock.advance(50);
    expect(balancer.holds()).toEqual([]);
  });

  it("leaves nobody to serve where all are out: a 503, and nothing is cooled", async () => {
    const { balancer, ask } = stage();
    for (const name of ["a", "b"]) balancer.hold({ provider: name }, "disabled");
    await expect(ask()).rejects.toMatchObject({ status: 503 });
    expect(balancer.status().nextRequest.type).toBe("refused");
    balancer.enable({ provider: "b" });
    expect((await ask()).provider).toBe("b");
  });

  it("drains a provider of new sessions, and leaves it to those that are bound to it", async () => {
    const { balancer, ask } = stage({ sessionAffinity: "session" });
    const session = { headers: { "x-claude-code-session-id": "one" } };
    expect((await ask("claude-opus", session)).provider).toBe("a");
    balancer.hold({ provider: "a" }, "draining");
    expect((await ask("claude-opus", session)).provider).toBe("a");
    expect((await ask("claude-opus", { headers: { "x-claude-code-session-id": "two" } })).provider).toBe("b");
    balancer.hold({ provider: "a" }, "disabled");
    expect((await ask("claude-opus", session)).provider).toBe("b");
  });

  it("keeps a hold over a reload, until the provider is gone", () => {
    const { balancer } = stage();
    balancer.hold({ provider: "a" }, "disabled");
    balancer.hold({ provider: "unknown" }, "disabled");
    balancer.reload({ providers: [provider("a"), provider("b")] });
    expect(balancer.holds()).toHaveLength(1);
    balancer.reload({ providers: [provider("b")] });
    expect(balancer.holds()).toEqual([]);
  });
});

describe("a client", () => {
  it("is named in the events, and served by the providers that it may use", async () => {
    const { ask, calls } = stage();
    const mayUse = (name: string): boolean => name === "b";
    expect((await ask("claude-opus", { client: "alice", mayUse })).provider).toBe("b");
    expect(calls).toMatchObject([{ client: "alice", usage: { cacheCreation1hTokens: 4, thinkingTokens: 2 } }]);
    await expect(async () => ask("claude-opus", { mayUse: () => false })).rejects.toMatchObject({ status: 404 });
  });
});

describe("a key that is held", () => {
  const keys = (...names: string[]): ProviderConfig => ({
    ...provider("a"),
    auth: { type: "api_key", keys: names.map((name) => `a-key-${name}-00000`) },
  });

  it("stays held wherever a reload moves it, and is forgotten with its key", () => {
    const { balancer } = stage();
    balancer.hold({ provider: "a", keyIndex: 1, model: "a-big" }, "disabled");
    balancer.hold({ provider: "a", keyIndex: 0 }, "draining");
    balancer.reload({ providers: [keys("two", "new")] });
    expect(balancer.holds()).toEqual([
      { provider: "a", keyIndex: 0, model: "a-big", type: "disabled", remainingMs: null },
    ]);
    balancer.reload({ providers: [keys("new", "three", "two")] });
    expect(balancer.holds()).toMatchObject([{ keyIndex: 2 }]);
    balancer.reload({ providers: [keys("new")] });
    expect(balancer.holds()).toEqual([]);
  });

  it("stays held where two keys change places", () => {
    const { balancer } = stage();
    balancer.hold({ provider: "a", keyIndex: 0 }, "disabled");
    balancer.hold({ provider: "a", keyIndex: 1 }, "draining");
    balancer.reload({ providers: [keys("two", "one")] });
    expect(balancer.holds()).toMatchObject([
      { keyIndex: 1, type: "disabled" },
      { keyIndex: 0, type: "draining" },
    ]);
  });
});

describe("a reset of a part", () => {
  it.each([
    [{ provider: "a", keyIndex: 0 }, ["open", "closed"]],
    [{ provider: "a", model: "a-big" }, ["closed", "closed"]],
    [{ provider: "a", keyIndex: 1, model: "a-big" }, ["closed", "open"]],
    [{ provider: "a", keyIndex: 1, model: "another" }, ["open", "open"]],
    [{ provider: "b" }, ["open", "open"]],
  ] as const)("closes what is kept for %j, and nothing else", async (scope, expected) => {
    const clock = new VirtualClock();
    const balancer = new Balancer({ providers: [provider("a")] }, { clock, random: () => 0.5 });
    const { transport } = scriptedTransport(clock, () => ({ status: 429, body: "{}" }));
    const request = { model: "claude-opus", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
    await send(balancer.open(request as never), transport).catch(() => undefined);
    const states = (): (string | undefined)[] => {
      const circuits = balancer.status().providers[0]?.keyDeployments ?? [];
      return [1, 0].map((index) => circuits.find((one) => one.index === index)?.state ?? "closed");
    };
    expect(states()).toEqual(["open", "open"]);
    balancer.reset(scope);
    expect(states()).toEqual(expected);
  });
});
