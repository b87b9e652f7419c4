import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Balancer } from "./balancer.ts";
import type { Attempt, Call } from "../call/call-types.ts";
import type { BalancerConfig, ProviderConfig } from "../base/config-types.ts";
import type { Outcome } from "../base/outcome.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const provider = (name: string, keys = 1): ProviderConfig => ({
  name,
  type: "anthropic",
  baseUrl: `https://${name}.test`,
  auth: { type: "api_key", keys: Array.from({ length: keys }, (_, index) => `${name}-key-${index}-0000000`) },
  bigModel: "passthrough",
  smallModel: "passthrough",
  enabled: true,
});

const config: BalancerConfig = { providers: [provider("a", 2), provider("b"), provider("c")] };
const request = { model: "claude-opus-5", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };
/** No cooldown is longer: the cap of what a provider may state. */
const longestCooldownMs = 3_600_000;

const failure: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    type: fc.constant("response" as const),
    status: fc.integer({ min: 300, max: 600 }),
    headers: fc
      .option(fc.integer({ min: -5, max: 100_000 }), { nil: undefined })
      .map((seconds) => (seconds === undefined ? {} : { "retry-after": String(seconds) })),
    body: fc.constantFrom(
      "",
      "{}",
      '{"error":{"message":"insufficient_quota"}}',
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    ),
  }),
  fc.constantFrom<Outcome>(
    { type: "timeout", phase: "response" },
    { type: "timeout", phase: "content" },
    { type: "transport-error", cause: new Error("reset") },
    { type: "transport-error", cause: new Error("reset"), reusedSocket: true },
    { type: "stream-error", reason: { type: "truncated" } },
    { type: "client-abort" },
  ),
);

type Step =
  | { readonly type: "open" }
  | { readonly type: "next"; readonly call: number }
  | { readonly type: "report"; readonly call: number; readonly outcome: Outcome }
  | { readonly type: "serve"; readonly call: number }
  | { readonly type: "break"; readonly call: number }
  | { readonly type: "leave"; readonly call: number }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "reload" };

const index = fc.nat(4);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ type: "open" as const }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("next" as const), call: index }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("report" as const), call: index, outcome: failure }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("serve" as const), call: index }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("break" as const), call: index }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), call: index }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 400_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ type: "reload" as const }) },
);

interface Open {
  readonly call: Call;
  current: Attempt | undefined;
}

/** Plays a history; calls `onAttempt` for each attempt handed out. */
function play(
  balancer: Balancer,
  clock: VirtualClock,
  steps: readonly Step[],
  onAttempt: (call: Call, attempt: Attempt) => void = () => undefined,
): readonly Open[] {
  const calls: Open[] = [];
  for (const now of steps) {
    if (now.type === "open") calls.push({ call: balancer.open(request), current: undefined });
    else if (now.type === "wait") clock.advanceSync(now.ms);
    else if (now.type === "reload") balancer.reload(config);
    else {
      const open = calls.at(-1 - now.call);
      if (!open) continue;
      if (now.type === "next") {
        open.current = open.call.next();
        if (open.current) onAttempt(open.call, open.current);
      } else if (now.type === "report") open.current?.report(now.outcome);
      else if (now.type === "leave") open.current?.[Symbol.dispose]();
      else {
        open.current?.report({ type: "response", status: 200, headers: {} });
        open.current?.report({ type: "content" });
        open.current?.report(
          now.type === "serve" ? { type: "complete" } : { type: "stream-error", reason: { type: "truncated" } },
        );
      }
    }
  }
  return calls;
}

const history = fc.array(step, { maxLength: 60 });
const runs = { numRuns: 400 };
const balancerOn = (clock: VirtualClock) => new Balancer(config, { clock, random: () => 0.5 });

