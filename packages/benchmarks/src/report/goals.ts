import type { StartUpSummary } from "../measure/start-up.ts";
import type { CandidateSummary, WorkloadSummary } from "./summary.ts";

/** One thing that ccpb has to reach against the others in the same run. */
export interface GoalResult {
  readonly workload: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

type Figure = (each: CandidateSummary) => number | undefined;

/** CPU per request as a multiple of the reference, at most. */
const cpuLimits: Readonly<Record<string, number>> = {
  W1: 1.6,
  "W2-150k": 1.5,
  "W2-300k": 1.5,
  "W2-stream": 1.5,
  "W3-burst": 0.9,
  W4: 1.25,
  W8: 1.3,
};
/** Least factor by which ccpb must use less CPU time than each peer, by workload. */
const peerFactors: Readonly<Record<string, number>> = { W1: 6, "W2-150k": 10, "W2-300k": 10, "W2-stream": 10 };
const peers = ["portkey", "claude-code-router", "better-ccflare"];
const microsecondsAnEvent = 10;

/** Holds the goals for every workload that was measured; one that lacks a figure is left out. */
export function judgeGoals(
  summaries: readonly WorkloadSummary[],
  startUp: StartUpSummary | undefined,
): readonly GoalResult[] {
  return [
    ...summaries.flatMap((summary) => [...cpuGoals(summary), ...peerGoals(summary), ...streamGoals(summary)]),
    ...failoverGoals(summaries),
    ...startUpGoals(startUp),
  ];
}

function atMost(workload: string, what: string, limit: number, value: number | undefined): GoalResult[] {
  if (value === undefined || !Number.isFinite(value)) return [];
  return [{ workload, goal: what, measured: `${value.toFixed(2)} ×`, isMet: value <= limit }];
}

function cpuGoals(summary: WorkloadSummary): GoalResult[] {
  const { id, events = 1 } = summary.workload;
  const limit = cpuLimits[id];
  const ours = find(summary, "ccpb");
  if (limit === undefined || ours === undefined) return [];
  const goals = atMost(id, `CPU ≤ ${limit} × ${summary.reference}`, limit, ours.ratio);
  if (id !== "W4" || ours.cpuUs === undefined) return goals;
  const value = ours.cpuUs / events;
  const measured = `${value.toFixed(2)} µs`;
  return [
    ...goals,
    { workload: id, goal: `≤ ${microsecondsAnEvent} µs an event`, measured, isMet: value <= microsecondsAnEvent },
  ];
}

function peerGoals(summary: WorkloadSummary): GoalResult[] {
  const { id } = summary.workload;
  const times = peerFactors[id];
  if (times === undefined) return [];
  return peers.flatMap((peer) => {
    const value = quotient(summary, (each) => each.cpuUs, [peer, "ccpb"]);
    const goal = `CPU at least ${times} × less than ${peer}`;
    return value === undefined
      ? []
      : [{ workload: id, goal, measured: `${value.toFixed(1)} ×`, isMet: value >= times }];
  });
}

function streamGoals(summary: WorkloadSummary): GoalResult[] {
  const { id, kind } = summary.workload;
  const against = (figure: Figure): number | undefined => quotient(summary, figure, ["ccpb", "bare"]);
  const p50 = against((each) => each.delayP50);
  const p99 = against((each) => each.delayP99);
  if (kind === "paced") {
    return [
      ...atMost(id, "added delay p50 ≤ 1.2 × bare", 1.2, p50),
      ...atMost(id, "added delay p99 ≤ 2 × bare", 2, p99),
    ];
  }
  if (kind !== "slow-streams") return [];
  const lost = find(summary, "ccpb")?.lost;
  return [
    ...atMost(
      id,
      "memory a stream ≤ 1.3 × bare",
      1.3,
      against((each) => each.grownKb),
    ),
    ...(lost === undefined
      ? []
      : [{ workload: id, goal: "no stream lost", measured: String(lost), isMet: lost === 0 }]),
  ];
}

/**
 * Once cooled, a dead first provider must cost nothing: W6 against W1 of the same run, each as a multiple of the bare proxy in it, because minutes
 * lie between them in which the machine has other work.
 */
function failoverGoals(summaries: readonly WorkloadSummary[]): GoalResult[] {
  const healthy = summaries.find((each) => each.workload.id === "W1");
  const before = healthy === undefined ? undefined : find(healthy, "ccpb")?.ratio;
  return summaries
    .filter((each) => each.workload.kind === "failover")
    .flatMap((summary) => {
      const now = find(summary, "ccpb")?.ratio;
      if (before === undefined || now === undefined) return [];
      return atMost(summary.workload.id, "CPU × bare as in W1 once cooled (± 10 %)", 1.1, now / before);
    });
}

function startUpGoals(startUp: StartUpSummary | undefined): GoalResult[] {
  if (startUp === undefined) return [];
  const ms = (name: string): number => startUp.firstAnswerMs.find((each) => each.name === name)?.ms ?? Number.NaN;
  const version = startUp.versionMs === undefined ? undefined : startUp.versionMs / startUp.nodeMs;
  return [
    ...atMost("W7", "first answer ≤ 1.5 × bare", 1.5, ms("ccpb") / ms("bare")),
    ...atMost("W7", "`ccpb --version` ≤ 1.5 × `node -e 0`", 1.5, version),
  ];
}

function find(summary: WorkloadSummary, name: string): CandidateSummary | undefined {
  return summary.candidates.find((each) => each.candidate === name);
}

function quotient(
  summary: WorkloadSummary,
  figure: Figure,
  [over, under]: readonly [string, string],
): number | undefined {
  const [a, b] = [find(summary, over), find(summary, under)].map((found) => found && figure(found));
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}
