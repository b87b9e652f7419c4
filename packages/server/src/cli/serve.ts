import { isatty } from "node:tty";
import { startServer, type RunningServer } from "../start-server.ts";
import { exitCodes } from "./exit-codes.ts";
import { complain } from "./output.ts";
import { reportFailure } from "./report-failure.ts";
import type { CommonOptions } from "./verbs.ts";

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

type StopSignal = keyof typeof signalNumbers;

/**
 * `ccpb serve`: runs until a signal ends it. Log lines go to stderr, the banner to stdout. Answers an exit code where it did not start: 2 for the
 * configuration, 1 for an address that cannot be had.
 */
export async function serve({ config, host, port }: CommonOptions): Promise<number | undefined> {
  let server: RunningServer;
  try {
    server = await startServer({
      ...(config !== undefined && { configPath: config }),
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      console: process.stderr,
    });
  } catch (error) {
    return explainFailure(error);
  }
  liveOn(server);
  stopOnSignals(server);
  const { renderBanner } = await import("../banner.ts");
  process.stdout.write(renderBanner(server));
  return undefined;
}

function explainFailure(error: unknown): number {
  const message = addressMessage(error);
  return message === undefined ? reportFailure(error) : complain(message, exitCodes.failed);
}

/** What to do about an address that cannot be had; undefined for any other failure. */
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

/** A fault that nobody caught is logged; one request may have suffered, the others shall not. */
function liveOn(server: RunningServer): void {
  const onFault = (fault: unknown): void => {
    const error = fault instanceof Error ? fault : new Error(String(fault));
    server.log.write("ERROR", "server_error", `uncaught: ${error.message}`, { error: error.name, stack: error.stack });
  };
  process.on("exit", () => server.log.writeOut());
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
}

function stopOnSignals(server: RunningServer): void {
  let isStopping = false;
  const stop = (signal: StopSignal): void => {
    const cutCode = 128 + signalNumbers[signal];
    if (isStopping) process.exit(cutCode);
    isStopping = true;
    server.close().then(
      (cut) => process.exit(cut === 0 ? exitCodes.ok : cutCode),
      (error: unknown) => {
        process.stderr.write(`ccpb: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(exitCodes.failed);
      },
    );
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  const hadTerminal = isatty(0) || isatty(1);
  process.on("SIGHUP", () => {
    // The same signal says "read the configuration again" and "your terminal is gone".
    if (hadTerminal && !isatty(0) && !isatty(1)) stop("SIGHUP");
    else void server.reload();
  });
}
