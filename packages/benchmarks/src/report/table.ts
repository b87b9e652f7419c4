import type { StartUpSummary } from "../measure/start-up.ts";
import type { CandidateSummary, WorkloadSummary } from "./summary.ts";

type Column = readonly [title: string, cell: (summary: CandidateSummary, all: WorkloadSummary) => string];

const cpu: Column = ["CPU a request", (each) => duration(each.cpuUs)];
const ratio: Column = ["× reference", (each) => (each.ratio === undefined ? "–" : each.ratio.toFixed(2))];
const bestRatio: Column = [
  "× reference, best rounds",
  (each) => (each.bestRatio === undefined ? "–" : each.bestRatio.toFixed(2)),
];
const perEvent: Column = [
  "CPU an event",
  (each, all) => duration(each.cpuUs === undefined ? undefined : each.cpuUs / (all.workload.events ?? 1)),
];
const rate: Column = ["requests/s", (each) => whole(each.perSecond)];
const latency: Column = ["p50 / p99 of a request", (each) => `${duration(each.totalP50)} / ${duration(each.totalP99)}`];
const eventDelay: Column = [
  "delay of an event, p50 / p99",
  (each) => `${duration(each.delayP50)} / ${duration(each.delayP99)}`,
];
const peak: Column = ["peak memory", (each) => (each.peakMb === undefined ? "–" : `${whole(each.peakMb)} MB`)];
const perStream: Column = [
  "memory a stream",
  (each, all) => (each.grownKb === undefined ? "–" : `${whole(each.grownKb / all.workload.connections)} kB`),
];
const hits: Column = ["hits on the first provider", (each) => whole(each.firstProviderHits)];
const lost: Column = ["lost", (each) => whole(each.lost)];

const columns: Readonly<Record<WorkloadSummary["workload"]["kind"], readonly Column[]>> = {
  throughput: [cpu, ratio, bestRatio, rate, latency, peak],
  paced: [eventDelay, cpu, ratio, bestRatio, peak, lost],
  "slow-streams": [perStream, eventDelay, cpu, ratio, bestRatio, peak, lost],
  failover: [cpu, ratio, bestRatio, hits, rate, latency],
  "large-body": [cpu, ratio, bestRatio, rate, peak],
};

/** One Markdown section for a workload: a table of those that ran, and a line for each that did not. */
export function workloadSection(summary: WorkloadSummary): string {
  const { workload, reference, candidates } = summary;
  const shown = columns[workload.kind].flatMap((column) =>
    column === cpu && workload.events !== undefined && workload.kind === "throughput" ? [cpu, perEvent] : [column],
  );
  const titles = shown.map(([title]) => title.replace("reference", reference));
  const rows = candidates
    .filter((each) => each.reason === undefined)
    .map((each) => [each.candidate, ...shown.map(([, cell]) => cell(each, summary))]);
  const notes = candidates.flatMap((each) => [
    ...(each.reason === undefined ? [] : [`- ${each.candidate}: ${oneLine(each.reason)}`]),
    ...(each.faults ?? []).map((fault) => `- ${each.candidate}: **${oneLine(fault)}**`),
    ...workersNote(each, candidates),
  ]);
  return [
    `### ${workload.id}: ${workload.title}`,
    "",
    table(["", ...titles], rows),
    ...(notes.length > 0 ? ["", ...notes] : []),
    "",
  ].join("\n");
}

// Several workers exist for throughput, so the note compares theirs with that of one process.
function workersNote({ candidate, perSecond }: CandidateSummary, all: readonly CandidateSummary[]): string[] {
  const single = all.find((each) => each.candidate === "ccpb")?.perSecond;
  if (!candidate.startsWith("ccpb-") || !candidate.endsWith("-workers")) return [];
  if (perSecond === undefined || single === undefined) return [];
  return [`- ${candidate}: ${(perSecond / single).toFixed(2)} × the requests/s of ccpb`];
}

/** The Markdown section of W7. */
export function startUpSection(summary: StartUpSummary): string {
  const rows = summary.firstAnswerMs.map(({ name, ms }) => [name, `${ms.toFixed(0)} ms`]);
  return [
    "### W7: from the start of the process to the first answer",
    "",
    table(["", "median"], rows),
    "",
    `\`node -e 0\` takes ${summary.nodeMs.toFixed(0)} ms${summary.versionMs === undefined ? "" : `, \`ccpb --version\` ${summary.versionMs.toFixed(0)} ms`}.`,
    "",
  ].join("\n");
}

/** A Markdown table; the first column is text, the others are figures. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function duration(us: number | undefined): string {
  if (us === undefined) return "–";
  if (us < 10) return `${us.toFixed(2)} µs`;
  return us < 10_000 ? `${us.toFixed(0)} µs` : `${(us / 1_000).toFixed(1)} ms`;
}

function whole(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(0);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 300);
}
