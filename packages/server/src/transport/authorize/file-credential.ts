import { readFile, stat } from "node:fs/promises";
import { CredentialError } from "@ccpb/core";
import { type Token, tokenOf } from "./token-text.ts";

const maxBytes = 64 * 1024;

/** A key or token in a file, which is read again when the file has changed. */
export class FileCredential {
  readonly #path: string;
  #known: { readonly mark: string; readonly token: Token } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Returns what the file holds now, without one newline at its end.
   *
   * @throws `CredentialError` where the file cannot be read or holds no token.
   */
  async get(refused: string | undefined): Promise<Token> {
    const source = `auth_file ${this.#path}`;
    try {
      // Secrets that are mounted as links (Kubernetes) change their inode, and a file system may keep times of a second only.
      const { mtimeMs, ctimeMs, size, ino } = await stat(this.#path);
      if (size > maxBytes) throw new CredentialError(`${source} has ${size} bytes; a token has at most ${maxBytes}`);
      const mark = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (this.#known?.mark === mark && this.#known.token.identity !== refused) return this.#known.token;
      const text = await readFile(this.#path, "utf8");
      const token = tokenOf(text.replace(/\r?\n$/, ""), undefined, source);
      this.#known = { mark, token };
      return token;
    } catch (cause) {
      if (cause instanceof CredentialError) throw cause;
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown fault";
      throw new CredentialError(`${source} cannot be read (${code})`, { cause });
    }
  }
}
