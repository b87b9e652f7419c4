import { upstreamKey } from "../rig/upstream.ts";
import { type Candidate, needsTranslation } from "./candidate.ts";

/** The load generator and the upstream without anything between them: how far the rig is from being the bottleneck. */
export const direct: Candidate = {
  name: "direct",
  note: "no proxy: what the rig itself can do",
  requestBody: "original",
  answerBody: "original",
  unfit: (workload) => (workload.kind === "failover" ? "has no second provider" : needsTranslation(workload)),
  prepare: () => {},
  start: (scenario) => {
    const [port] = scenario.upstreamPorts;
    if (port === undefined) throw new Error("no upstream");
    return Promise.resolve({ port, headers: { "x-api-key": upstreamKey }, stop: () => Promise.resolve() });
  },
};
