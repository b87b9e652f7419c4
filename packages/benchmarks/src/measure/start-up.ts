import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { request as httpRequest } from "node:http";
import type { Candidate } from "../candidates/candidate.ts";
import { ccpbCommand } from "../candidates/ccpb.ts";
import { claudeCodeHeaders } from "../fixtures/claude-code-body.ts";
import { median } from "../rig/median.ts";
import { cacheFolder } from "../rig/folders.ts";
import { startUpstream } from "../rig/upstream.ts";
import type { RunOptions } from "./run-workload.ts";
import { askedModel, upstreamModel, workloads } from "../fixtures/workloads.ts";

export interface StartUpSummary {
  /** From spawning the process to its first right answer. */
  readonly firstAnswerMs: readonly { readonly name: string; readonly ms: number }[];
  readonly nodeMs: number;
  readonly versionMs?: number;
}

/** Runs W7: each candidate is started `times` times, alternating. */
export async function measureStartUp(
  candidates: readonly Candidate[],
  options: RunOptions,
  times: number,
): Promise<StartUpSummary> {
  const workload = workloads[0];
  if (workload === undefined) throw new Error("no workload");
  const folder = cacheFolder("run", `start-up-${process.pid}`);
  const { body, marks } = workload.request(askedModel);
  const upstream = await startUpstream({
    answer: workload.answer(upstreamModel),
    bodies: [],
    marks,
    folder,
    processors: options.pinning?.rig,
  });
  const measured = new Map<string, number[]>();
  for (let time = 0; time < times; time += 1) {
    for (const candidate of candidates) {
      if (candidate.name === "direct" || candidate.unfit(workload) !== undefined) continue;
      const startedAt = performance.now();
      const starting = candidate.start({
        workload,
        upstreamPorts: [upstream.port],
        folder: cacheFolder("run", `start-up-${process.pid}`, `${candidate.name}-${time}`),
        processors: options.pinning?.proxy,
        node: options.node,
      });
      const proxy = await starting.catch((error: unknown) => options.say(`    ${candidate.name}: ${String(error)}`));
      if (proxy === undefined) continue;
      try {
        await firstAnswer(proxy.port, body, proxy.headers ?? {});
        const all = measured.get(candidate.name) ?? [];
        measured.set(candidate.name, [...all, performance.now() - startedAt]);
      } finally {
        await proxy.stop();
      }
    }
  }
  await upstream.stop();
  const firstAnswerMs = [...measured].map(([name, all]) => ({ name, ms: median(all) }));
  const nodeMs = timed(options.node, ["-e", "0"], times);
  if (!existsSync(ccpbCommand())) return { firstAnswerMs, nodeMs };
  return { firstAnswerMs, nodeMs, versionMs: timed(options.node, [ccpbCommand(), "--version"], times) };
}

function timed(program: string, rest: readonly string[], times: number): number {
  const all = Array.from({ length: times }, () => {
    const startedAt = performance.now();
    execFileSync(program, rest, { stdio: "ignore" });
    return performance.now() - startedAt;
  });
  return median(all);
}

function firstAnswer(port: number, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: "127.0.0.1",
        method: "POST",
        path: "/v1/messages?beta=true",
        agent: false,
        timeout: 10_000,
        headers: { ...claudeCodeHeaders, "x-api-key": "bench-client-key", ...headers, "content-length": body.length },
      },
      (response) => {
        response.resume();
        if (response.statusCode === 200) response.once("end", resolve);
        else reject(new Error(`the first answer has status ${response.statusCode}`));
      },
    );
    request.once("timeout", () => request.destroy(new Error("no first answer within 10 s")));
    request.once("error", reject);
    request.end(body);
  });
}
