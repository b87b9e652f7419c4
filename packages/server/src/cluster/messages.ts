import type { Alert } from "../alerts/alert.ts";
import type { ClientCounts, CountsNews } from "../clients/client-counts.ts";
import type { HealthChange, HealthSnapshot } from "@ccpb/core";
import type { ActiveConfig } from "../config/config-file.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import type { ControlCommand, ControlOutcome } from "../control/control.ts";
import type { ControlOrders } from "../control/control-desk.ts";
import type { CallQuery, FoundCalls } from "../views/find-calls.ts";
import type { UsageOfOthers, UsageQuery } from "../usage/usage-report.ts";
import type { UsageRow } from "../usage/usage-row.ts";
import type { Overview } from "../views/overview.ts";

// Messages between the primary and its workers: plain JSON over the channel of node:cluster, both ends of the same version.

/** Data that a worker needs to begin. */
export interface WorkerStart {
  /** Counted from 1; a worker that takes the place of another has its number. */
  readonly worker: number;
  readonly active: ActiveConfig;
  /** Number of reloads since the start. */
  readonly generation: number;
  /** Null: no file. Fixed at the start of the primary, whatever a reload says. */
  readonly logFile: string | null;
  /** Colours, where lines on the console are for people. */
  readonly colorize: boolean;
  /** Wall clock minus the system's monotonic clock, as the primary saw them once, in milliseconds. */
  readonly monotonicEpochMs: number;
  /** Health that the other workers know. */
  readonly health: HealthSnapshot;
  /** Counts of clients from other processes. */
  readonly counts: readonly CountsNews[];
  /** Controls of operators that are in force. */
  readonly controls: ControlOrders["controls"];
}

/** A change of health, and the generation of the configuration that it is about. */
export interface HealthNews {
  readonly type: "health";
  readonly change: HealthChange;
  readonly generation: number;
}

/** Counts of clients from other processes, for a worker. */
export interface CountsMessage {
  readonly type: "counts";
  readonly news: CountsNews;
}

/** Question of the primary to a worker. */
export type QuestionToWorker =
  | { readonly type: "overview"; readonly isWatched: boolean }
  | { readonly type: "find-calls"; readonly query: CallQuery }
  | { readonly type: "health" }
  | { readonly type: "obey"; readonly orders: ControlOrders }
  | { readonly type: "prepare"; readonly next: ActiveConfig; readonly reset: boolean }
  | { readonly type: "commit"; readonly generation: number }
  | { readonly type: "abort" };

/** Answers of a worker, by question; a refusal of `prepare` is the rejected reload. */
export interface WorkerAnswers {
  readonly overview: Overview;
  readonly "find-calls": FoundCalls;
  readonly health: HealthSnapshot;
  readonly obey: "ready";
  readonly prepare: ReloadResult | "ready";
  readonly commit: ReloadResult;
  readonly abort: "ready";
}

/** Question of a worker to the primary, on behalf of all workers. */
export type QuestionToPrimary =
  | { readonly type: "reload"; readonly reset: boolean }
  | { readonly type: "control"; readonly command: ControlCommand }
  | { readonly type: "overview"; readonly isWatched: boolean }
  | { readonly type: "find-calls"; readonly query: CallQuery }
  /** The rows from an hour on, where there is no folder that all write to. */
  | { readonly type: "usage"; readonly from: string }
  | { readonly type: "usage-of-others"; readonly query: UsageQuery };

export interface PrimaryAnswers {
  readonly reload: ReloadResult;
  readonly control: ControlOutcome;
  readonly overview: Overview;
  readonly "find-calls": FoundCalls;
  readonly usage: readonly UsageRow[];
  readonly "usage-of-others": UsageOfOthers | null;
}

export type ToWorker =
  | { readonly type: "start"; readonly start: WorkerStart }
  /** With the connection itself. */
  | { readonly type: "connection"; readonly id: number }
  | { readonly type: "drain"; readonly drainMs: number | null }
  /** Asks for a `pong`, as a sign that the worker's event loop turns. */
  | { readonly type: "ping" }
  | HealthNews
  | CountsMessage
  | { readonly type: "question"; readonly id: number; readonly question: QuestionToWorker }
  | { readonly type: "answer"; readonly id: number; readonly answer: PrimaryAnswers[keyof PrimaryAnswers] };

export type ToPrimary =
  | { readonly type: "hello" }
  | { readonly type: "started" }
  | { readonly type: "accepted"; readonly id: number }
  /** Unasked, so that little is lost with a worker that dies. */
  | { readonly type: "overview"; readonly overview: Overview }
  | { readonly type: "drained"; readonly cut: number }
  | { readonly type: "pong" }
  | { readonly type: "failed"; readonly message: string }
  /** Alert that the primary sends to the webhooks. */
  | { readonly type: "alert"; readonly alert: Alert }
  | HealthNews
  /** Usage to be kept for all workers, where there is no folder. */
  | { readonly type: "used"; readonly rows: readonly UsageRow[] }
  /** All that it has counted of clients since it began. */
  | { readonly type: "counted"; readonly counts: ClientCounts }
  | { readonly type: "question"; readonly id: number; readonly question: QuestionToPrimary }
  | { readonly type: "answer"; readonly id: number; readonly answer: WorkerAnswers[keyof WorkerAnswers] };
