import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFolder } from "../rig/folders.ts";
import { UnavailableError } from "../rig/native-program.ts";
import { upstreamKey } from "../rig/upstream.ts";
import { upstreamModel } from "../fixtures/workloads.ts";
import type { Candidate, Scenario } from "./candidate.ts";
import { startProxy } from "./start-proxy.ts";

/** The built command. */
export function ccpbCommand(): string {
  return join(repositoryFolder(), "packages", "server", "dist", "cli.js");
}

/** ccpb as users start it: log at INFO to a file, metrics, checks and content gate on. */
export const ccpb: Candidate = ccpbBuild(
  "ccpb",
  ccpbCommand(),
  "everything on: checks, content gate, log at INFO to a file, metrics",
);

/** ccpb with two workers; it runs wherever the system puts it, since one processor would make one of them useless. */
export const ccpbTwoWorkers: Candidate = ccpbBuild(
  "ccpb-2-workers",
  ccpbCommand(),
  "ccpb serve --workers 2, not pinned: on a machine of two processors upstream and load compete with the workers",
  { workerArguments: ["--workers", "2"] },
);

/** ccpb with fifty clients that have names, limits and budgets; the load is one of them. */
export const ccpbTeam: Candidate = ccpbBuild(
  "ccpb-team",
  ccpbCommand(),
  "ccpb with settings.auth.clients: fifty clients with limits and budgets, and prices for all models",
  { settings: teamSettings() },
);

function teamSettings(): string {
  const names = Array.from({ length: 50 }, (_, index) => `client${index}`);
  const clients = names.map(
    (name, index) =>
      `      - { name: ${name}, key: ${index === 49 ? "bench-client-key" : `key-of-${name}-0123456789`}, limits: { concurrent: 50000, requests_per_minute: 9000000, tokens_per_minute: 9000000000 }, budget: { usd: 1000000, tokens: 900000000000, per: month } }\n`,
  );
  return `  prices: [{ model: "*", input: 3, output: 15 }]\n  auth:\n    clients:\n${clients.join("")}`;
}

interface BuildOptions {
  readonly workerArguments?: readonly string[];
  /** Further lines of the section `settings`. */
  readonly settings?: string;
}

/** The ccpb that stands at `command` (a `cli.js`). With arguments that make it several processes it is not pinned. */
export function ccpbBuild(
  name: string,
  command: string,
  note: string,
  { workerArguments = [], settings = "" }: BuildOptions = {},
): Candidate {
  return {
    name,
    note,
    requestBody: "spliced",
    answerBody: "asked-model",
    unfit: () => undefined,
    prepare: () => {
      if (!existsSync(command)) throw new UnavailableError(`${command} is not built (npm run setup)`);
    },
    start: (scenario) =>
      startProxy(workerArguments.length === 0 ? scenario : { ...scenario, processors: undefined }, {
        line: (port) => {
          const file = join(scenario.folder, "providers.yaml");
          writeFileSync(file, configuration(scenario) + settings);
          // For profiles, such as --cpu-prof --cpu-prof-dir=DIR.
          const nodeOptions = process.env["CCPB_BENCH_NODE_OPTIONS"]?.split(" ").filter(Boolean) ?? [];
          return [
            scenario.node,
            ...nodeOptions,
            command,
            "serve",
            "--config",
            file,
            "--port",
            String(port),
            ...workerArguments,
          ];
        },
      }),
  };
}

function configuration(scenario: Scenario): string {
  const isChat = scenario.workload.dialect === "chat";
  const providers = scenario.upstreamPorts.map(
    (port, index) => `  - name: provider_${index}
    type: ${isChat ? "openai" : "anthropic"}
    base_url: http://127.0.0.1:${port}${isChat ? "/v1" : ""}
    auth_type: api_key
    auth_value: ${upstreamKey}
    big_model: ${upstreamModel}
    small_model: ${upstreamModel}
`,
  );
  return `providers:\n${providers.join("")}settings:\n  log_level: INFO\n  log_file: ${join(scenario.folder, "balancer.jsonl")}\n  metrics: true\n  max_connections: 20000\n  max_body_memory: 4000\n`;
}
