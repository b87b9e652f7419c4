import type { LogLevel } from "@ccpb/core/config";

/** What a log line is about. */
export type LogEvent =
  | "server_started"
  | "server_draining"
  | "server_stopped"
  /** The machine has slept, or the process was stopped for a while. */
  | "woke_up"
  | "server_error"
  | "request_received"
  | "request_refused"
  | "connections_refused"
  | "model_selection"
  | "provider_request"
  | "provider_request_failed"
  | "provider_switched"
  | "request_completed"
  | "request_failure"
  | "stream_interrupted"
  | "circuit_change"
  | "profile_learned"
  | "health_check"
  | "token_count"
  | "worker_started"
  | "worker_ended"
  | "config_reloaded"
  | "config_rejected"
  | "config_warning"
  /** Command of an operator at run time. */
  | "control"
  | "shared_state"
  | "credential_renewal_failed"
  | "usage_problem"
  /** A budget of a client is used to 80 %, or used up. */
  | "budget_warning"
  | "budget_reached"
  | "log_problem"
  /** A webhook did not take a message, however often it was tried. */
  | "webhook_failed";

/** Further keys of a line; plain data without prompt text. */
export type LogData = Readonly<Record<string, unknown>>;

/** Where the server writes what happens: one line an event. Writing never throws and never waits. */
export interface Log {
  write(level: LogLevel, event: LogEvent, message: string, data?: LogData): void;
  /** Whether lines of `level` are written at all. */
  isEnabled(level: LogLevel): boolean;
  setLevel(level: LogLevel): void;
  /** Sets what takes secrets out of lines, for those that come from now on. */
  setRedactor(redact: (text: string) => string): void;
  /** Writes what still waits at once, without the event loop: for the last moment of a process. */
  writeOut(): void;
  /** Resolves when everything written so far is out, or cannot get out. */
  close(): Promise<void>;
}
