import type { Log } from "./log-types.ts";

/**
 * Logs faults that were not caught (one request may have suffered, the others go on), and writes all waiting lines
 * when the process ends.
 */
export function guardProcess(log: Log): void {
  const onFault = (fault: unknown): void => {
    const error = fault instanceof Error ? fault : new Error(String(fault));
    log.write("ERROR", "server_error", `uncaught: ${error.message}`, { error: error.name, stack: error.stack });
  };
  process.on("exit", () => log.writeOut());
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
}
