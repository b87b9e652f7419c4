import type { ReloadResult } from "../config/config-reload.ts";
import type { Log } from "./log-types.ts";

/** Writes the result of a reload into the log. */
export function logReload(log: Log, result: ReloadResult): void {
  if (result.type === "applied") {
    const { message, restartNeeded } = result;
    const late = restartNeeded.length === 0 ? "" : ` Takes effect after a restart only: ${restartNeeded.join(", ")}.`;
    log.write(late === "" ? "INFO" : "WARNING", "config_reloaded", message + late, { ...result, message: undefined });
  } else log.write("ERROR", "config_rejected", result.message, { problems: result.problems });
}

/** Writes that the server has stopped, and how many requests that cut off. */
export function logStopped(log: Log, cut: number): void {
  log.write("INFO", "server_stopped", cut === 0 ? "stopped" : `stopped; ${cut} requests were cut off`, { cut });
}
