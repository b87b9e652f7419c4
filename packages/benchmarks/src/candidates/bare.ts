import { join } from "node:path";
import { packageFolder } from "../rig/folders.ts";
import { upstreamKey } from "../rig/upstream.ts";
import { upstreamModel } from "../fixtures/workloads.ts";
import { type Candidate, type Scenario, needsTranslation } from "./candidate.ts";
import { startProxy } from "./start-proxy.ts";

/** `src/bare-proxy.ts`: what all ratios are against. */
export const bare: Candidate = {
  name: "bare",
  note: "about 40 lines of node:http and undici dispatch that splice the model into the raw body and check nothing",
  requestBody: "spliced",
  answerBody: "original",
  unfit: needsTranslation,
  prepare: () => {},
  start: (scenario) => startProxy(scenario, { line: (port) => ownProgram(scenario, "bare-proxy", port, "") }),
};

/** `src/minimal-translator.ts`: the same for providers that speak Chat Completions. */
export const minimal: Candidate = {
  name: "minimal",
  note: "a hand-written translating proxy: eventsource-parser, JSON.parse and templates, no checks, one provider",
  requestBody: "rewritten",
  answerBody: "rewritten",
  unfit: (workload) => (workload.dialect === "chat" ? undefined : "only translates"),
  prepare: () => {},
  start: (scenario) => startProxy(scenario, { line: (port) => ownProgram(scenario, "minimal-translator", port, "") }),
};

function ownProgram(scenario: Scenario, name: string, port: number, path: string): string[] {
  const origins = scenario.upstreamPorts.map((each) => `http://127.0.0.1:${each}${path}`);
  return [
    scenario.node,
    join(packageFolder(), "dist", `${name}.js`),
    String(port),
    upstreamModel,
    upstreamKey,
    ...origins,
  ];
}
