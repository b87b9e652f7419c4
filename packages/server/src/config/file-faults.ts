import { accessSync, constants, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { commandName } from "../base/command-name.ts";
import { systemMessage } from "./read-file.ts";

/** A fault of a file or folder, as the rest of a sentence that begins with its path. */
export interface FileFault {
  readonly text: string;
  /** It may be otherwise for the user and on the machine that runs the server, so that it is a warning. */
  readonly mayChange: boolean;
}

/** Finds why a file cannot be read; undefined where it can. */
export function readFault(path: string): FileFault | undefined {
  try {
    if (statSync(path).isDirectory()) return lasting("is a folder; name the file in it");
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return lasting(systemMessage(error).replace(`, or make one with ${commandName()} init`, ""));
  }
}

/** Finds why lines cannot be added to a file, which is made with its folders where it is not there; undefined where they can. */
export function appendFault(path: string): FileFault | undefined {
  const found = look(path);
  if (found === undefined) return makeFault(path);
  if ("text" in found) return found;
  if (found.isDirectory()) return lasting("is a folder; name a file in it");
  if (found.isSocket()) return lasting("is a socket, which no lines can be added to; name a file");
  return allows(path, constants.W_OK)
    ? undefined
    : mine("may not be written by this user; change its owner or permissions");
}

/** Finds why files cannot be made in a folder, which is made where it is not there; undefined where they can. */
export function folderFault(path: string): FileFault | undefined {
  const found = look(path);
  if (found === undefined) return makeFault(path);
  if ("text" in found) return found;
  if (!found.isDirectory()) return lasting("is a file; name a folder");
  return allows(path, constants.W_OK | constants.X_OK)
    ? undefined
    : mine("may not be written by this user; change its owner or permissions");
}

/** Finds why a program cannot be run; undefined where it can. */
export function programFault(path: string): FileFault | undefined {
  const found = look(path);
  if (found === undefined) return mine("does not exist; correct the path, or install it");
  if ("text" in found) return found;
  if (found.isDirectory()) return mine("is a folder; name the program in it");
  return allows(path, constants.X_OK) ? undefined : mine("may not be run by this user; run chmod +x on it");
}

/** Decides whether two paths are one file: by their names, or, where both are there, by what they lead to. */
export function isSameFile(one: string, other: string): boolean {
  if (one === other) return true;
  const [first, second] = [look(one), look(other)];
  if (first === undefined || second === undefined || "text" in first || "text" in second) return false;
  // Devices such as /dev/null are shared by intent. Some file systems give no inode numbers.
  return first.ino !== 0 && first.ino === second.ino && first.dev === second.dev && !first.isCharacterDevice();
}

/** Finds why nothing can be made at a path where nothing is: the nearest folder above that is there decides. */
function makeFault(path: string): FileFault | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = look(folder);
    if (found === undefined && folder !== dirname(folder)) continue;
    if (found === undefined) return lasting("cannot be made; correct the path");
    if ("text" in found) return found;
    if (!found.isDirectory()) return lasting(`cannot be made: ${folder} is a file; name another place`);
    if (allows(folder, constants.W_OK | constants.X_OK)) return undefined;
    return mine(`cannot be made by this user, who may not write to ${folder}; change its owner, or name another place`);
  }
}

/** Looks at what a path leads to; undefined where nothing is there. */
function look(path: string): Stats | FileFault | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    switch (code) {
      case "ENOENT":
      case "ENOTDIR":
        return undefined;
      case "ELOOP":
        return lasting("is a symbolic link that leads to itself");
      case "ENAMETOOLONG":
        return lasting("is too long for a path; write a shorter one");
      default:
        return mine(`cannot be reached by this user (${code}); change the permissions of the folders above it`);
    }
  }
}

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function lasting(text: string): FileFault {
  return { text, mayChange: false };
}

function mine(text: string): FileFault {
  return { text, mayChange: true };
}
