import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { watch } from "chokidar";

export interface WatchConfigOptions {
  /** Hears when watching fails, for instance for want of inotify watches; the file may then change unnoticed. */
  readonly onError?: (error: unknown) => void;
  /** How long the file must have been left alone, in milliseconds. Default 100. */
  readonly quietMs?: number;
}

/**
 * Calls `onChange` after the content of the file at `path` has changed, however it was written: in place, by a rename over it, by deletion and
 * creation. Not called while the file is missing, nor for a write that changes nothing. Disposing stops it.
 */
export function watchConfig(path: string, onChange: () => void, options: WatchConfigOptions = {}): Disposable {
  const { onError, quietMs = 100 } = options;
  let known = digestOf(path);
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const digest = digestOf(path);
    if (digest === undefined || digest === known) return;
    known = digest;
    onChange();
  };
  // Editors write in several steps, and a half-written file is no configuration.
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(check, quietMs);
    timer.unref();
  };
  // The name is watched, not the inode: chokidar watches the folder beside the file and so notices a rename over it.
  const watcher = watch(path, { ignoreInitial: true, atomic: false, followSymlinks: true });
  watcher.on("all", schedule);
  watcher.on("error", (error) => onError?.(error));
  return {
    [Symbol.dispose](): void {
      clearTimeout(timer);
      watcher.close().catch((error: unknown) => onError?.(error));
    },
  };
}

function digestOf(path: string): string | undefined {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    // Missing or unreadable for now: its return is a change.
    return undefined;
  }
}
