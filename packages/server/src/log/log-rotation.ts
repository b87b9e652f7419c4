import { rename, stat } from "node:fs/promises";

export interface LogRotationOptions {
  /** Bytes after which the file is rotated. */
  readonly rotateBytes: number;
  /** Number of old files that are kept. */
  readonly keptFiles: number;
  /** Milliseconds between two looks at the size. */
  readonly everyMs: number;
  readonly onProblem: (error: Error) => void;
}

/**
 * Rotates a file that others append to, by number: the live file keeps its name, the one before is `.1`, the oldest is dropped. Only one process may do
 * so. Disposing stops it.
 */
export function rotateLog(path: string, options: LogRotationOptions): Disposable {
  const { rotateBytes, keptFiles, everyMs, onProblem } = options;
  let isBusy = false;
  const look = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    try {
      if ((await sizeOf(path)) > rotateBytes) await shiftLogFiles(path, keptFiles);
    } catch (error) {
      onProblem(error instanceof Error ? error : new Error(String(error)));
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * Renames a log file to `.1`, the one that had this name to `.2`, and so on; the oldest of `keptFiles` is overwritten. Files that are missing are passed
 * over.
 *
 * @throws The system's error where a file cannot be renamed.
 */
export async function shiftLogFiles(path: string, keptFiles: number): Promise<void> {
  for (let number = keptFiles - 1; number >= 1; number -= 1) {
    await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
  }
  await rename(path, `${path}.1`).catch(ignoreMissing);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(ignoreMissing);
  return found?.size ?? 0;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
