import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Candidate, RunningProxy, Scenario } from "../candidates/candidate.ts";
import { answerOf, withAnyStamp } from "../fixtures/answer.ts";
import { claudeCodeHeaders } from "../fixtures/claude-code-body.ts";
import { freePort } from "../rig/child-process.ts";
import { cacheFolder } from "../rig/folders.ts";
import { type LoadOptions, type LoadResult, errorCount, runLoad } from "../rig/load.ts";
import type { Pinning } from "../rig/pinning.ts";
import { forgetPeakMemory, processUsage } from "../rig/process-usage.ts";
import { type Upstream, type UpstreamStats, startUpstream } from "../rig/upstream.ts";
import { type Workload, askedModel, upstreamModel } from "../fixtures/workloads.ts";

export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly pinning: Pinning | undefined;
  readonly node: string;
  /** Starts each proxy anew for each round: how often V8 collects the whole heap for the buffers of bodies differs from start to start. */
  readonly startsAnew: boolean;
  readonly say: (line: string) => void;
}

/** Result of one candidate in one round. */
export interface Round {
  readonly load: LoadResult;
  /** CPU time of the proxy per right answer, microseconds; absent where there is no process or no /proc. */
  readonly cpuUs?: number;
  /** Kilobytes resident before the round, and the most during it. */
  readonly idleKb?: number;
  readonly peakKb?: number;
  /** Requests that reached the provider which refuses or fails. */
  readonly firstProviderHits?: number;
  /** Faults of the answers, and of the requests that reached the upstream. */
  readonly faults: readonly string[];
}

export interface CandidateRounds {
  readonly candidate: string;
  readonly rounds: readonly Round[];
  /** Reason why there are no rounds; absent where there are some. */
  readonly reason?: string;
}

// After the minute in which the others were measured V8 has shrunk its young generation, and needs a second or two of work until it is as before.
export const resumeSeconds = 1.5;
// V8 compiles the hot paths of a proxy only after some thousand requests; a busy machine takes longer to get there.
const warmUpRequests = 8_000;

interface Stage {
  readonly workload: Workload;
  readonly options: RunOptions;
  readonly upstream: Upstream;
  readonly failing: Upstream | undefined;
  readonly upstreamPorts: readonly number[];
  readonly folder: string;
  readonly running: Map<Candidate, RunningProxy>;
}

