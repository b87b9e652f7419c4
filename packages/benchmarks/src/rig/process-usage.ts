import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

/** CPU time and memory that a process and its descendants have used so far. */
export interface ProcessUsage {
  /** User and system time, milliseconds, in steps of one clock tick (10 ms as a rule). */
  readonly cpuMs: number;
  readonly residentKb: number;
  /** The most that was resident at once since the start or `forgetPeakMemory`, summed over the processes. */
  readonly peakKb: number;
}

let ticksPerSecond: number | undefined;

/** Reads /proc; undefined where there is none or the process is gone. */
export function processUsage(pid: number): ProcessUsage | undefined {
  ticksPerSecond ??= clockTicks();
  let ticks = 0;
  let residentKb = 0;
  let peakKb = 0;
  for (const each of processTree(pid)) {
    const stat = readProc(`/proc/${each}/stat`);
    const status = readProc(`/proc/${each}/status`);
    if (stat === undefined || status === undefined) continue;
    ticks += cpuTicks(stat);
    residentKb += kilobytes(status, "VmRSS");
    peakKb += kilobytes(status, "VmHWM");
  }
  return peakKb === 0 ? undefined : { cpuMs: (ticks * 1_000) / ticksPerSecond, residentKb, peakKb };
}

/** utime + stime + cutime + cstime of a line of /proc/PID/stat (proc(5), fields 14 to 17), in clock ticks. */
export function cpuTicks(stat: string): number {
  // The command name in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** Makes the peak count from now on (proc(5), clear_refs 5); without effect where that is not allowed. */
export function forgetPeakMemory(pid: number): void {
  for (const each of processTree(pid)) {
    const file = `/proc/${each}/clear_refs`;
    if (existsSync(file)) writeFileSync(file, "5");
  }
}

function processTree(pid: number): number[] {
  const tree = [pid];
  for (const each of tree) {
    const threads = existsSync(`/proc/${each}/task`) ? readdirSync(`/proc/${each}/task`) : [];
    for (const thread of threads) {
      const children = readProc(`/proc/${each}/task/${thread}/children`) ?? "";
      tree.push(...children.split(" ").filter(Boolean).map(Number));
    }
  }
  return tree;
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // the process or thread ended while its files were read
  }
}

function clockTicks(): number {
  try {
    return Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })) || 100;
  } catch {
    return 100; // Linux has this value on every architecture that Node runs on
  }
}
