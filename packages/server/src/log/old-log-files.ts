import { readdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const everyMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * Removes rotated files of the log at `path` (`.1`, `.2` and so on) that were last written more than `days` days ago: now, and once an hour. The live file
 * stays. Disposing ends it. `onProblem` is told what a file could not be removed for.
 */
export function removeOldLogs(path: string, days: number, onProblem: (error: Error) => void): Disposable {
  const look = (): void =>
    void removeOlderThan(path, Date.now() - days * dayMs).catch((error: unknown) =>
      onProblem(error instanceof Error ? error : new Error(String(error))),
    );
  look();
  const timer = setInterval(look, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Removes the rotated files of a log that were last written before a time in milliseconds since the epoch. */
export async function removeOlderThan(path: string, timeMs: number): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(ignoreMissing);
  for (const name of names ?? []) {
    if (!name.startsWith(`${basename(path)}.`) || !/^\d{1,5}$/.test(name.slice(basename(path).length + 1))) continue;
    const found = await stat(join(folder, name)).catch(ignoreMissing);
    if (found !== undefined && found.mtimeMs < timeMs) await unlink(join(folder, name)).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
