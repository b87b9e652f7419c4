import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder with those that it lies in; does nothing where it is there. Node's own `recursive` never returns where a file system answers ENOENT
 * although the folder above is there, as /proc does, and keeps a processor busy meanwhile.
 *
 * @throws the error of the first folder that cannot be made.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another worker was faster.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
