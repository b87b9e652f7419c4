import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startChild } from "./child-process.ts";
import { nativeProgram } from "./native-program.ts";
import { pinned } from "./pinning.ts";

export interface LoadOptions {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly connections: number;
  /** Duration in which new requests are begun (up to five times as long until `atLeast` answers are there), or requests of each connection. */
  readonly amount: { readonly seconds: number; readonly atLeast?: number } | { readonly perConnection: number };
  readonly rampUs?: number;
  /** The answer is right if it is this, byte for byte (bytes of value 1 stand for any digit), or if it holds the marks in order. */
  readonly answer: { readonly exact: Uint8Array } | { readonly marks: readonly string[] };
  readonly stamped?: boolean;
  /** Seconds that requests under way at the end may still take. */
  readonly patience?: number;
  readonly folder: string;
  readonly processors: string | undefined;
}

/** Microseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadResult {
  /** Requests whose answers were right. */
  readonly requests: number;
  readonly seconds: number;
  readonly bodyBytes: number;
  readonly errors: Readonly<Record<"connect" | "closed" | "status" | "mismatch" | "unfinished", number>>;
  /** The beginning of the first wrong answer. */
  readonly sample: string;
  readonly firstByteUs: Percentiles;
  readonly totalUs: Percentiles;
  /** From the upstream's write of an event to its arrival. */
  readonly delayUs: Percentiles;
}

/** Runs the C load generator once. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const child = startChild(pinned(options.processors, [nativeProgram("load"), ...loadArguments(options)]));
  if (child.stdout === null) throw new Error("the load generator has no stdout");
  const exit = once(child, "exit");
  const output = await text(child.stdout);
  const [code] = (await exit) as [number | null];
  if (code !== 0) throw new Error(`the load generator exited with ${code}`);
  return JSON.parse(output) as LoadResult;
}

/** Counts the answers that were wrong or missing. */
export function errorCount(result: LoadResult): number {
  return Object.values(result.errors).reduce((sum, count) => sum + count, 0);
}

function loadArguments(options: LoadOptions): string[] {
  const write = (name: string, data: string | Uint8Array): string => {
    const path = join(options.folder, name);
    writeFileSync(path, data);
    return path;
  };
  const head = [
    "POST /v1/messages?beta=true HTTP/1.1",
    `host: 127.0.0.1:${options.port}`,
    ...Object.entries(options.headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${options.body.length}`,
  ];
  const request = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), options.body]);
  return [
    "--port",
    String(options.port),
    "--request",
    write("load-request", request),
    "--connections",
    String(options.connections),
    ...("seconds" in options.amount
      ? ["--seconds", String(options.amount.seconds), "--at-least", String(options.amount.atLeast ?? 0)]
      : ["--seconds", "0", "--per-connection", String(options.amount.perConnection)]),
    ...(options.rampUs === undefined ? [] : ["--ramp-us", String(options.rampUs)]),
    ...("exact" in options.answer
      ? ["--expect", write("load-expect", options.answer.exact)]
      : ["--marks", write("load-marks", `${options.answer.marks.join("\n")}\n`)]),
    ...(options.stamped === true ? ["--stamps"] : []),
    "--patience",
    String(options.patience ?? 30),
  ];
}
