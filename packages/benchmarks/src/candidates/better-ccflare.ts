import { join } from "node:path";
import { upstreamKey } from "../rig/upstream.ts";
import { upstreamModel } from "../fixtures/workloads.ts";
import type { Candidate, RunningProxy, Scenario } from "./candidate.ts";
import { installPeer } from "./install-peer.ts";
import { startProxy } from "./start-proxy.ts";

let folder = "";

/** better-ccflare as it comes: a Bun binary with SQLite, its accounts made over its own HTTP interface. */
export const betterCcflare: Candidate = {
  name: "better-ccflare",
  note: "better-ccflare 3.5.4 (Bun, SQLite), STORE_PAYLOADS off",
  requestBody: "rewritten",
  answerBody: "rewritten",
  unfit: () => undefined,
  prepare: () => {
    folder = installPeer("better-ccflare", "3.5.4");
  },
  start: async (scenario) => {
    const proxy = await startProxy(scenario, {
      line: (port) => [join(folder, "dist", "better-ccflare"), "--serve", "--port", String(port)],
      environment: () => ({
        HOME: scenario.folder,
        BETTER_CCFLARE_HOST: "127.0.0.1",
        BETTER_CCFLARE_DB_PATH: join(scenario.folder, "accounts.db"),
        BETTER_CCFLARE_CONFIG_PATH: join(scenario.folder, "config.json"),
        STORE_PAYLOADS: "false",
      }),
      limitMs: 30_000,
    });
    try {
      for (const [index, port] of scenario.upstreamPorts.entries()) await addAccount(proxy, scenario, port, index);
    } catch (error) {
      await proxy.stop();
      throw error;
    }
    return proxy;
  },
};

async function addAccount(proxy: RunningProxy, scenario: Scenario, upstreamPort: number, index: number): Promise<void> {
  const kind = scenario.workload.dialect === "chat" ? "openai-compatible" : "anthropic-compatible";
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/api/accounts/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    signal: AbortSignal.timeout(10_000),
    body: JSON.stringify({
      name: `provider${index}`,
      apiKey: upstreamKey,
      customEndpoint: `http://127.0.0.1:${upstreamPort}`,
      priority: index,
      modelMappings: { opus: upstreamModel, sonnet: upstreamModel, haiku: upstreamModel },
    }),
  });
  if (!answer.ok)
    throw new Error(`account ${index} was refused: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
}
