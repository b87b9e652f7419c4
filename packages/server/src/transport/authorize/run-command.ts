import { spawn, type ChildProcess } from "node:child_process";
import { CredentialError } from "@ccpb/core";
import { redactSecrets } from "@ccpb/core/translate";

export interface RunCommandOptions {
  /** After this many milliseconds the command is killed. */
  readonly deadlineMs: number;
  /** Kills the command. */
  readonly signal: AbortSignal;
}

const maxOutputBytes = 64 * 1024;
const maxWordsBytes = 4 * 1024;
const maxWords = 300;
// Milliseconds from the end of the program until its output counts as whole though something that it started holds the pipe open.
const pipeGraceMs = 200;

/**
 * Runs a command without a shell and returns what it printed on its standard output. The command is done when its program has ended: an agent that it
 * has started in the background (`op daemon`, `ssh-agent`) may go on, and hold the pipe open.
 *
 * @param command - The program and its arguments.
 * @throws `CredentialError` where it cannot be started, fails, prints too much or is not done by the deadline. The reason holds what it printed on its
 * standard error, redacted, and never its arguments or its output.
 */
export function runCommand(command: readonly string[], { deadlineMs, signal }: RunCommandOptions): Promise<string> {
  const [program = "", ...parameters] = command;
  const name = `auth_command ${program}`;
  return new Promise((resolve, reject) => {
    // A group of its own, so that the deadline also ends what a wrapper script started.
    const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"], detached: true, windowsHide: true });
    const output = new Collector(maxOutputBytes);
    const words = new Collector(maxWordsBytes);
    let isOver = false;
    let hasExited = false;
    const end = (act: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      child.stdout.destroy();
      child.stderr.destroy();
      act();
    };
    const fail = (what: string, cause?: unknown): void =>
      end(() => {
        if (!hasExited) kill(child);
        const said = words.text().replaceAll(/\s+/g, " ").trim().slice(0, maxWords);
        reject(new CredentialError(`${name} ${what}${said === "" ? "" : `: ${redactSecrets(said)}`}`, { cause }));
      });
    const onAbort = (): void => fail("was stopped");
    const timer = setTimeout(() => fail(`was not done within ${deadlineMs / 1_000} s and was stopped`), deadlineMs);
    signal.addEventListener("abort", onAbort, { once: true });
    child.stdout.on("data", (chunk: Buffer) => {
      if (!output.add(chunk)) fail(`printed more than ${maxOutputBytes} bytes`);
    });
    child.stderr.on("data", (chunk: Buffer) => words.add(chunk));
    child.once("error", (cause) => fail(startFailure(cause), cause));
    const finish = (code: number | null, killedBy: NodeJS.Signals | null): void => {
      if (code === 0) end(() => resolve(output.text()));
      else fail(code === null ? `was ended by ${killedBy ?? "a signal"}` : `failed with exit code ${code}`);
    };
    child.once("close", finish);
    child.once("exit", (code, killedBy) => {
      hasExited = true;
      // After a busy turn the timer comes before what is in the pipe was read: that is done by the second immediate.
      const isWhole = (): unknown => setImmediate(() => setImmediate(() => finish(code, killedBy)));
      setTimeout(isWhole, pipeGraceMs).unref();
    });
    if (signal.aborted) onAbort();
  });
}

function startFailure(cause: Error): string {
  const code = "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT") return "was not found; write its full path, or install it";
  return code === "EACCES"
    ? "may not be executed (EACCES)"
    : `could not be started (${code === "" ? cause.name : code})`;
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== "win32") process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // The group has ended by itself.
  }
}

/** Keeps the first bytes of a stream. */
class Collector {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns false if the limit is exceeded. */
  add(chunk: Buffer): boolean {
    const room = this.#limit - this.#bytes;
    if (room > 0) this.#chunks.push(chunk.subarray(0, room));
    this.#bytes += chunk.length;
    return this.#bytes <= this.#limit;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
