import { commandName } from "../base/command-name.ts";
import { readFileSync, statSync, type Stats } from "node:fs";

export type ReadConfigResult =
  /** `isShared`: every user of the machine can read it. */
  | { readonly ok: true; readonly text: string; readonly isShared: boolean }
  /** `line` and `column` from 1, where the fault has a place. */
  | { readonly ok: false; readonly message: string; readonly line?: number; readonly column?: number };

const maxBytes = 1024 * 1024;

/** Reads a configuration file as UTF-8, a byte order mark left out. Says why it cannot. */
export function readConfigFile(path: string): ReadConfigResult {
  try {
    const stats = statSync(path);
    const fault = kindFault(stats);
    if (fault !== undefined) return { ok: false, message: fault };
    const bytes = readFileSync(path);
    if (bytes.length > maxBytes) return { ok: false, message: tooLarge };
    const isShared = process.platform !== "win32" && (stats.mode & 0o004) !== 0 && stats.isFile();
    return decode(bytes, isShared);
  } catch (error) {
    return { ok: false, message: systemMessage(error) };
  }
}

const tooLarge = "is larger than 1 MB, which no configuration is; is it the right file?";

function kindFault(stats: Stats): string | undefined {
  if (stats.isDirectory()) return "is a folder; name the file in it, such as providers.yaml";
  // A pipe is how a shell hands over the output of a command: --config <(sops -d providers.yaml).
  if (!stats.isFile() && !stats.isFIFO() && !stats.isCharacterDevice()) return "is no file that can be read";
  return stats.size > maxBytes ? tooLarge : undefined;
}

function decode(bytes: Buffer, isShared: boolean): ReadConfigResult {
  if (bytes[0] === 0xff && bytes[1] === 0xfe && bytes[2] === 0 && bytes[3] === 0) {
    return { ok: false, message: "is encoded in UTF-32; save it as UTF-8" };
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { ok: false, message: "is encoded in UTF-16; save it as UTF-8" };
  }
  // Text of one byte a character in UTF-16, without a byte order mark, is UTF-8 with a NUL in each pair.
  if (bytes.includes(0)) {
    return {
      ok: false,
      message:
        "holds NUL characters, as a binary file does, or UTF-16 without a byte order mark; save it as text in UTF-8",
    };
  }
  const text = decodeUtf8(bytes);
  if (text !== undefined) return { ok: true, text, isShared };
  // Line by line: no byte of a longer character is a line feed.
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const piece = bytes.subarray(start, end);
    if (decodeUtf8(piece) === undefined) {
      const column = new TextDecoder().decode(piece).indexOf("\ufffd") + 1;
      return { ok: false, message: "holds a character that is not UTF-8; save the file as UTF-8", line, column };
    }
    start = end + 1;
  }
  return { ok: false, message: "is not encoded in UTF-8; save it as UTF-8" };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // A TypeError says that the bytes are not UTF-8, and nothing more.
    return undefined;
  }
}

/** Describes why a file cannot be read, as the rest of a sentence. */
export function systemMessage(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `does not exist; check the path, or make one with ${commandName()} init`;
    case "EACCES":
    case "EPERM":
      return "may not be read by this user; change its owner or permissions";
    case "ELOOP":
      return "is a symbolic link that leads to itself";
    default:
      return `cannot be read (${code})`;
  }
}
