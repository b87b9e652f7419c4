import type { LogLevel } from "@ccpb/core/config";

/** Event that a log line is about. */
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
  | "clock_corrected"
  | "usage_problem"
  /** A budget of a client is used to 80 %, or used up. */
  | "budget_warning"
  | "budget_reached"
  | "log_problem"
  /** A webhook did not take a message, however often it was tried. */
  | "webhook_failed";

/** Further keys of a line; plain data without prompt text. */
export type LogData = Readonly<Record<string, unknown>>;

/** Log of the server: one line for each event. Writing neither throws nor waits. */
export interface Log {
  /**
   * Writes a line.
   *
   * @param level - level of the line.
   * @param event - stable name of the event.
   * @param message - sentence for people; secrets are masked.
   * @param data - further members of the line.
   */
  write(level: LogLevel, event: LogEvent, message: string, data?: LogData): void;
  /**
   * Decides whether lines of a level are written, so that costly data need not be computed.
   *
   * @param level - level of the line.
   * @returns true if such a line is written.
   */
  isEnabled(level: LogLevel): boolean;
  /**
   * Sets the lowest level that is written.
   *
   * @param level - lowest level.
   */
  setLevel(level: LogLevel): void;
  /**
   * Sets the function that masks secrets in lines from now on.
   *
   * @param redact - returns the text without secrets.
   */
  setRedactor(redact: (text: string) => string): void;
  /** Writes waiting lines at once, without the event loop. For the last moment of a process. */
  writeOut(): void;
  /** Resolves when all lines are written, or cannot be written. */
  close(): Promise<void>;
}
