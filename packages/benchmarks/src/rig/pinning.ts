import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** On which processors the measured proxy and the rig (upstream, load) run; absent: wherever the system puts them. */
export interface Pinning {
  readonly proxy: string;
  readonly rig: string;
}

/** The last processor for the proxy, all others for the rig; undefined where there is one processor or no `taskset`. */
export function choosePinning(): Pinning | undefined {
  const processors = availableParallelism();
  if (processors < 2 || spawnSync("taskset", ["--version"], { stdio: "ignore" }).status !== 0) return undefined;
  return { proxy: String(processors - 1), rig: processors === 2 ? "0" : `0-${processors - 2}` };
}

/** The command line that runs `command` on the given processors. */
export function pinned(processors: string | undefined, command: readonly string[]): readonly [string, ...string[]] {
  const line = processors === undefined ? command : ["taskset", "-c", processors, ...command];
  return line as [string, ...string[]];
}
