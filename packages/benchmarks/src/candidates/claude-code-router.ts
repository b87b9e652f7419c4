import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { upstreamKey } from "../rig/upstream.ts";
import { upstreamModel } from "../fixtures/workloads.ts";
import type { Candidate, Scenario } from "./candidate.ts";
import { installPeer } from "./install-peer.ts";
import { startProxy } from "./start-proxy.ts";

let folder = "";

/** claude-code-router with its own token counting and routing, its log at INFO. */
export const claudeCodeRouter: Candidate = {
  name: "claude-code-router",
  note: "@musistudio/claude-code-router 2.0.0, LOG_LEVEL info",
  requestBody: "rewritten",
  answerBody: "rewritten",
  unfit: () => undefined,
  prepare: () => {
    folder = installPeer("@musistudio/claude-code-router", "2.0.0");
  },
  start: (scenario) =>
    startProxy(scenario, {
      line: (port) => {
        const home = join(scenario.folder, ".claude-code-router");
        mkdirSync(home, { recursive: true });
        writeFileSync(join(home, "config.json"), JSON.stringify(configuration(scenario, port), null, 2));
        return [scenario.node, join(folder, "dist", "cli.js"), "start"];
      },
      environment: () => ({ HOME: scenario.folder, CI: "1" }),
    }),
};

function configuration(scenario: Scenario, port: number): object {
  const isChat = scenario.workload.dialect === "chat";
  const names = scenario.upstreamPorts.map((_, index) => `provider${index},${upstreamModel}`);
  return {
    HOST: "127.0.0.1",
    PORT: port,
    LOG: true,
    LOG_LEVEL: "info",
    API_TIMEOUT_MS: 60_000,
    NON_INTERACTIVE_MODE: true,
    Providers: scenario.upstreamPorts.map((upstreamPort, index) => ({
      name: `provider${index}`,
      api_base_url: `http://127.0.0.1:${upstreamPort}/v1/${isChat ? "chat/completions" : "messages"}`,
      api_key: upstreamKey,
      models: [upstreamModel],
      ...(isChat ? {} : { transformer: { use: ["Anthropic"] } }),
    })),
    Router: { default: names[0] },
    ...(names.length > 1 ? { fallback: { default: names.slice(1) } } : {}),
  };
}
