import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

/** Machine and software on which figures were measured. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** ISO date. */
  readonly date: string;
}

/** Describes this machine and the Node that runs the proxies. */
export function describeMachine(node: string): Machine {
  const all = cpus();
  return {
    processor: (all[0]?.model ?? "unknown processor").trim(),
    processors: all.length,
    memoryGb: Math.round(totalmem() / 1_073_741_824),
    system: `${process.platform} ${release().split("-")[0] ?? ""} ${process.arch}`,
    node: execFileSync(node, ["--version"], { encoding: "utf8" }).trim(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** One sentence for reports. */
export function machineLine(machine: Machine): string {
  const { processor, processors, memoryGb, system, node, date } = machine;
  return `${processor}, ${processors} processors, ${memoryGb} GB, ${system}, Node ${node}, ${date}`;
}
