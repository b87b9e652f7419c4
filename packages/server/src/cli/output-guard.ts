import { closeSync } from "node:fs";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";

// The reader of a pipe has left (`ccpb status | head`), or the terminal is gone: no reader gets what is written from now on.
const goneCodes: ReadonlySet<string> = new Set(["EPIPE", "EIO", "ENXIO", "EBADF", "ECONNRESET"]);

/**
 * Handles the errors of the process's outputs. An output that is gone is switched off at its first error, silently: otherwise each failed write to a
 * closed terminal would be a fault, and each fault a line of the log that is written there.
 */
export class OutputGuard {
  #hasFailed = false;

  /** Watches `stream` from now on. `onFailure` is called for an error after which the output is incomplete, such as a full disk. */
  watch(stream: Writable, onFailure: () => void): void {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (goneCodes.has(error.code ?? "")) {
        stream.write = swallow;
        return;
      }
      this.#hasFailed = true;
      onFailure();
    });
  }

  /** True if a part of the output is missing although there is a reader. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }
}

/**
 * Closes terminals that are gone when the process ends. Node restores the modes of its terminals then, and aborts (SIGABRT) when that fails for a terminal
 * that no longer exists; it passes over descriptors that are closed.
 */
export function closeLostTerminals(): void {
  const terminals = [0, 1, 2].filter(isatty);
  process.on("exit", () => {
    for (const descriptor of terminals.filter((terminal) => !isatty(terminal))) closeSync(descriptor);
  });
}

/** Takes what is written and drops it. */
function swallow(_chunk: unknown, ...rest: readonly unknown[]): boolean {
  const callback = rest.at(-1);
  if (typeof callback === "function") queueMicrotask(() => (callback as () => void)());
  return true;
}
