import { join } from "node:path";
import type { Readable } from "node:stream";
import { cut, type FakeUpstream, paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { faultQuestion, testEveryFault, wordsOf } from "../node-http/fault-suite.ts";

const question = { model: "claude-opus-5", max_tokens: 100, messages: [{ role: "user", content: "Who are you?" }] };
let script = "";

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["@ccpb/source", "worker"],
    target: "es2022",
  });
  return outputFiles[0]?.text ?? "";
}

beforeAll(async () => {
  script = await bundled("worker.ts");
});

/** Two Workers, as two isolates of one deployment, with one Durable Object. */
function startWorkers(anthropic: FakeUpstream, openrouter: FakeUpstream): Miniflare {
  const bindings = {
    ANTHROPIC_API_KEY: "sk-first",
    OPENROUTER_API_KEY: "sk-second",
    ANTHROPIC_UPSTREAM: anthropic.url,
    OPENROUTER_UPSTREAM: openrouter.url,
  };
  const common = { modules: true as const, script, bindings, compatibilityDate: "2026-06-01" };
  return new Miniflare({
    workers: [
      { ...common, name: "one", durableObjects: { HEALTH: { className: "HealthStore" } } },
      { ...common, name: "two", durableObjects: { HEALTH: { className: "HealthStore", scriptName: "one" } } },
    ],
  });
}

/** Miniflare's types are those of Cloudflare, and need `@cloudflare/workers-types` to be whole. */
async function workerOf(workers: Miniflare, name: string): Promise<{ readonly fetch: typeof fetch }> {
  return (await workers.getWorker(name)) as unknown as { readonly fetch: typeof fetch };
}

async function ask(workers: Miniflare, name: string, change: object = {}, path = "/v1/messages") {
  const worker = await workerOf(workers, name);
  return worker.fetch(`http://worker.test${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...question, ...change }),
  });
}

describe("the Worker", () => {
  it("fails over, streams, translates and lists models in workerd, and its isolates learn from each other", async () => {
    await using anthropic = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    await using openrouter = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("Here I am.") });
    const workers = startWorkers(anthropic, openrouter);
    try {
      const response = await ask(workers, "one", { stream: true });
      expect(response.headers.get("x-ccpb-provider")).toBe("openrouter");
      expect(await response.text()).toContain("event: message_stop");
      expect(openrouter.requests[0]?.headers["authorization"]).toBe("Bearer sk-second");
      const whole = await ask(workers, "one");
      expect(await whole.json()).toMatchObject({ content: [{ type: "text", text: "Here I am." }] });
      expect(anthropic.requests).toHaveLength(1);
      const counted = await ask(workers, "one", {}, "/v1/messages/count_tokens");
      expect(((await counted.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(0);
      const worker = await workerOf(workers, "one");
      expect((await worker.fetch("http://worker.test/v1/models")).status).toBe(200);
      expect((await worker.fetch("http://worker.test/health")).status).toBe(200);

      // The other isolate asks anthropic only until it has heard: the first exchange is behind its first answer.
      await vi.waitFor(async () => {
        await (await ask(workers, "two")).text();
        const before = anthropic.requests.length;
        await (await ask(workers, "two")).text();
        expect(anthropic.requests.length).toBe(before);
      }, 30_000);
      expect(anthropic.requests.length).toBeLessThanOrEqual(2);
    } finally {
      await workers.dispose();
    }
  });

  it("breaks off a stream that broke upstream, and never ends it as if it were whole", async () => {
    const broken = cut(paced(text("half an answer is no answer"), 1), "mid-content");
    await using anthropic = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: broken });
    await using openrouter = await startFakeUpstream({ dialect: "openai" });
    const workers = startWorkers(anthropic, openrouter);
    try {
      const response = await ask(workers, "one", { stream: true });
      const said = await response.text().catch(() => "broken off");
      expect(said).not.toContain("event: message_stop");
      expect(said).toMatch(/event: error|broken off/);
    } finally {
      await workers.dispose();
    }
  });
});

describe("the Worker, at every fault of its providers", () => {
  let workers: Miniflare;
  beforeAll(async () => {
    const faults = {
      modules: true as const,
      script: await bundled("fault-worker.ts"),
      compatibilityDate: "2026-06-01",
    };
    // workerd tells of each connection that a provider broke.
    const handleRuntimeStdio = (out: Readable, errors: Readable): void => {
      out.resume();
      errors.resume();
    };
    workers = new Miniflare({ workers: [{ ...faults, name: "faults" }], handleRuntimeStdio });
  });
  afterAll(() => workers.dispose());

  testEveryFault(
    async (_balancer, { stream, providers }) => {
      const worker = await workerOf(workers, "faults");
      const response = await worker.fetch("http://worker.test/v1/messages", {
        method: "POST",
        headers: { "content-type": "application/json", "x-test-providers": JSON.stringify(providers) },
        body: JSON.stringify({ ...faultQuestion, stream }),
      });
      return wordsOf(await response.text());
    },
    { isRemote: true },
  );
});
