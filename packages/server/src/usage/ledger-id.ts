import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../log/make-folder.ts";
import { isMissing } from "./read-usage-files.ts";
import { newLedgerId } from "./usage-memory.ts";

const idForm = /^[0-9a-z-]{8,40}$/;

/**
 * Returns the name of the ledger in a folder, which stands there in `usage.id`; makes one where there is none, or where the file holds no name. A ledger that is
 * moved takes its name with it. Where the folder cannot be written to, the name is of this process alone: its rows are then not in files either.
 */
export function ledgerId(folder: string): string {
  const path = join(folder, "usage.id");
  try {
    const known = readName(path);
    if (isName(known)) return known;
    makeFolder(folder);
    writeName(path, { isReplaced: known !== undefined });
    const made = readName(path);
    if (isName(made)) return made;
  } catch {
    // The folder cannot be written to, or the file not be read.
  }
  return newLedgerId();
}

function isName(text: string | undefined): text is string {
  return text !== undefined && idForm.test(text);
}

/** Returns what the file holds; undefined where it is missing. */
function readName(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Makes the file, which appears with its whole content: an empty one, as a full disk leaves it, would give the ledger another name at each start, and all of it
 * would be counted again under each.
 */
function writeName(path: string, { isReplaced }: { readonly isReplaced: boolean }): void {
  const written = `${path}.${randomUUID()}`;
  try {
    writeFileSync(written, `${randomUUID()}\n`, { flag: "wx" });
    if (isReplaced || !isLinked(written, path)) renameSync(written, path);
  } finally {
    rmSync(written, { force: true });
  }
}

/** Answers false where the file system has no links. A file that another process has made meanwhile stays, and its name holds. */
function isLinked(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EEXIST";
  }
}
