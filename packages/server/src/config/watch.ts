import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

export interface WatchConfigOptions {
  /** Hears that the file cannot be read for another reason than that it is missing. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds between two looks at the file. Default 250. */
  readonly pollMs?: number;
  /** Milliseconds for which the file must be unchanged. Default 100. */
  readonly quietMs?: number;
}

/**
 * Calls `onChange` after the content of the file at `path` has changed, however it was written: in place, by a rename over it, by deletion and
 * creation, by a swap of links on the way to it. Not called while the file is missing, nor for a write that changes nothing. Disposing stops it.
 */
export function watchConfig(path: string, onChange: () => void, options: WatchConfigOptions = {}): Disposable {
  const { onError, pollMs = 250, quietMs = 100 } = options;
  let seen = stateOf(path);
  let known = digestOf(path, onError);
  let changedAtMs: number | undefined;
  const look = (): void => {
    const state = stateOf(path);
    if (state !== seen) changedAtMs = performance.now();
    seen = state;
    // Editors write in several steps, and a half-written file is no configuration.
    if (changedAtMs === undefined || performance.now() - changedAtMs < quietMs) return;
    const digest = digestOf(path, onError);
    // A file that is there and could not be read just now, for want of a descriptor say, is tried again.
    if (digest === undefined && state !== "none") return;
    changedAtMs = undefined;
    if (digest === undefined || digest === known) return;
    known = digest;
    onChange();
  };
  // Asking again and again costs one stat of one file, and works where events do not come: a file that was deleted and came back, a link that
  // Kubernetes swaps, a file that is mounted into a container, a network file system (docs/decisions/0004-runtime-dependencies.md).
  const timer = setInterval(look, pollMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

// State that every write changes, also one of the same size and a rename over the file.
function stateOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(" ");
  } catch {
    // Missing or unreadable is a state like any other.
    return "none";
  }
}

function digestOf(path: string, onError: WatchConfigOptions["onError"]): string | undefined {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch (error) {
    // A file that is missing for now changes when it comes back.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) onError?.(error);
    return undefined;
  }
}
