import { jsonScanModule } from "./json-scan-module.ts";

/** The bytes that one call of the module's `scan` takes at most. It fits the first-level cache together with its copy. */
const chunkBytes = 16_384;
const blockBytes = 64;
/** The bytes behind the last block that the module may look at. */
const lookAheadBytes = 64;
const maxMembers = 256;
const SPACE = 0x20;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly input: () => number;
  readonly members: () => number;
  readonly begin: () => void;
  /** Returns 1 while the bytes are sound. `length`: a multiple of 64; `base`: the offset of the first byte in the text. */
  readonly scan: (length: number, base: number) => number;
  /** Returns the number of members, or -1 where the text is not one whole object. */
  readonly finish: () => number;
}

/**
 * Checks one JSON text after the other, each given in pieces: that it is one object in UTF-8 with nothing but white space around it, at several
 * gigabytes a second. It only ever confirms: a fault, more than 256 members, a number longer than 56 characters and nesting deeper than 1,000
 * levels are all "unknown", for a slower reader to decide and to word.
 */
export class JsonScanner {
  readonly #exports: Exports;
  readonly #input: Uint8Array;
  readonly #members: Uint32Array;
  /** Bytes of the text that stand in the input and are not scanned yet. */
  #filled = 0;
  #base = 0;
  #isSound = true;

  private constructor(exports: Exports) {
    const { memory, input, members } = exports;
    this.#exports = exports;
    this.#input = new Uint8Array(memory.buffer, input(), chunkBytes + 2 * lookAheadBytes);
    this.#members = new Uint32Array(memory.buffer, members(), 4 * maxMembers);
    this.begin();
  }

  /**
   * Compiles a scanner with memory of its own (64 kB).
   *
   * @returns undefined where the platform cannot compile WebAssembly with SIMD, or forbids it.
   */
  static create(): JsonScanner | undefined {
    try {
      const code = Uint8Array.from(atob(jsonScanModule), (character) => character.charCodeAt(0));
      const instance = new WebAssembly.Instance(new WebAssembly.Module(code));
      return new JsonScanner(instance.exports as unknown as Exports);
    } catch {
      return undefined; // the caller's own reader does it all
    }
  }

  /** Begins a new text; whatever was pushed of the one before is forgotten. */
  begin(): void {
    this.#exports.begin();
    this.#filled = 0;
    this.#base = 0;
    this.#isSound = true;
  }

  /** Checks the next bytes of the text. The scanner keeps no reference to `bytes`. */
  push(bytes: Uint8Array): void {
    const input = this.#input;
    const room = chunkBytes + lookAheadBytes;
    for (let at = 0; at < bytes.length && this.#isSound;) {
      const taken = Math.min(room - this.#filled, bytes.length - at);
      input.set(taken === bytes.length ? bytes : bytes.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      if (this.#filled === room) this.#scan(chunkBytes);
    }
  }

  /**
   * Ends the text.
   *
   * @returns four offsets for each member of the object, in their order: where the key starts (its quote), the colon, where the value starts, and the
   * comma or brace that follows it; undefined where the text is not known to be sound.
   */
  finish(): Uint32Array | undefined {
    if (!this.#isSound) return undefined;
    let length = Math.ceil(this.#filled / blockBytes) * blockBytes;
    // The input still holds other text: spaces up to the end of what the module reads.
    this.#input.fill(SPACE, this.#filled, length + lookAheadBytes);
    if (length > chunkBytes) {
      this.#scan(chunkBytes);
      length -= chunkBytes;
    }
    this.#scan(length);
    const count = this.#isSound ? this.#exports.finish() : -1;
    return count < 0 ? undefined : this.#members.slice(0, 4 * count);
  }

  #scan(length: number): void {
    if (!this.#isSound) return;
    this.#isSound = this.#exports.scan(length, this.#base) === 1;
    this.#base += length;
    // What was only looked at comes first in the next chunk.
    if (length === chunkBytes) this.#input.copyWithin(0, chunkBytes);
    this.#filled -= length;
  }
}
