import { describe, expect, it } from "vitest";
import { Balancer } from "./balancer.ts";
import type { BalancerSettings, ProviderConfig } from "../base/config-types.ts";
import type { HeaderMap } from "../base/outcome.ts";
import { send } from "../skins/send.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const hourMs = 3_600_000;

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

/** A subscription's headers: the used shares of its windows, and in how many hours each ends. */
type Quota = { readonly "5h"?: readonly [used: number, inHours: number]; readonly "7d"?: readonly [number, number] };

function stage(
  providers: readonly ProviderConfig[],
  settings: Partial<BalancerSettings>,
  quotas: Record<string, Quota>,
) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers, settings }, { clock, random: () => 0.5 });
  const asked: string[] = [];
  const { transport } = scriptedTransport(clock, ({ headers, url }) => {
    const key = headers["x-api-key"] ?? headers["authorization"] ?? new URL(url).hostname;
    asked.push(key.replace("-00000", "").replace("-key-", " "));
    const stated: Record<string, string> = {};
    for (const [name, [used, inHours]] of Object.entries(quotas[asked.at(-1) ?? ""] ?? {})) {
      stated[`anthropic-ratelimit-unified-${name}-utilization`] = String(used);
      stated[`anthropic-ratelimit-unified-${name}-status`] = used >= 1 ? "rejected" : "allowed";
      stated[`anthropic-ratelimit-unified-${name}-reset`] = String((clock.wallNow() + inHours * hourMs) / 1_000);
    }
    const body = JSON.stringify({ type: "message", role: "assistant", model: "m", content: [], usage: {} });
    return { headers: stated as HeaderMap, body };
  });
  const ask = async (headers: HeaderMap = {}, model = "claude-opus-5"): Promise<string> => {
    const request = { model, max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
    await send(balancer.open(request as never, { headers }), transport, { clock });
    return asked.at(-1) ?? "";
  };
  const why = (name: string): string | undefined =>
    balancer.explain("claude-opus-5").candidates.find((one) => one.provider === name)?.why;
  return { clock, balancer, ask, asked, why };
}

describe("drain_soonest", () => {
  const settings = { selectionStrategy: "drain_soonest" } as const;

  it("asks each key once to learn its windows, then the one whose seven days end first", async () => {
    const twoKeys = { auth: { type: "api_key", keys: ["a-key-one-00000", "a-key-two-00000"] } } as const;
    const { ask, asked, why } = stage([provider("a", twoKeys), provider("b"), provider("c")], settings, {
      "a one": { "5h": [0.1, 1], "7d": [0.2, 100] },
      "a two": { "5h": [0.1, 4], "7d": [0.2, 20] },
      "b one": { "5h": [0.1, 0.5], "7d": [0.2, 50] },
    });
    for (let count = 0; count < 6; count += 1) await ask();
    expect(asked).toEqual(["a one", "a two", "b one", "c one", "a two", "a two"]);
    expect(why("a")).toBe("takes the request: its window 7d has 80 % unused, which lapse in 20 h");
    expect(why("b")).toBe("stands by, in this order: its window 7d has 80 % unused, which lapse in 3 d");
    expect(why("c")).toBe("stands by, in this order");
  });

  it("passes a key over that is used up, until its window ends, and asks it where no other is left", async () => {
    const { ask, asked, why, clock, balancer } = stage([provider("a"), provider("b")], settings, {
      "a one": { "5h": [1, 2], "7d": [0.5, 10] },
      "b one": { "5h": [0.4, 3], "7d": [0.5, 90] },
    });
    for (let count = 0; count < 3; count += 1) await ask();
    expect(asked).toEqual(["a one", "b one", "b one"]);
    expect(why("a")).toBe("only where no other provider can serve: its window 5h is used to 100 %; it resets in 2 h");
    balancer.hold({ provider: "b" }, "disabled");
    expect(await ask()).toBe("a one");
    expect(why("a")).toMatch(/^takes the request, since no other provider can serve: its window 5h is used to 100 %/);
    balancer.enable({ provider: "b" });
    expect(await ask()).toBe("b one");
    await clock.advance(2 * hourMs + 1);
    expect(await ask()).toBe("a one");
  });

  it("knows the windows of each client's own login apart", async () => {
    const own = provider("a", { auth: { type: "passthrough" } });
    const { ask, balancer } = stage([own, provider("b")], settings, {
      "Bearer full": { "7d": [1, 10] },
      "Bearer free": { "7d": [0.1, 10] },
      "b one": { "7d": [0.1, 100] },
    });
    for (const login of ["full", "free"]) await ask({ authorization: `Bearer ${login}` });
    await ask({ authorization: "Bearer full" });
    expect(await ask({ authorization: "Bearer free" })).toBe("Bearer free");
    expect(await ask({ authorization: "Bearer full" })).toBe("b one");
    const [status] = balancer.status().providers;
    expect(status?.quotas).toMatchObject([{ keyIndex: null, name: "7d", used: 1, credentials: 2 }]);
    expect(JSON.stringify(balancer.status())).not.toContain("full");
  });
});

