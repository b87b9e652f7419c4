import { setTimeout as delay } from "node:timers/promises";
import { isatty } from "node:tty";
import { guardProcess } from "../log/guard-process.ts";
import { readStart, startAlone, type RunningServer, type ServerStart } from "../app/start-server.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { complain } from "./output.ts";
import { reportFailure } from "./report-failure.ts";
import type { CommonOptions } from "./common-options.ts";

// Drawing the box takes as long as several answers: clients that wait for the port come first.
const bannerAfterMs = 30;

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

type StopSignal = keyof typeof signalNumbers;

/**
 * `ccpb serve`: runs until a signal ends it. Log lines go to stderr, the banner to stdout. Answers an exit code where it did not start: 2 for the
 * configuration, 1 for an address that cannot be had.
 */
export async function serve({ config, host, port, workers }: CommonOptions): Promise<number | undefined> {
  let server: RunningServer;
  const hadTerminal = isatty(0) || isatty(1);
  // Node undoes the ignoring of SIGHUP that `nohup` set up: without this a terminal that is closed during the start would end the server.
  const ignoreHangup = (): void => undefined;
  if (!hadTerminal) process.on("SIGHUP", ignoreHangup);
  try {
    const start = await readStart({
      ...(config !== undefined && { configPath: config }),
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(workers !== undefined && { workers }),
      console: process.stderr,
    });
    server = await (start.loaded.server.workers === 1 ? startAlone(start) : serveTogether(start));
  } catch (error) {
    return explainFailure(error);
  }
  guardProcess(server.log);
  const isStopping = stopOnSignals(server, hadTerminal);
  process.off("SIGHUP", ignoreHangup);
  await delay(bannerAfterMs);
  if (isStopping()) return undefined;
  const { renderBanner } = await import("./banner.ts");
  process.stdout.write(renderBanner(server));
  return undefined;
}

async function serveTogether(start: ServerStart): Promise<RunningServer> {
  const { startTogether, workerCount } = await import("../cluster/start-together.ts");
  if (workerCount(start.loaded.server.workers) === 1) return startAlone(start);
  return startTogether(start, (reason) => process.exit(complain(reason, exitCodes.failed)));
}

function explainFailure(error: unknown): number {
  const message = addressMessage(error);
  return message === undefined ? reportFailure(error) : complain(message, exitCodes.failed);
}

/** Writes advice about an address that cannot be used; undefined for any other failure. */
function addressMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  const where = `${address ?? "the host"}:${port ?? "?"}`;
  if (code === "EADDRINUSE") {
    return `${where} is in use by another program (another ccpb?). Stop it, or choose another port with --port or settings.port.`;
  }
  if (code === "EACCES") {
    return `${where} may not be used by this user. Choose a port above 1023 with --port or settings.port.`;
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${address ?? "settings.host"} is not an address of this machine. Set --host or settings.host to 127.0.0.1.`;
  }
  return undefined;
}

/** Answers what tells whether a signal has come that ends the process. */
function stopOnSignals(server: RunningServer, hadTerminal: boolean): () => boolean {
  let isStopping = false;
  const stop = (signal: StopSignal): void => {
    const cutCode = 128 + signalNumbers[signal];
    if (isStopping) process.exit(cutCode);
    isStopping = true;
    server.close().then(
      (cut) => process.exit(cut === 0 ? exitCodes.ok : cutCode),
      (error: unknown) => {
        complain(error instanceof Error ? error.message : String(error), exitCodes.failed);
        process.exit(exitCodes.failed);
      },
    );
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGHUP", () => {
    // The same signal says "read the configuration again" and "your terminal is gone".
    if (hadTerminal && !isatty(0) && !isatty(1)) stop("SIGHUP");
    else void server.reload();
  });
  return () => isStopping;
}
