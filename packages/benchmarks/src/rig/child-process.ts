import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const running = new Set<ChildProcess>();

/** Ends every child that is still running, by its own process id; for the end of the whole run. */
export function endAllChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** File for its stdout and stderr; default: stdout is piped, stderr is shown. */
  readonly outputFile?: string;
}

/** Starts a child that `endChild` or `endAllChildren` ends. */
export function startChild(line: readonly [string, ...string[]], options: ChildOptions = {}): ChildProcess {
  const [command, ...rest] = line;
  const output = options.outputFile === undefined ? undefined : openSync(options.outputFile, "a");
  const child = spawn(command, rest, {
    env: { ...process.env, ...options.environment },
    cwd: options.folder,
    stdio: output === undefined ? ["ignore", "pipe", "inherit"] : ["ignore", output, output],
  });
  if (output !== undefined) closeSync(output);
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** Asks a child to end, and ends it by force after two seconds. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 2_000);
  await exited;
  clearTimeout(force);
}

/** Finds a loopback port that no process listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Waits until something accepts connections at `port`; throws when the child is gone or the time is up. */
export async function untilListening(child: ChildProcess, port: number, limitMs: number): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (performance.now() < endAt) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`exited with ${child.exitCode ?? child.signalCode}`);
    if (await accepts(port)) return;
    await delay(2);
  }
  throw new Error(`nothing listened on port ${port} within ${limitMs} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
