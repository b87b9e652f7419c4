import { realpath, rename, stat } from "node:fs/promises";

export interface LogRotationOptions {
  /** Bytes after which the file is rotated. */
  readonly rotateBytes: number;
  /** Number of old files that are kept. */
  readonly keptFiles: number;
  /** Milliseconds between two looks at the size. */
  readonly everyMs: number;
  /** Called when files could not be renamed; called again only after a rotation that succeeded. */
  readonly onProblem: (error: Error) => void;
}

/**
 * Rotates a file that others append to, by number: the live file keeps its name, the one before is `.1`, the oldest is dropped. Only one process may do
 * so. Disposing stops it, and waits for a rotation that is under way.
 */
export function rotateLog(path: string, options: LogRotationOptions): AsyncDisposable {
  const { rotateBytes, keptFiles, everyMs, onProblem } = options;
  let looking: Promise<void> | undefined;
  let hasProblem = false;
  const look = async (): Promise<void> => {
    try {
      if ((await sizeOf(path)) <= rotateBytes) return;
      await shiftLogFiles(path, keptFiles);
      hasProblem = false;
    } catch (error) {
      // It is tried again at each look, and the line about it goes into the file that cannot be rotated.
      if (!hasProblem) onProblem(error instanceof Error ? error : new Error(String(error)));
      hasProblem = true;
    } finally {
      looking = undefined;
    }
  };
  const timer = setInterval(() => void (looking ??= look()), everyMs).unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/**
 * Renames a log file to `.1`, the one that had this name to `.2`, and so on up to the first name that is free; the oldest of `keptFiles` is overwritten. A
 * live file that cannot be renamed so loses no older one, however often it is tried. A link stays, and the file that it leads to is renamed.
 *
 * @throws The system's error where a file cannot be renamed.
 */
export async function shiftLogFiles(path: string, keptFiles: number): Promise<void> {
  let free = 1;
  while (free < keptFiles && (await stat(`${path}.${free}`).catch(ignoreMissing)) !== undefined) free += 1;
  for (let number = free - 1; number >= 1; number -= 1) {
    await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
  }
  const live = await realpath(path).catch(ignoreMissing);
  if (live !== undefined) await rename(live, `${path}.1`).catch(ignoreMissing);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(ignoreMissing);
  return found?.size ?? 0;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
