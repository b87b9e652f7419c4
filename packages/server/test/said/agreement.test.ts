import { readFileSync } from "node:fs";
import { Balancer, type BalancerConfig, type BalancerStatus, type Outcome } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { explain } from "../../src/cli/explain.ts";
import { status } from "../../src/cli/status.ts";
import { explanationView } from "../../src/views/explanation-view.ts";
import { providersView } from "../../src/views/providers-view.ts";

const model = "claude-opus-5";
const url = "http://127.0.0.1:8080";
const page = readFileSync(new URL("../../src/ui/page/providers.js", import.meta.url), "utf8");

/** The function of the status page that says who can serve, run as the page runs it. */
function verdictOfPage(view: ReturnType<typeof providersView>): string {
  const words = ["nextWords", "waits"].map(
    (name) => new RegExp(`const ${name} = \\{[\\s\\S]*?\\n\\};`).exec(page)?.[0] ?? "",
  );
  const verdict = /function verdictOf\([\s\S]*?\n\}/.exec(page)?.[0] ?? "";
  const t = "const t = (text, values = {}) => text.replace(/\\{(\\w+)\\}/g, (_, name) => String(values[name]));";
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- the page's own source, from this repository
  const run = new Function(
    "state",
    "healthy",
    "enabled",
    `${t}\n${words.join("\n")}\n${verdict}\nreturn verdictOf(state, healthy, enabled);`,
  );
  const enabled = view.providers.filter((provider) => provider.enabled).length;
  return String(run(view, view.healthy_providers, enabled));
}

/** Runs a verb against a server that answers with `body`: its exit code and what it prints. */
async function printed(body: unknown, verb: () => Promise<number>): Promise<{ code: number; text: string }> {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(body))));
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    return { code: await verb(), text };
  } finally {
    spy.mockRestore();
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const reply = (status: number, message = "", headers: Record<string, string> = {}): Outcome => ({
  type: "response",
  status,
  headers,
  body: JSON.stringify({ type: "error", error: { type: "api_error", message } }),
});
const failures: readonly Outcome[] = [
  reply(500, "Internal error"),
  reply(529, "Overloaded"),
  reply(401, "invalid x-api-key"),
  reply(400, "Your credit balance is too low to access the Anthropic API."),
  reply(404, "model: unknown"),
  reply(429, "Rate limited", { "retry-after": "40" }),
  reply(429, "Rate limited"),
  { type: "timeout", phase: "response" },
  { type: "transport-error", cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) },
];

const provider = fc.record({
  enabled: fc.boolean(),
  keys: fc.integer({ min: 1, max: 3 }),
  passesThrough: fc.boolean(),
  maxConcurrent: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
});
const step = fc.oneof(
  fc.record({
    type: fc.constant("call" as const),
    outcomes: fc.array(fc.integer({ min: -1, max: failures.length - 1 }), { maxLength: 6 }),
    text: fc.integer({ min: 0, max: 5 }),
  }),
  fc.record({ type: fc.constant("hold" as const) }),
  fc.record({ type: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
);

function configOf(
  providers: readonly { enabled: boolean; keys: number; passesThrough: boolean; maxConcurrent: number | undefined }[],
): BalancerConfig {
  return {
    providers: providers.map(({ enabled, keys, passesThrough, maxConcurrent }, index) => ({
      name: `p${index}`,
      type: "anthropic",
      baseUrl: `https://p${index}.test`,
      auth: { type: "api_key", keys: Array.from({ length: keys }, (_, key) => `sk-${index}-${key}-0000000000`) },
      bigModel: passesThrough ? "passthrough" : `big-${index}`,
      smallModel: `small-${index}`,
      enabled,
      ...(maxConcurrent !== undefined && { maxConcurrent }),
    })),
  };
}

/** Lets one call meet the outcomes in turn, then success; a call that must wait is left alone. */
function run(balancer: Balancer, outcomes: readonly number[], text: number): void {
  const call = balancer.open({ model, max_tokens: 9 + text, messages: [{ role: "user", content: `Hi ${text}` }] });
  let index = 0;
  for (const attempt of call) {
    const chosen = outcomes[index] ?? -1;
    index += 1;
    const outcome = failures[chosen];
    if (outcome === undefined) {
      attempt.report(reply(200));
      attempt.report({ type: "content" });
      attempt.report({ type: "complete" });
    } else attempt.report(outcome);
  }
}

async function expectAgreement(balancer: Balancer): Promise<void> {
  const now: BalancerStatus = balancer.status();
  const view = providersView(now);
  const explained = explanationView(balancer.explain(model));
  const enabled = view.providers.filter((one) => one.enabled).length;
  expect([view.total_providers, view.enabled_providers]).toEqual([view.providers.length, enabled]);

  // Who serves: null where none can, and then nothing says that one is asked.
  expect(explained.next_request ?? { outcome: "refused" }).toMatchObject({ outcome: view.next_request.outcome });
  const current = view.current_provider;
  if (explained.next_request !== null) expect(explained.next_request).toEqual(view.next_request);
  if (current !== null) expect(explained.candidates[0]?.provider).toBe(current);
  seen.set(view.next_request.outcome, (seen.get(view.next_request.outcome) ?? 0) + 1);
  const isServed = view.next_request.outcome === "served";
  expect(current !== null).toBe(isServed);

  const said = await printed(explained, () => explain(model, { url }));
  expect(said.code).toBe(explained.candidates.length === 0 ? 1 : isServed ? 0 : 3);
  expect(said.text.includes("is asked of these")).toBe(isServed);

  const listed = await printed(view, () => status({ url }));
  expect(listed.code).toBe(view.healthy_providers > 0 ? 0 : 1);
  expect(listed.text).toContain(`${view.healthy_providers} of ${enabled} `);
  expect(listed.text.includes(`New requests go to ${current}.`)).toBe(isServed);

  const verdict = verdictOfPage(view);
  expect(verdict.includes(`new requests go to ${current}`)).toBe(isServed);
  expect(verdict.startsWith("No provider can serve")).toBe(view.healthy_providers === 0);

  // A provider's state is the same wherever it is named.
  for (const one of explained.candidates) {
    const shown = view.providers.find(({ name }) => name === one.provider);
    const standings = explained.candidates.filter((other) => other.provider === one.provider);
    expect(shown?.healthy).toBe(standings.some(({ standing }) => standing !== "open"));
  }
}

const seen = new Map<string, number>();

describe("status, /providers, the status page and explain", () => {
  it("agree on who can serve, whatever has failed, and count disabled providers alike", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(provider, { minLength: 1, maxLength: 4 }),
        fc.array(step, { maxLength: 12 }),
        async (providers, steps) => {
          fc.pre(providers.some(({ enabled }) => enabled));
          const clock = new VirtualClock();
          using balancer = new Balancer(configOf(providers), { clock });
          await expectAgreement(balancer);
          for (const one of steps) {
            if (one.type === "pass") await clock.advance(one.ms);
            else if (one.type === "hold")
              balancer.open({ model, max_tokens: 9, messages: [{ role: "user", content: "held" }] }).next();
            else run(balancer, one.outcomes, one.text);
            await expectAgreement(balancer);
          }
        },
      ),
      { numRuns: 200 },
    );
    // The property has met every outcome.
    for (const outcome of ["served", "probe", "wait", "refused"])
      expect(seen.get(outcome) ?? 0, outcome).toBeGreaterThan(0);
  });
});
