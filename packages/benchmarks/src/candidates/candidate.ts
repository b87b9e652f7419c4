import type { Workload } from "../fixtures/workloads.ts";

/** Set-up of a proxy: the load to serve, its providers and its folder. */
export interface Scenario {
  readonly workload: Workload;
  /** Ports of the providers on 127.0.0.1 in order of preference. */
  readonly upstreamPorts: readonly number[];
  /** For its configuration, logs and state; empty when it starts. */
  readonly folder: string;
  /** Processors on which the proxy may run, as `taskset -c` takes them; undefined: all. */
  readonly processors: string | undefined;
  /** The Node that runs it. */
  readonly node: string;
}

export interface RunningProxy {
  readonly port: number;
  /** Absent: there is no process to measure. */
  readonly pid?: number;
  /** Headers that a client must send besides Claude Code's own. */
  readonly headers?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** One way from the client to the provider. */
export interface Candidate {
  readonly name: string;
  readonly note: string;
  /** `original` and `spliced` are byte-identical but for the model; what is `rewritten` is checked by its marks. */
  readonly requestBody: "original" | "spliced" | "rewritten";
  readonly answerBody: "original" | "asked-model" | "rewritten";
  /** Returns the reason why it cannot do this workload; undefined if it can. */
  unfit(workload: Workload): string | undefined;
  /** Finds or installs what it needs; throws `UnavailableError` with the reason. */
  prepare(): void | Promise<void>;
  start(scenario: Scenario): Promise<RunningProxy>;
}

/** Throws away what a passing request would make of it: shown where a candidate has no way to translate. */
export function needsTranslation(workload: Workload): string | undefined {
  return workload.dialect === "chat" ? "does not translate" : undefined;
}
