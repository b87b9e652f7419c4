import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { AnswerFixture } from "../fixtures/answer.ts";
import { endChild, startChild } from "./child-process.ts";
import { nativeProgram } from "./native-program.ts";
import { pinned } from "./pinning.ts";

/** The key that every proxy has to send upstream; the upstream refuses requests without it. */
export const upstreamKey = "bench-upstream-key";

export interface UpstreamOptions {
  readonly answer: AnswerFixture;
  readonly status?: number;
  readonly paceMs?: number;
  readonly partsPerWrite?: number;
  /** Request bodies that are right, byte for byte; `UpstreamStats.matched` counts them in this order. */
  readonly bodies: readonly Uint8Array[];
  /** A body that is none of `bodies` is right if it holds these in order. */
  readonly marks: readonly string[];
  /** For its files. */
  readonly folder: string;
  readonly processors: string | undefined;
}

export interface UpstreamStats {
  readonly connections: number;
  readonly requests: number;
  readonly unexpected: number;
  readonly unauthorised: number;
  readonly other: number;
  readonly aborted: number;
  readonly matched: readonly number[];
}

export interface Upstream {
  readonly port: number;
  stats(): Promise<UpstreamStats>;
  stop(): Promise<void>;
}

/** Starts the C upstream on a port of its own choice. */
export async function startUpstream(options: UpstreamOptions): Promise<Upstream> {
  const child = startChild(pinned(options.processors, [nativeProgram("upstream"), ...upstreamArguments(options)]));
  if (child.stdout === null) throw new Error("the upstream has no stdout");
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    lines.once("line", (line) => resolve(Number(line.split(" ")[1])));
    child.once("exit", (code) => reject(new Error(`the upstream exited with ${code} before it listened`)));
    child.once("error", reject);
  });
  return {
    port,
    stats: async () => (await (await fetch(`http://127.0.0.1:${port}/__stats`)).json()) as UpstreamStats,
    stop: () => endChild(child),
  };
}

function upstreamArguments(options: UpstreamOptions): string[] {
  const { answer } = options;
  const write = (name: string, data: string | Uint8Array): string => {
    const path = join(options.folder, name);
    writeFileSync(path, data);
    return path;
  };
  const isStream = answer.partEnds.length > 1;
  const head = [
    `HTTP/1.1 ${options.status ?? 200} ${options.status === undefined ? "OK" : "Failed"}`,
    `content-type: ${answer.contentType}`,
    "request-id: req_011AbCdEfGhIjKlMnOpQrSt",
    isStream ? "transfer-encoding: chunked" : `content-length: ${answer.body.length}`,
  ];
  return [
    "--head",
    write("answer-head", `${head.join("\r\n")}\r\n\r\n`),
    "--body",
    write("answer-body", answer.body),
    ...(isStream ? ["--chunked", "--parts", write("answer-parts", `${answer.partEnds.join("\n")}\n`)] : []),
    ...(options.paceMs === undefined ? [] : ["--pace-us", String(options.paceMs * 1_000)]),
    ...(options.partsPerWrite === undefined ? [] : ["--parts-per-write", String(options.partsPerWrite)]),
    ...options.bodies.flatMap((body, index) => ["--expect", write(`request-body-${index}`, body)]),
    ...(options.marks.length > 0 ? ["--marks", write("request-marks", `${options.marks.join("\n")}\n`)] : []),
    "--header-needle",
    upstreamKey,
  ];
}
