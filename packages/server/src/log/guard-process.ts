import type { Log } from "./log-types.ts";

/**
 * From now on a fault that nobody caught is logged (one request may have suffered, the others shall not), and nothing that waits to be written is lost
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
