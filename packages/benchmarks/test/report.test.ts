import { describe, expect, it } from "vitest";
import { cpuChart } from "../src/report/chart.ts";
import { judgeGoals } from "../src/report/goals.ts";
import { type WorkloadSummary, summarise } from "../src/report/summary.ts";
import { median } from "../src/rig/median.ts";
import { workloadSection } from "../src/report/table.ts";
import type { CandidateRounds, Round } from "../src/measure/run-workload.ts";
import { type Workload, workloads } from "../src/fixtures/workloads.ts";

function workload(id: string): Workload {
  const found = workloads.find((each) => each.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

function round(cpuUs: number, mismatch: number = 0): Round {
  const percentiles = { count: 1, p50: 100, p90: 150, p99: 200, max: 300 };
  const errors = { connect: 0, closed: 0, status: 0, mismatch, unfinished: 0 };
  return {
    load: {
      requests: 1_000,
      seconds: 1,
      bodyBytes: 1,
      errors,
      sample: "",
      firstByteUs: percentiles,
      totalUs: percentiles,
      delayUs: percentiles,
    },
    cpuUs,
    idleKb: 50_000,
    peakKb: 60_000,
    faults: mismatch > 0 ? [`${mismatch} bad answers`] : [],
  };
}

function twice(each: Round): Round {
  return { ...each, load: { ...each.load, requests: 2 * each.load.requests } };
}

const rounds: readonly CandidateRounds[] = [
  { candidate: "bare", rounds: [round(100), round(200), round(120)] },
  { candidate: "ccpb", rounds: [round(130), round(240), round(300, 2)] },
  { candidate: "portkey", rounds: [], reason: "did not start" },
];

describe("a summary", () => {
  it("takes medians of even and odd counts", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it("pairs the rounds for its ratio, and sets the best rounds against each other", () => {
    const ccpb = summarise(workload("W1"), rounds).candidates[1];
    expect(ccpb).toMatchObject({ cpuUs: 240, ratio: 1.3, bestRatio: 1.3, lost: 2, requests: 3_000 });
  });

  it("keeps the reason of a candidate that did not run", () => {
    expect(summarise(workload("W1"), rounds).candidates[2]).toEqual({ candidate: "portkey", reason: "did not start" });
  });
});

describe("a report", () => {
  const summary: WorkloadSummary = summarise(workload("W1"), rounds);

  it("shows figures, reasons and faults", () => {
    const section = workloadSection(summary);
    expect(section).toMatch(/\| bare \| 120 µs \| 1\.00 \|/);
    expect(section).toMatch(/- portkey: did not start/);
    expect(section).toMatch(/- ccpb: \*\*2 bad answers\*\*/);
  });

  it("sets workers against a single process by their requests a second", () => {
    const [ccpb] = rounds.slice(1);
    const workers = { candidate: "ccpb-2-workers", rounds: (ccpb?.rounds ?? []).map((each) => twice(each)) };
    const section = workloadSection(summarise(workload("W1"), [...rounds, workers]));
    expect(section).toContain("- ccpb-2-workers: 2.00 × the requests/s of ccpb");
    expect(section).not.toContain("- ccpb: 1.00");
  });

  it("judges a goal by the ratio of the same run", () => {
    expect(judgeGoals([summary], undefined)).toEqual([
      { workload: "W1", goal: "CPU ≤ 1.6 × bare", measured: "1.30 ×", isMet: true },
    ]);
  });

  it("judges streams by memory and by those lost", () => {
    const goals = judgeGoals([summarise(workload("W5-1000"), rounds)], undefined);
    expect(goals.find(({ goal }) => goal === "no stream lost")).toMatchObject({ measured: "2", isMet: false });
    expect(goals.find(({ goal }) => goal.startsWith("memory"))).toMatchObject({ isMet: true });
  });

  it("draws a bar for each ratio, with names escaped", () => {
    const chart = cpuChart([summary], "a <machine> & a date");
    expect(chart.match(/<rect x=/g)).toHaveLength(2);
    expect(chart).toContain("a &lt;machine&gt; &amp; a date");
  });
});

it("every workload makes requests and answers that fit together", () => {
  for (const { id, request, answer, events, dialect } of workloads.filter((each) => each.id !== "W8")) {
    expect(request("m").marks.length, id).toBeGreaterThan(0);
    const made = answer("m");
    expect(made.partEnds.at(-1), id).toBe(made.body.length);
    if (events !== undefined) expect(made.partEnds.length, id).toBeGreaterThan(events);
    if (dialect === "chat") expect(made.marks[0], id).toBe("message_start");
  }
});