describe("a balancer, whatever happened before,", () => {
  it("tries no provider and key twice in a call, but for the named retries", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const clock = new VirtualClock();
        const seen = new Map<Call, string[]>();
        play(balancerOn(clock), clock, steps, (call, attempt) => {
          const key = `${attempt.request.url} ${attempt.request.headers["x-api-key"]} ${attempt.freshSocket ? "fresh" : ""}`;
          const tried = seen.get(call) ?? [];
          expect(tried).not.toContain(key);
          seen.set(call, [...tried, key]);
        });
      }),
      runs,
    );
  });

  it("never lets a call fail while a provider that is not cooling has not been tried", () => {
    fc.assert(
      fc.property(history, fc.array(failure, { minLength: 8, maxLength: 8 }), (steps, outcomes) => {
        const clock = new VirtualClock();
        const balancer = balancerOn(clock);
        play(balancer, clock, steps);
        const healthy = balancer
          .status()
          .providers.filter((entry) => entry.healthy && entry.keys.every(({ state }) => state !== "open"))
          .map(({ name }) => name);
        const call = balancer.open(request);
        const tried: string[] = [];
        for (const attempt of call) {
          tried.push(attempt.provider);
          const outcome = outcomes[tried.length % outcomes.length] as Outcome;
          attempt.report(outcome.type === "client-abort" ? { type: "timeout", phase: "response" } : outcome);
        }
        // A forwarded answer is the client's own error: the call did not fail for want of a provider.
        if (call.forwarded()) return;
        for (const name of healthy) expect(tried).toContain(name);
      }),
      runs,
    );
  });

  it("tries every provider again once its cooldown is over, with one probe while somebody else can serve", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const clock = new VirtualClock();
        const balancer = balancerOn(clock);
        play(balancer, clock, steps);
        clock.advanceSync(longestCooldownMs);
        for (const { name, healthy } of balancer.status().providers) expect(`${name} ${healthy}`).toBe(`${name} true`);
        const tried = new Set<string>();
        for (const attempt of balancer.open(request)) {
          tried.add(attempt.provider);
          attempt.report({ type: "timeout", phase: "response" });
        }
        expect(tried).toEqual(new Set(["a", "b", "c"]));
      }),
      runs,
    );
  });

  it("counts nobody as busy once every call is over, and keeps no probe lease", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const clock = new VirtualClock();
        const balancer = balancerOn(clock);
        for (const { call, current } of play(balancer, clock, steps)) {
          current?.[Symbol.dispose]();
          call.abandon();
        }
        expect(balancer.status().providers.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
        clock.advanceSync(longestCooldownMs);
        const [first] = balancer.open(request);
        expect(first?.provider).toBe("a");
      }),
      runs,
    );
  });

  it("tries first whom it explains that it would, also where some translate or are full", () => {
    const kind = fc.record({
      type: fc.constantFrom("anthropic" as const, "openai" as const),
      maxConcurrent: fc.constantFrom(1, 2, Infinity),
    });
    const mixed = fc.tuple(kind, kind, kind);
    fc.assert(
      fc.property(history, mixed, (steps, kinds) => {
        const providers = config.providers.map((each, at) => ({ ...each, ...kinds[at] }));
        const clock = new VirtualClock();
        const balancer = new Balancer({ providers }, { clock, random: () => 0.5 });
        play(
          balancer,
          clock,
          steps.filter(({ type }) => type !== "reload"),
        );
        const [first] = balancer.explain("claude-opus-5").candidates;
        const attempt = balancer.open(request).next();
        expect(attempt?.provider).toBe(first?.standing === "open" ? undefined : first?.provider);
      }),
      runs,
    );
  });

  it("does not change by a reload with the same configuration", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const clock = new VirtualClock();
        const balancer = balancerOn(clock);
        play(balancer, clock, steps);
        const before = {
          status: balancer.status(),
          explanation: balancer.explain("claude-opus-5"),
          health: balancer.healthSnapshot(),
        };
        expect(balancer.reload(config)).toEqual({ added: [], removed: [], changed: [], kept: ["a", "b", "c"] });
        expect({
          status: balancer.status(),
          explanation: balancer.explain("claude-opus-5"),
          health: balancer.healthSnapshot(),
        }).toEqual(before);
      }),
      runs,
    );
  });
});
