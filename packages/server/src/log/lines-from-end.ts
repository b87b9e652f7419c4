import { open, type FileHandle } from "node:fs/promises";

export interface LinesFromEndOptions {
  /** Bytes that are read at most, of all files together. */
  readonly maxBytes: number;
  /** Rotated files (`.1`, `.2` and so on) that are looked into at most. */
  readonly maxFiles: number;
}

const chunkBytes = 256 * 1024;
const newline = 0x0a;

/**
 * Reads the lines of a log from its end, the newest first: those of the live file, then of the rotated ones as long as there are any. Lines that are
 * longer than 256 KiB may be cut. Lines that a rotation moves meanwhile may come twice or not at all.
 *
 * @throws The system's error where a file is there and cannot be read.
 */
export async function* linesFromEnd(
  path: string,
  { maxBytes, maxFiles }: LinesFromEndOptions,
): AsyncGenerator<string, void, undefined> {
  let left = maxBytes;
  for (let number = 0; number <= maxFiles && left > 0; number += 1) {
    const file = await openIfThere(number === 0 ? path : `${path}.${number}`);
    if (file === undefined) {
      // The live file may be missing for a moment, while it is rotated.
      if (number > 0) return;
      continue;
    }
    try {
      left = yield* linesOf(file, left);
    } finally {
      await file.close();
    }
  }
}

/** Answers how many bytes may still be read. */
async function* linesOf(file: FileHandle, maxBytes: number): AsyncGenerator<string, number, undefined> {
  let left = maxBytes;
  let end = (await file.stat()).size;
  // The beginning of this line has not been read yet.
  let rest: Buffer = Buffer.alloc(0);
  while (end > 0 && left > 0) {
    const start = Math.max(0, end - Math.min(chunkBytes, left));
    const chunk = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
    left -= chunk.length;
    end = start;
    const bytes = Buffer.concat([chunk.subarray(0, bytesRead), rest]);
    const cut = start === 0 ? 0 : bytes.indexOf(newline) + 1;
    if (cut === 0 && start > 0) {
      rest = bytes.subarray(0, chunkBytes);
      continue;
    }
    rest = bytes.subarray(0, cut);
    const lines = bytes.toString("utf8", cut).split("\n");
    for (let index = lines.length - 1; index >= 0; index -= 1) {
      const line = lines[index];
      if (line) yield line;
    }
  }
  return left;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
