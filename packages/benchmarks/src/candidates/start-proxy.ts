import { readFileSync } from "node:fs";
import { join } from "node:path";
import { endChild, freePort, startChild, untilListening } from "../rig/child-process.ts";
import { pinned } from "../rig/pinning.ts";
import type { RunningProxy, Scenario } from "./candidate.ts";

export interface ProxyCommand {
  readonly line: (port: number) => readonly string[];
  readonly environment?: (port: number) => Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
}

/** Starts a proxy on a free port with its output in `output.log`, and waits until it listens; its last words are in the error if it does not. */
export async function startProxy(scenario: Scenario, command: ProxyCommand): Promise<RunningProxy> {
  const port = await freePort();
  const outputFile = join(scenario.folder, "output.log");
  const environment = command.environment?.(port);
  const child = startChild(pinned(scenario.processors, command.line(port)), {
    outputFile,
    folder: scenario.folder,
    ...(environment === undefined ? {} : { environment }),
  });
  try {
    await untilListening(child, port, command.limitMs ?? 15_000);
  } catch (cause) {
    await endChild(child);
    throw new Error(`${(cause as Error).message}: ${readFileSync(outputFile, "utf8").slice(-600)}`, { cause });
  }
  return {
    port,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    ...(command.headers === undefined ? {} : { headers: command.headers }),
    stop: () => endChild(child),
  };
}
