import { LogFile } from "../log/log-file.ts";
import { rotateLog } from "../log/log-rotation.ts";
import { openLog } from "../log/logger.ts";
import {
  logOptions,
  logStart,
  removeOld,
  watchSource,
  type RunningServer,
  type ServerStart,
} from "../app/start-server.ts";
import { Primary } from "./primary.ts";
import { workerCount } from "../config/worker-count.ts";

export { workerCount } from "../config/worker-count.ts";

const lookAtSizeMs = 1_000;

/**
 * Makes this process the primary of workers that serve together. Rejects with the system's error if the address
 * cannot be used. `onGiveUp(reason)` is called when no worker is running and restarts have failed repeatedly.
 */
export async function startTogether(start: ServerStart, onGiveUp: (reason: string) => void): Promise<RunningServer> {
  const { loaded, load, environment, console, watch } = start;
  const { logFile: file, logColor: colorize = true, logKeep } = loaded.server;
  const log = openLog({
    ...(await logOptions(loaded, console)),
    openFile: (path) => new LogFile(path),
    losses: () => primary.losses,
  });
  const primary: Primary = new Primary({
    loaded,
    load,
    log,
    environment,
    console,
    ...(console?.isTTY === true && { colorize }),
    onGiveUp: (reason) => {
      log.write("ERROR", "server_error", reason);
      void log.close().then(() => onGiveUp(reason));
    },
  });
  const url = await primary.start();
  logStart(log, url, loaded);
  const onProblem = (error: Error): void => {
    log.write("WARNING", "log_problem", `the log file cannot be rotated: ${error.message}`, { file });
  };
  const rotation =
    file === null
      ? undefined
      : rotateLog(file, { rotateBytes: logKeep.bytes, keptFiles: logKeep.files, everyMs: lookAtSizeMs, onProblem });
  const cleaner = removeOld(loaded, log);
  const watcher = watch ? await watchSource(loaded, { log, reload: () => void primary.reload(false) }) : undefined;
  return {
    url,
    loaded,
    log,
    workers: workerCount(loaded.server.workers),
    reload: ({ reset = false } = {}) => primary.reload(reset),
    close: async (drainMs) => {
      watcher?.[Symbol.dispose]();
      const cut = await primary.close(drainMs);
      await rotation?.[Symbol.asyncDispose]();
      cleaner?.[Symbol.dispose]();
      await log.close();
      return cut;
    },
  };
}
