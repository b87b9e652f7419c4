import type { StartUpSummary } from "../start-up.ts";
import type { CandidateSummary, WorkloadSummary } from "./summary.ts";

/** One thing that ccpb has to reach against the others in the same run. */
export interface GoalResult {
  readonly workload: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

type Figure = (each: CandidateSummary) => number | undefined;
const cpuOf: Figure = (each) => each.cpuUs;
const peers = ["portkey", "claude-code-router", "better-ccflare"];

/** Holds the goals for every workload that was measured; one that lacks a figure is left out. */
export function judgeGoals(summaries: readonly WorkloadSummary[], startUp: StartUpSummary | undefined): GoalResult[] {
  const results: GoalResult[] = [];
  const atMost = (workload: string, what: string, value: number | undefined, limit: number, against: string): void => {
    if (value === undefined || !Number.isFinite(value)) return;
    results.push({
      workload,
      goal: `${what} ≤ ${limit} × ${against}`,
      measured: `${value.toFixed(2)} ×`,
      isMet: value <= limit,
    });
  };
  const faster = (summary: WorkloadSummary, times: number): void => {
    for (const peer of peers) {
      const value = quotient(summary, cpuOf, peer, "ccpb");
      if (value === undefined) continue;
      const goal = `CPU at least ${times} × less than ${peer}`;
      results.push({ workload: summary.workload.id, goal, measured: `${value.toFixed(1)} ×`, isMet: value >= times });
    }
  };
  for (const summary of summaries) {
    const { id } = summary.workload;
    const cpu = summary.candidates.find((each) => each.candidate === "ccpb")?.ratio;
    const limit = { W1: 1.4, "W2-150k": 1.25, "W2-300k": 1.25, "W2-stream": 1.25, "W3-burst": 0.8, W4: 1.25, W8: 1.3 }[
      id
    ];
    if (limit !== undefined) atMost(id, "CPU", cpu, limit, summary.reference);
    const times = { W1: 6, "W2-150k": 10, "W2-300k": 10, "W2-stream": 10, W4: 5 }[id];
    if (times !== undefined) faster(summary, times);
    if (id === "W4") {
      const perEvent = (find(summary, "ccpb")?.cpuUs ?? Number.NaN) / (summary.workload.events ?? 1);
      if (Number.isFinite(perEvent)) {
        results.push({
          workload: id,
          goal: "≤ 10 µs an event",
          measured: `${perEvent.toFixed(2)} µs`,
          isMet: perEvent <= 10,
        });
      }
    }
    const limits = { paced: [1.2, 1.2], "slow-streams": [undefined, 1.3] }[
      id === "W3-paced" ? "paced" : "slow-streams"
    ];
    const hasDelay = summary.workload.kind === "paced" || summary.workload.kind === "slow-streams";
    if (hasDelay && limits?.[0] !== undefined) {
      atMost(
        id,
        "added delay p50",
        quotient(summary, (each) => each.delayP50, "ccpb", "bare"),
        limits[0],
        "bare",
      );
    }
    if (hasDelay && limits?.[1] !== undefined) {
      atMost(
        id,
        "added delay p99",
        quotient(summary, (each) => each.delayP99, "ccpb", "bare"),
        limits[1],
        "bare",
      );
    }
    if (summary.workload.kind === "slow-streams") {
      atMost(
        id,
        "memory a stream",
        quotient(summary, (each) => each.grownKb, "ccpb", "bare"),
        1.2,
        "bare",
      );
      const lost = find(summary, "ccpb")?.lost;
      if (lost !== undefined)
        results.push({ workload: id, goal: "no stream lost", measured: String(lost), isMet: lost === 0 });
    }
  }
  results.push(...failoverGoals(summaries), ...startUpGoals(startUp));
  return results;
}

/** Once cooled, a dead first provider must cost nothing: W6 against W1 of the same run. */
function failoverGoals(summaries: readonly WorkloadSummary[]): GoalResult[] {
  const healthy = summaries.find((each) => each.workload.id === "W1");
  const before = healthy === undefined ? undefined : find(healthy, "ccpb")?.cpuUs;
  return summaries
    .filter((each) => each.workload.kind === "failover")
    .flatMap((summary) => {
      const now = find(summary, "ccpb")?.cpuUs;
      if (before === undefined || now === undefined) return [];
      const value = now / before;
      return [
        {
          workload: summary.workload.id,
          goal: "CPU as in W1 once cooled (± 10 %)",
          measured: `${value.toFixed(2)} ×`,
          isMet: value <= 1.1,
        },
      ];
    });
}

function startUpGoals(startUp: StartUpSummary | undefined): GoalResult[] {
  if (startUp === undefined) return [];
  const ms = (name: string): number | undefined => startUp.firstAnswerMs.find((each) => each.name === name)?.ms;
  const [ours, theirs] = [ms("ccpb"), ms("bare")];
  const results: GoalResult[] = [];
  const add = (goal: string, value: number): number =>
    results.push({ workload: "W7", goal, measured: `${value.toFixed(2)} ×`, isMet: value <= 1.5 });
  if (ours !== undefined && theirs !== undefined) add("first answer ≤ 1.5 × bare", ours / theirs);
  if (startUp.versionMs !== undefined) add("`ccpb --version` ≤ 1.5 × `node -e 0`", startUp.versionMs / startUp.nodeMs);
  return results;
}

function find(summary: WorkloadSummary, name: string): CandidateSummary | undefined {
  return summary.candidates.find((each) => each.candidate === name);
}

function quotient(summary: WorkloadSummary, figure: Figure, over: string, under: string): number | undefined {
  const [a, b] = [over, under].map((name) => {
    const found = find(summary, name);
    return found === undefined ? undefined : figure(found);
  });
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}
