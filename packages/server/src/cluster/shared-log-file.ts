import { open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { Writable } from "node:stream";
import { callbackify } from "node:util";
import { makeFolder } from "../log/make-folder.ts";

/**
 * A log file that several processes append to. Every write is one system call at the end of the file, so lines of different processes do not tear
 * each other. When the file at `path` is another one, because somebody has rotated it, that one is opened.
 */
export class SharedLogFile extends Writable {
  readonly #path: string;
  #file: FileHandle | undefined;
  #inode = 0n;

  constructor(path: string) {
    super({ decodeStrings: true });
    this.#path = path;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    callbackify(() => this.#append(chunk))((error) => callback(error));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const file = this.#file;
    this.#file = undefined;
    callbackify(async () => file?.close())((closing) => callback(error ?? closing));
  }

  async #append(chunk: Buffer): Promise<void> {
    const file = await this.#currentFile();
    for (let from = 0; from < chunk.length;) from += (await file.write(chunk, from)).bytesWritten;
  }

  async #currentFile(): Promise<FileHandle> {
    const inode = await inodeOf(this.#path);
    if (this.#file !== undefined && inode === this.#inode) return this.#file;
    await this.#file?.close();
    this.#file = undefined;
    makeFolder(dirname(this.#path));
    const file = await open(this.#path, "a", 0o640);
    this.#inode = (await file.stat({ bigint: true })).ino;
    this.#file = file;
    return file;
  }
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch {
    // Missing: opening makes it, or says why it cannot.
    return undefined;
  }
}
