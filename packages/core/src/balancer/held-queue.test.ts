import { describe, expect, it } from "vitest";
import { Balancer } from "./balancer.ts";
import type { BalancerSettings, ProviderConfig } from "../base/config-types.ts";
import type { Reply } from "../base/reply.ts";
import type { HoldScope, HoldType } from "../health/holds.ts";
import { send } from "../skins/send.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const provider = (name: string, more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  name,
  type: "anthropic",
  baseUrl: `https://${name}.test`,
  auth: { type: "api_key", keys: [`${name}-key-one-00000`] },
  bigModel: `${name}-big`,
  smallModel: "passthrough",
  ...more,
});

const body = JSON.stringify({ type: "message", role: "assistant", model: "m", content: [] });

function stage(providers: readonly ProviderConfig[], settings: Partial<BalancerSettings> = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers, settings }, { clock, random: () => 0.5 });
  const { transport } = scriptedTransport(clock, () => ({ body }));
  const served: string[] = [];
  const request = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
  const ask = async (context = {}): Promise<Reply | undefined> => {
    const reply = await send(balancer.open(request as never, context), transport).catch((error: Error) => {
      served.push(`refused ${clock.now()}: ${error.constructor.name}`);
      return undefined;
    });
    if (reply !== undefined) served.push(`${reply.provider} ${clock.now()}`);
    return reply;
  };
  return { clock, balancer, ask, served, open: (context = {}) => balancer.open(request as never, context) };
}

describe("a hold that runs out", () => {
  it.each<[string, HoldScope, HoldType]>([
    ["a provider", { provider: "b" }, "disabled"],
    ["a provider that drains", { provider: "b" }, "draining"],
    ["a key", { provider: "b", keyIndex: 0 }, "disabled"],
    ["a model", { provider: "b", model: "b-big" }, "disabled"],
    ["a key at a model", { provider: "b", keyIndex: 0, model: "b-big" }, "draining"],
  ])("wakes the calls that wait for room elsewhere: of %s", async (_name, scope, type) => {
    for (const lastResort of [true, false]) {
      const { clock, balancer, ask, served, open } = stage([provider("a", { maxConcurrent: 1 }), provider("b")], {
        lastResort,
      });
      balancer.hold(scope, type, 5_000);
      const first = open().next();
      const waiting = [ask(), ask()];
      await clock.advance(4_999);
      expect(served).toEqual([]);
      await clock.advance(1);
      await Promise.all(waiting);
      expect(served).toEqual(["b 5000", "b 5000"]);
      first?.[Symbol.dispose]();
    }
  });

  it("is waited for where all are held, as a cooldown is: within `queue_timeout`", async () => {
    const { clock, balancer, ask, served } = stage([provider("a"), provider("b")], { queueTimeoutMs: 6_000 });
    balancer.hold({ provider: "a" }, "disabled");
    balancer.hold({ provider: "b" }, "disabled", 6_000);
    const waiting = ask();
    expect(balancer.status().nextRequest).toEqual({ type: "wait", waitsFor: "hold", forMs: 6_000 });
    expect(balancer.explain("claude-opus-5").nextRequest).toEqual({ type: "wait", waitsFor: "hold", forMs: 6_000 });
    await clock.advance(6_000);
    await waiting;
    expect(served).toEqual(["b 6000"]);
  });

  it("is not waited for where it lasts longer than the queue, nor without `last_resort`", async () => {
    for (const settings of [{ queueTimeoutMs: 4_000 }, { lastResort: false }, { queueTimeoutMs: 0 }]) {
      const { balancer, ask, served } = stage([provider("a")], settings);
      balancer.hold({ provider: "a" }, "disabled", 5_000);
      await ask();
      expect(served).toEqual(["refused 0: CcpbError"]);
      expect(balancer.status().nextRequest.type).toBe("refused");
    }
  });

  it("counts only where no other hold keeps the same candidate out", async () => {
    const { clock, balancer, ask, served } = stage([provider("a")]);
    balancer.hold({ provider: "a" }, "disabled", 2_000);
    balancer.hold({ provider: "a", keyIndex: 0 }, "disabled", 9_000);
    const waiting = ask();
    await clock.advance(8_999);
    expect(served).toEqual([]);
    await clock.advance(1);
    await waiting;
    expect(served).toEqual(["a 9000"]);
  });

  it("is followed where it is made shorter or longer meanwhile", async () => {
    const { clock, balancer, ask, served } = stage([provider("a")]);
    balancer.hold({ provider: "a" }, "disabled", 9_500);
    const waiting = ask();
    await clock.advance(1_000);
    balancer.hold({ provider: "a" }, "disabled", 2_000);
    await clock.advance(1_000);
    balancer.hold({ provider: "a" }, "disabled", 4_000);
    await clock.advance(3_999);
    expect(served).toEqual([]);
    await clock.advance(1);
    await waiting;
    expect(served).toEqual(["a 6000"]);
  });
});
