import { median } from "../rig/median.ts";
import type { CandidateRounds, Round } from "../measure/run-workload.ts";
import type { Workload } from "../fixtures/workloads.ts";

/** The medians of one candidate in one workload. Times are microseconds unless the name says otherwise. */
export interface CandidateSummary {
  readonly candidate: string;
  readonly reason?: string;
  readonly cpuUs?: number;
  /** CPU per request as a multiple of the reference's, the median of the rounds' own ratios. */
  readonly ratio?: number;
  /** The cheapest rounds against each other: other work on the machine only ever adds to a round. */
  readonly bestRatio?: number;
  readonly perSecond?: number;
  readonly totalP50?: number;
  readonly totalP99?: number;
  readonly delayP50?: number;
  readonly delayP99?: number;
  readonly peakMb?: number;
  readonly grownKb?: number;
  readonly firstProviderHits?: number;
  readonly requests?: number;
  /** Wrong or missing answers over all rounds. */
  readonly lost?: number;
  readonly faults?: readonly string[];
}

export interface WorkloadSummary {
  readonly workload: Pick<Workload, "id" | "title" | "kind" | "events" | "connections">;
  /** Name of the candidate that ratios are relative to. */
  readonly reference: string;
  readonly candidates: readonly CandidateSummary[];
}

/** Medians over the rounds, and ratios against `bare` (or `minimal` where it is about translation). */
export function summarise(workload: Workload, all: readonly CandidateRounds[]): WorkloadSummary {
  const reference = workload.dialect === "chat" ? "minimal" : "bare";
  const base = all.find((each) => each.candidate === reference)?.rounds ?? [];
  const { id, title, kind, connections, events } = workload;
  return {
    workload: { id, title, kind, connections, ...(events === undefined ? {} : { events }) },
    reference,
    candidates: all.map((each) => summariseCandidate(each, base)),
  };
}

function summariseCandidate(all: CandidateRounds, base: readonly Round[]): CandidateSummary {
  if (all.rounds.length === 0) return { candidate: all.candidate, reason: all.reason ?? "was not run" };
  const figure = (pick: (round: Round) => number | undefined): number | undefined => {
    const values = all.rounds.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const ratios = all.rounds.flatMap((round, index) => {
    const other = base[index]?.cpuUs;
    return round.cpuUs === undefined || other === undefined || other === 0 ? [] : [round.cpuUs / other];
  });
  const [best, otherBest] = [all.rounds, base].map((rounds) =>
    Math.min(...rounds.map((each) => each.cpuUs ?? Infinity)),
  );
  const figures = {
    cpuUs: figure((round) => round.cpuUs),
    ratio: ratios.length === 0 ? undefined : median(ratios),
    bestRatio: Number.isFinite(best) && Number.isFinite(otherBest) ? (best ?? 0) / (otherBest ?? 1) : undefined,
    perSecond: figure((round) => round.load.requests / round.load.seconds),
    totalP50: figure((round) => round.load.totalUs.p50),
    totalP99: figure((round) => round.load.totalUs.p99),
    delayP50: figure((round) => (round.load.delayUs.count > 0 ? round.load.delayUs.p50 : undefined)),
    delayP99: figure((round) => (round.load.delayUs.count > 0 ? round.load.delayUs.p99 : undefined)),
    peakMb: figure((round) => (round.peakKb === undefined ? undefined : round.peakKb / 1_024)),
    grownKb: figure((round) => (round.peakKb === undefined ? undefined : round.peakKb - (round.idleKb ?? 0))),
    firstProviderHits: figure((round) => round.firstProviderHits),
    requests: all.rounds.reduce((sum, round) => sum + round.load.requests, 0),
    lost: all.rounds.reduce((sum, round) => sum + Object.values(round.load.errors).reduce((a, b) => a + b, 0), 0),
  };
  const present = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
  const faults = [...new Set(all.rounds.flatMap((round) => round.faults))];
  return { candidate: all.candidate, ...present, faults };
}
