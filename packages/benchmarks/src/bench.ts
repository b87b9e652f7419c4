import { parseArgs } from "node:util";
import type { Candidate } from "./candidates/candidate.ts";
import { bare, minimal } from "./candidates/bare.ts";
import { betterCcflare } from "./candidates/better-ccflare.ts";
import { ccpb, ccpbBuild, ccpbTeam, ccpbTwoWorkers } from "./candidates/ccpb.ts";
import { claudeCodeRouter } from "./candidates/claude-code-router.ts";
import { direct } from "./candidates/direct.ts";
import { nginx } from "./candidates/nginx.ts";
import { portkey } from "./candidates/portkey.ts";
import { judgeGoals } from "./report/goals.ts";
import { describeMachine, machineLine } from "./report/machine.ts";
import type { Report } from "./report/markdown.ts";
import { type WorkloadSummary, summarise } from "./report/summary.ts";
import { workloadSection } from "./report/table.ts";
import { writeReport } from "./report/write-report.ts";
import { endAllChildren } from "./rig/child-process.ts";
import { UnavailableError, nativeProgram } from "./rig/native-program.ts";
import { choosePinning } from "./rig/pinning.ts";
import { type RunOptions, runWorkload } from "./measure/run-workload.ts";
import { measureStartUp } from "./measure/start-up.ts";
import { workloads } from "./fixtures/workloads.ts";

const help = `pnpm bench [options]

  --full               all workloads and peers, more and longer rounds (about half an hour); writes docs/benchmarks.md and its chart
  --peers              the npm peers too (installed into .cache on first use), and ccpb with two workers
  --only W1,W3-burst   these workloads only (W7 is the start-up)
  --candidates a,b     these candidates only
  --rounds N           rounds of each workload
  --seconds S          length of a round
  --anew               start each proxy anew for each round, as figures of large bodies need it: V8 collects differently after each start
  --warm-up S          how long each candidate is warmed up, up to five times as long on a busy machine
  --build NAME=CLI.JS  another build of ccpb beside it (repeatable)
  --node PATH          the Node that runs the proxies
  --docs               write docs/benchmarks.md and its chart; with --node, the page and chart of that version in docs/benchmarks
  --list               what there is
`;

const own: readonly Candidate[] = [direct, nginx, bare, minimal, ccpb];
const peers: readonly Candidate[] = [ccpbTeam, ccpbTwoWorkers, portkey, claudeCodeRouter, betterCcflare];

interface Settings {
  readonly isFull: boolean;
  readonly only: readonly string[] | undefined;
  readonly candidates: readonly Candidate[];
  readonly run: RunOptions;
  readonly writesDocs: boolean;
}

function readSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      full: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      only: { type: "string" },
      candidates: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      anew: { type: "boolean", default: false },
      "warm-up": { type: "string" },
      build: { type: "string", multiple: true, default: [] },
      node: { type: "string", default: process.execPath },
      docs: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { full: isFull } = values;
  const builds = values.build.map((each) => {
    const [name = "", path = ""] = each.split("=");
    return ccpbBuild(name, path, `another build: ${path}`);
  });
  const wanted = values.candidates?.split(",");
  const available = isFull || values.peers || wanted !== undefined ? [...own, ...peers] : own;
  const known = new Set([...own, ...peers].map((each) => each.name));
  const strange = [
    ...(wanted ?? []).filter((name) => !known.has(name)),
    ...(values.only?.split(",") ?? []).filter((id) => id !== "W7" && !workloads.some((each) => isCalled(each.id, id))),
  ];
  if (values.help || strange.length > 0) {
    console.log(strange.length > 0 ? `unknown: ${strange.join(", ")}\n\n${help}` : help);
    process.exitCode = strange.length > 0 ? 2 : 0;
    return undefined;
  }
  if (values.list) {
    for (const each of workloads) console.log(`${each.id.padEnd(12)} ${each.title}`);
    for (const each of [...own, ...peers]) console.log(`${each.name.padEnd(20)} ${each.note}`);
    return undefined;
  }
  return {
    isFull,
    only: values.only?.split(","),
    candidates: [...available.filter((each) => wanted === undefined || wanted.includes(each.name)), ...builds],
    run: {
      rounds: Number(values.rounds ?? (isFull ? 5 : 2)),
      seconds: Number(values.seconds ?? (isFull ? 2 : 0.6)),
      warmUpSeconds: Number(values["warm-up"] ?? (isFull ? 6 : 1.5)),
      pinning: choosePinning(),
      node: values.node,
      startsAnew: values.anew,
      say: (line) => console.error(line),
    },
    writesDocs: values.docs || (isFull && values.only === undefined && wanted === undefined),
  };
}

function isCalled(id: string, wanted: string): boolean {
  return id === wanted || id.startsWith(`${wanted}-`);
}

async function main(): Promise<void> {
  const settings = readSettings();
  if (settings === undefined) return;
  const { run, only } = settings;
  nativeProgram("upstream");
  nativeProgram("load");
  const machine = describeMachine(run.node);
  run.say(`${machineLine(machine)}\n${pinningLine(run)}`);
  const { ready, missing } = await prepareAll(settings.candidates, run);
  const summaries: WorkloadSummary[] = [];
  for (const workload of workloads) {
    const isWanted = only?.some((id) => isCalled(workload.id, id)) ?? (settings.isFull || workload.fullOnly !== true);
    if (!isWanted) continue;
    run.say(`${workload.id}: ${workload.title}`);
    // The paced workloads last as long as their streams do: they are repeated less often.
    const rounds = workload.perConnection === undefined ? run.rounds : Math.ceil(run.rounds / 2);
    const summary = summarise(workload, await runWorkload(workload, ready, { ...run, rounds }));
    summaries.push(summary);
    run.say(workloadSection(summary));
  }
  const hasStartUp = only === undefined || only.includes("W7");
  if (hasStartUp) run.say("W7: start to first answer");
  const startUp = hasStartUp ? await measureStartUp(ready, run, settings.isFull ? 11 : 3) : undefined;
  const report: Report = {
    machine,
    pinning: pinningLine(run),
    rounds: run.rounds,
    seconds: run.seconds,
    candidates: ready.map(({ name, note }) => ({ name, note })),
    missing,
    summaries,
    startUp,
    goals: judgeGoals(summaries, startUp),
  };
  console.log(writeReport(report, { toDocs: settings.writesDocs, isOwnNode: run.node === process.execPath }));
}

async function prepareAll(
  candidates: readonly Candidate[],
  run: RunOptions,
): Promise<{ readonly ready: readonly Candidate[]; readonly missing: Report["missing"] }> {
  const ready: Candidate[] = [];
  const missing: { name: string; reason: string }[] = [];
  for (const candidate of candidates) {
    try {
      await candidate.prepare();
      ready.push(candidate);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      run.say(`without ${candidate.name}: ${error.message}`);
      missing.push({ name: candidate.name, reason: error.message });
    }
  }
  return { ready, missing };
}

function pinningLine({ pinning }: RunOptions): string {
  if (pinning === undefined) return "Nothing is pinned (one processor, or no taskset).";
  return `The proxy is pinned to processor ${pinning.proxy}, upstream and load to ${pinning.rig}.`;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    endAllChildren();
    process.exit(130);
  });
}
main()
  .catch((error: unknown) => {
    console.error(error instanceof UnavailableError ? error.message : error);
    process.exitCode = 1;
  })
  .finally(endAllChildren);