/** Runs one workload over all candidates: all are started and warmed up, then measured in alternating rounds, each round in another order. */
export async function runWorkload(
  workload: Workload,
  candidates: readonly Candidate[],
  options: RunOptions,
): Promise<CandidateRounds[]> {
  const folder = cacheFolder("run", `${workload.id}-${randomUUID().slice(0, 8)}`);
  const stage = await setStage(workload, options, folder);
  const { running } = stage;
  const reasons = new Map<Candidate, string>();
  const rounds = new Map<Candidate, Round[]>(candidates.map((candidate) => [candidate, []]));
  try {
    for (const candidate of candidates) {
      const reason = candidate.unfit(workload) ?? (await tryStart(candidate, stage));
      if (reason !== undefined) reasons.set(candidate, reason);
    }
    for (let round = 0; round < options.rounds; round += 1) {
      const order = [...running.keys()];
      for (const candidate of [...order.slice(round % order.length), ...order.slice(0, round % order.length)]) {
        const proxy = running.get(candidate);
        if (proxy === undefined) continue;
        // Memory per stream is that of a fresh process: a heap that has grown once does not grow again.
        const isFresh = round === 0 || (workload.kind !== "slow-streams" && !options.startsAnew);
        const measured = isFresh ? proxy : await restart(candidate, proxy, stage);
        rounds.get(candidate)?.push(await measureRound(candidate, measured, stage));
      }
    }
  } finally {
    for (const proxy of running.values()) await proxy.stop();
    await stage.upstream.stop();
    await stage.failing?.stop();
  }
  if (process.env["CCPB_BENCH_KEEP"] === undefined) rmSync(folder, { recursive: true, force: true });
  return candidates.map((candidate) => {
    const reason = reasons.get(candidate);
    return {
      candidate: candidate.name,
      rounds: rounds.get(candidate) ?? [],
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

async function setStage(workload: Workload, options: RunOptions, folder: string): Promise<Stage> {
  const request = workload.request(askedModel);
  const upstream = await startUpstream({
    answer: workload.answer(upstreamModel),
    bodies: [workload.request(upstreamModel).body, request.body],
    marks: request.marks,
    folder: cacheFolder("run", lastName(folder), "upstream"),
    processors: options.pinning?.rig,
    ...(workload.paceMs === undefined ? {} : { paceMs: workload.paceMs }),
    ...(workload.partsPerWrite === undefined ? {} : { partsPerWrite: workload.partsPerWrite }),
  });
  const failing = workload.first === "fails" ? await failingUpstream(options, folder) : undefined;
  const first = workload.first === "refuses" ? [await freePort()] : failing === undefined ? [] : [failing.port];
  return { workload, options, upstream, failing, upstreamPorts: [...first, upstream.port], folder, running: new Map() };
}

function failingUpstream(options: RunOptions, folder: string): Promise<Upstream> {
  const error = JSON.stringify({ type: "error", error: { type: "api_error", message: "Internal server error" } });
  return startUpstream({
    answer: answerOf("application/json", [error], []),
    status: 500,
    bodies: [],
    marks: [],
    folder: cacheFolder("run", lastName(folder), "failing"),
    processors: options.pinning?.rig,
  });
}

async function tryStart(candidate: Candidate, stage: Stage): Promise<string | undefined> {
  const { running } = stage;
  try {
    const proxy = await candidate.start(scenarioOf(candidate, stage));
    running.set(candidate, proxy);
    const warmUp = await runLoad(warmUpLoad(candidate, proxy, stage));
    if (warmUp.requests > 0) return undefined;
    await proxy.stop();
    running.delete(candidate);
    return `no right answer: ${JSON.stringify(warmUp.errors)} ${warmUp.sample.slice(0, 300)}`;
  } catch (error) {
    return `did not start: ${(error as Error).message.slice(0, 400)}`;
  }
}

async function restart(candidate: Candidate, proxy: RunningProxy, stage: Stage): Promise<RunningProxy> {
  const { running } = stage;
  await proxy.stop();
  running.delete(candidate);
  const reason = await tryStart(candidate, stage);
  const fresh = running.get(candidate);
  if (fresh === undefined) throw new Error(`${candidate.name} did not start again: ${reason}`);
  return fresh;
}

function scenarioOf(candidate: Candidate, stage: Stage): Scenario {
  return {
    workload: stage.workload,
    upstreamPorts: stage.upstreamPorts,
    folder: cacheFolder("run", lastName(stage.folder), `${candidate.name}-${randomUUID().slice(0, 4)}`),
    processors: stage.options.pinning?.proxy,
    node: stage.options.node,
  };
}

function warmUpLoad(candidate: Candidate, proxy: RunningProxy, stage: Stage): LoadOptions {
  const load = loadOf(candidate, proxy, stage);
  if (stage.workload.perConnection === undefined) {
    return { ...load, amount: { seconds: stage.options.warmUpSeconds, atLeast: warmUpRequests }, patience: 20 };
  }
  return { ...load, connections: Math.min(16, load.connections), patience: 30 };
}

function loadOf(candidate: Candidate, proxy: RunningProxy, stage: Stage): LoadOptions {
  const { workload, options } = stage;
  const isRewritten = candidate.answerBody === "rewritten" || workload.dialect === "chat";
  const model = candidate.answerBody === "asked-model" ? askedModel : upstreamModel;
  const answer = workload.answer(model);
  return {
    port: proxy.port,
    headers: { ...claudeCodeHeaders, "x-api-key": "bench-client-key", ...proxy.headers },
    body: workload.request(askedModel).body,
    connections: workload.connections,
    amount:
      workload.perConnection === undefined ? { seconds: options.seconds } : { perConnection: workload.perConnection },
    answer: isRewritten ? { marks: answer.marks } : { exact: withAnyStamp(answer.body) },
    folder: cacheFolder("run", lastName(stage.folder), "load"),
    processors: options.pinning?.rig,
    ...(workload.rampUs === undefined ? {} : { rampUs: workload.rampUs }),
    stamped: workload.paceMs !== undefined,
  };
}

async function measureRound(candidate: Candidate, proxy: RunningProxy, stage: Stage): Promise<Round> {
  const load = loadOf(candidate, proxy, stage);
  if (stage.workload.kind === "slow-streams") await delay(300);
  if (stage.workload.perConnection === undefined) await runLoad({ ...load, amount: { seconds: resumeSeconds } });
  if (proxy.pid !== undefined) forgetPeakMemory(proxy.pid);
  const before = proxy.pid === undefined ? undefined : processUsage(proxy.pid);
  const upstreamBefore = await stage.upstream.stats();
  const failingBefore = await stage.failing?.stats();
  const result = await runLoad(load);
  const after = proxy.pid === undefined ? undefined : processUsage(proxy.pid);
  const upstreamAfter = await stage.upstream.stats();
  const failingAfter = await stage.failing?.stats();
  const usage =
    before === undefined || after === undefined
      ? {}
      : {
          cpuUs: ((after.cpuMs - before.cpuMs) * 1_000) / Math.max(1, result.requests),
          idleKb: before.residentKb,
          peakKb: after.peakKb,
        };
  const hits =
    failingBefore === undefined || failingAfter === undefined
      ? {}
      : { firstProviderHits: failingAfter.requests - failingBefore.requests };
  const faults = faultsOf(candidate, stage.workload, result, [upstreamBefore, upstreamAfter]);
  stage.options.say(roundLine(candidate, result, usage.cpuUs, faults));
  return { load: result, ...usage, ...hits, faults };
}

/** Finds the faults of a round: wrong answers, and requests that reached the upstream altered or not at all. */
function faultsOf(
  candidate: Candidate,
  workload: Workload,
  result: LoadResult,
  [before, after]: readonly [UpstreamStats, UpstreamStats],
): string[] {
  const faults: string[] = [];
  if (errorCount(result) > 0) faults.push(`${errorCount(result)} bad answers ${JSON.stringify(result.errors)}`);
  const grown = (name: "requests" | "unexpected" | "unauthorised"): number => after[name] - before[name];
  if (grown("unexpected") > 0) faults.push(`${grown("unexpected")} altered requests`);
  if (grown("unauthorised") > 0) faults.push(`${grown("unauthorised")} requests without the provider's key`);
  if (grown("requests") < result.requests)
    faults.push(`${result.requests - grown("requests")} answers that the upstream did not give`);
  if (candidate.requestBody !== "rewritten" && workload.dialect === "anthropic") {
    const index = candidate.requestBody === "spliced" ? 0 : 1;
    const exact = (after.matched[index] ?? 0) - (before.matched[index] ?? 0);
    if (exact < result.requests) faults.push(`${result.requests - exact} request bodies that were not byte-identical`);
  }
  return faults;
}

function roundLine(
  candidate: Candidate,
  result: LoadResult,
  cpuUs: number | undefined,
  faults: readonly string[],
): string {
  const cpu = cpuUs === undefined ? "-" : `${cpuUs.toFixed(0)} µs`;
  const rate = (result.requests / result.seconds).toFixed(0);
  return `    ${candidate.name.padEnd(20)} ${cpu.padStart(10)} a request ${rate.padStart(7)}/s ${faults.join("; ")}`;
}

function lastName(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}
