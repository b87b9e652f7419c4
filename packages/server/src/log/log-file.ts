import { open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { Writable } from "node:stream";
import { callbackify } from "node:util";
import { shiftLogFiles } from "./log-rotation.ts";
import { makeFolder } from "./make-folder.ts";

/** Limits at which the process that writes the file rotates it. Of several processes on one file none may do so. */
export interface LogFileRotation {
  /** Size in bytes that the live file does not go beyond, as far as one write fits into it. */
  readonly bytes: number;
  /** Number of rotated files that are kept. */
  readonly files: number;
  /** Called when files could not be renamed; lines then go on into the live file. Called again only after a rotation that succeeded. */
  readonly onProblem: (error: Error) => void;
}

const fileMode = 0o640;
const newline = 0x0a;

/**
 * A log file that one or several processes append to. Every write is one system call at the end of the file, so lines of different processes do not tear
 * each other.
 *
 * Each write looks at the path first: a file that has been renamed or removed, alone or with its folder, is made anew. Where the file ends in the middle of
 * a line, as a full disk or a killed process leaves it, the write begins on a new line, so that no whole line is glued to half of one.
 */
export class LogFile extends Writable {
  readonly #path: string;
  readonly #rotation: LogFileRotation | undefined;
  #file: FileHandle | undefined;
  #inode = 0n;
  /** The size after the last write of this process: a file that still has it ends in a whole line. */
  #wholeSize = 0;
  #hasRotationProblem = false;

  /** `rotation`: absent where another process rotates the file. */
  constructor(path: string, rotation?: LogFileRotation) {
    super({ decodeStrings: true });
    this.#path = path;
    this.#rotation = rotation;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    callbackify(() => this.#append(chunk))((error) => callback(error));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    callbackify(() => this.#close())((closing) => callback(error ?? closing));
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "utf8", callback);
  }

  async #append(chunk: Buffer): Promise<void> {
    const { file, size } = await this.#currentFile(chunk.length);
    const isAtLineStart = size === this.#wholeSize || (await endsInLine(this.#path, size));
    const bytes = isAtLineStart ? chunk : Buffer.concat([Buffer.of(newline), chunk]);
    for (let from = 0; from < bytes.length;) from += (await file.write(bytes, from)).bytesWritten;
    this.#wholeSize = size + bytes.length;
  }

  async #currentFile(length: number): Promise<{ readonly file: FileHandle; readonly size: number }> {
    let found = await stateOf(this.#path);
    const { bytes = Infinity } = this.#rotation ?? {};
    if (found !== undefined && found.size > 0 && found.size + length > bytes && (await this.#rotate()))
      found = undefined;
    if (this.#file === undefined || found?.ino !== this.#inode) {
      await this.#close();
      makeFolder(dirname(this.#path));
      this.#file = await open(this.#path, "a", fileMode);
      const opened = await this.#file.stat({ bigint: true });
      this.#inode = opened.ino;
      // That was the size of another file.
      this.#wholeSize = 0;
      return { file: this.#file, size: Number(opened.size) };
    }
    return { file: this.#file, size: found.size };
  }

  /** Answers whether the file was renamed; Windows renames none that is open. */
  async #rotate(): Promise<boolean> {
    const { files = 0, onProblem } = this.#rotation ?? {};
    try {
      await this.#close();
      await shiftLogFiles(this.#path, files);
      this.#hasRotationProblem = false;
      return true;
    } catch (error) {
      if (!this.#hasRotationProblem) onProblem?.(error instanceof Error ? error : new Error(String(error)));
      this.#hasRotationProblem = true;
      return false;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

/**
 * Decides whether the file at `path` ends in a newline. One that cannot be read, or is no regular file, counts as if
 * it did.
 */
async function endsInLine(path: string, size: number): Promise<boolean> {
  try {
    await using file = await open(path, "r");
    const last = Buffer.alloc(1);
    const { bytesRead } = await file.read(last, 0, 1, size - 1);
    return bytesRead === 0 || last[0] === newline;
  } catch {
    return true;
  }
}

async function stateOf(path: string): Promise<{ readonly ino: bigint; readonly size: number } | undefined> {
  try {
    const { ino, size } = await stat(path, { bigint: true });
    return { ino, size: Number(size) };
  } catch {
    // Missing: opening makes it, or says why it cannot.
    return undefined;
  }
}
