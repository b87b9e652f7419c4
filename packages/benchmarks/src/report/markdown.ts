import { resumeSeconds } from "../measure/run-workload.ts";
import type { StartUpSummary } from "../measure/start-up.ts";
import type { GoalResult } from "./goals.ts";
import { type Machine, machineLine } from "./machine.ts";
import type { WorkloadSummary } from "./summary.ts";
import { startUpSection, table, workloadSection } from "./table.ts";

/** Everything that one run found. */
export interface Report {
  readonly machine: Machine;
  readonly pinning: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly candidates: readonly { readonly name: string; readonly note: string }[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly summaries: readonly WorkloadSummary[];
  readonly startUp: StartUpSummary | undefined;
  readonly goals: readonly GoalResult[];
}

/** Place of a report within the docs, and of its chart and its links relative to itself. */
export interface Page {
  readonly file: string;
  readonly title: string;
  readonly chart: string;
  readonly links: readonly { readonly text: string; readonly href: string }[];
}

/** The whole page, `docs/benchmarks.md` or one of `docs/benchmarks/`. */
export function reportMarkdown(report: Report, page: Page): string {
  const { goals, startUp } = report;
  return [
    `# ${page.title}`,
    "",
    `Measured on: ${machineLine(report.machine)}. ${report.pinning} Up to ${report.rounds} alternating rounds of ${report.seconds} s, each after ${resumeSeconds} s of the same work that do not count, but where streams are paced or slow; medians, and medians of the rounds' own ratios.`,
    "",
    "Run them yourself: `pnpm bench` (about a minute and a half) or `pnpm bench --full`. Absolute figures mean nothing from one machine to another; the ratios within a run do. The upstream and the load generator are C programs on epoll, built on the spot; every answer is checked in full (bytes, or order and completeness where a proxy rewrites), and so is every request at the upstream. CPU is user and system time of the proxy process per right answer.",
    "",
    `See also: ${page.links.map(({ text, href }) => `[${text}](${href})`).join(", ")}.`,
    "",
    `![CPU time a request as multiples of a bare proxy](${page.chart})`,
    "",
    ...report.candidates.map(({ name, note }) => `- **${name}**: ${note}`),
    ...report.missing.map(({ name, reason }) => `- ${name} did not run: ${reason}`),
    "",
    ...(goals.length === 0 ? [] : ["## Goals", "", goalTable(goals), ""]),
    "## Workloads",
    "",
    ...report.summaries.map(workloadSection),
    ...(startUp === undefined ? [] : [startUpSection(startUp)]),
  ].join("\n");
}

function goalTable(goals: readonly GoalResult[]): string {
  return table(
    ["", "goal", "measured", "met"],
    goals.map(({ workload, goal, measured, isMet }) => [workload, goal, measured, isMet ? "yes" : "**no**"]),
  );
}