describe("a reserve", () => {
  it.each(["priority", "round_robin", "least_busy"] as const)(
    "keeps back a part of a window with the strategy %s, and none where it is not set",
    async (selectionStrategy) => {
      const quotas = { "a one": { "5h": [0.95, 2] }, "b one": { "5h": [0.99, 2] } } as const;
      const { ask, asked } = stage([provider("a", { reserve: 5 }), provider("b")], { selectionStrategy }, quotas);
      for (let count = 0; count < 5; count += 1) await ask();
      expect(asked.filter((key) => key === "a one").length).toBeLessThanOrEqual(1);
      expect(asked.at(-1)).toBe("b one");
    },
  );

  it("is named by an explanation", async () => {
    const { ask, why } = stage([provider("a", { reserve: 10 }), provider("b")], {}, { "a one": { "5h": [0.912, 2] } });
    await ask();
    expect(why("a")).toBe(
      "only where no other provider can serve: its window 5h is used to 91.2 %, and 10 % are kept back; it resets in 2 h",
    );
    expect(why("b")).toBe("takes the request");
  });

  it("is forgotten by a reset, and kept by a reload", async () => {
    const providers = [provider("a", { reserve: 5 }), provider("b")];
    const { ask, balancer } = stage(providers, {}, { "a one": { "5h": [0.97, 2] } });
    await ask();
    balancer.reload({ providers });
    expect(await ask()).toBe("b one");
    balancer.reset("a");
    expect(balancer.status().providers[0]?.quotas).toEqual([]);
    expect(await ask()).toBe("a one");
  });

  it("leaves a session that is bound to the provider, too", async () => {
    const settings = { sessionAffinity: "session" } as const;
    const { ask } = stage([provider("a", { reserve: 5 }), provider("b")], settings, { "a one": { "5h": [0.97, 2] } });
    const session = { "x-claude-code-session-id": "one" };
    expect(await ask(session)).toBe("a one");
    expect(await ask(session)).toBe("b one");
  });
});

describe("the status", () => {
  it("lists windows also where they decide nothing", async () => {
    const { ask, balancer, clock } = stage([provider("a")], {}, { "a one": { "5h": [0.25, 2], "7d": [0.5, 100] } });
    await ask();
    const epochMs = clock.wallNow();
    expect(balancer.status().providers[0]?.quotas).toMatchObject([
      { keyIndex: 0, model: null, name: "5h", used: 0.25, resetsAtMs: epochMs + 2 * hourMs, credentials: 1 },
      { keyIndex: 0, model: null, name: "7d", used: 0.5, resetsAtMs: epochMs + 100 * hourMs, credentials: 1 },
    ]);
  });
});
