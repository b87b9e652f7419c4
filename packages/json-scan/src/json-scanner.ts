import { jsonScanModule } from "./json-scan-module.ts";

/** The bytes that one call of the module's `scan` takes at most. It fits the first-level cache together with its copy. */
const chunkBytes = 16_384;
const blockBytes = 64;
/** The bytes behind the last block that the module may look at. */
const lookAheadBytes = 64;
/** The bytes in front of the input, which belong to the state of a text: `BEHIND` in the C file. */
const behindBytes = 16;
/** The most bytes that are left in the input behind what was scanned, the look-ahead included. */
const mostLeftBytes = 2 * lookAheadBytes;
const maxMembers = 256;
const SPACE = 0x20;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly input: () => number;
  readonly members: () => number;
  /** Returns the address of the state of the text that is being scanned. */
  readonly text: () => number;
  /** Returns how many bytes of that state are in use. */
  readonly text_bytes: () => number;
  readonly begin: () => void;
  /** Returns 1 while the bytes are sound. `length`: a multiple of 64; `base`: the offset of the first byte in the text. */
  readonly scan: (length: number, base: number) => number;
  /** Returns the number of members, or -1 where the text is not one whole object. */
  readonly finish: () => number;
}

/** The compiled module, views of its memory, and the scan whose state its memory holds. */
interface ScanModule {
  readonly exports: Exports;
  readonly input: Uint8Array;
  /** The input with the bytes in front of it. */
  readonly room: Uint8Array;
  readonly text: Uint8Array;
  readonly members: Uint32Array;
  current: JsonScan | undefined;
}

/** Makes scans of JSON texts. All of them share one compiled module with 64 kB of memory, and any number may be under way at the same time. */
export class JsonScanner {
  readonly #module: ScanModule;

  private constructor(exports: Exports) {
    const { memory, input, members, text } = exports;
    this.#module = {
      exports,
      input: new Uint8Array(memory.buffer, input(), chunkBytes + mostLeftBytes),
      room: new Uint8Array(memory.buffer, input() - behindBytes, behindBytes + chunkBytes + mostLeftBytes),
      text: new Uint8Array(memory.buffer, text()),
      members: new Uint32Array(memory.buffer, members(), 4 * maxMembers),
      current: undefined,
    };
  }

  /**
   * Compiles the module.
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

  /** Begins the scan of a text. A scan that is given up needs no call: it holds nothing of the module. */
  begin(): JsonScan {
    return new JsonScan(this.#module);
  }
}

/**
 * Checks one JSON text, given in pieces: that it is one object in UTF-8 with nothing but white space around it, at several gigabytes a second. It only
 * ever confirms: a fault, more than 256 members, a number longer than 56 characters and nesting deeper than 1,000 levels are all "unknown", for a
 * slower reader to decide and to word.
 */
export class JsonScan {
  readonly #module: ScanModule;
  /** Bytes of the text that stand in the input and are not scanned yet. */
  #filled = 0;
  #base = 0;
  #isSound = true;
  /** The state while the module scans another text: the bytes in front of the input, what the input holds, and `text`. */
  #saved: Uint8Array | undefined;
  #savedTextBytes = 0;

  /** For `JsonScanner.begin` alone. */
  constructor(module: ScanModule) {
    this.#module = module;
  }

  /** Checks the next bytes of the text. The scan keeps no reference to `bytes`. */
  push(bytes: Uint8Array): void {
    if (!this.#isSound) return;
    this.#takeTurn();
    const { input } = this.#module;
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
   * Ends the text; may be called once, as the last of all calls.
   *
   * @returns four offsets for each member of the object, in their order: where the key starts (its quote), the colon, where the value starts, and the
   * comma or brace that follows it; undefined where the text is not known to be sound.
   */
  finish(): Uint32Array | undefined {
    if (!this.#isSound) return undefined;
    this.#takeTurn();
    let length = Math.ceil(this.#filled / blockBytes) * blockBytes;
    // The input still holds other text: spaces up to the end of what the module reads.
    this.#module.input.fill(SPACE, this.#filled, length + lookAheadBytes);
    if (length > chunkBytes) {
      this.#scan(chunkBytes);
      length -= chunkBytes;
    }
    this.#scan(length);
    const { exports, members } = this.#module;
    this.#module.current = undefined;
    const count = this.#isSound ? exports.finish() : -1;
    this.#isSound = false;
    return count < 0 ? undefined : members.slice(0, 4 * count);
  }

  #scan(length: number): void {
    if (!this.#isSound) return;
    const { exports, input } = this.#module;
    this.#isSound = exports.scan(length, this.#base) === 1;
    this.#base += length;
    // Bytes that the scan only looked ahead at come first in the next chunk.
    input.copyWithin(0, length, length + mostLeftBytes);
    this.#filled -= length;
  }

  /** Puts the state of this text into the module's memory. */
  #takeTurn(): void {
    const module = this.#module;
    if (module.current === this) return;
    if (module.current !== undefined) module.current.#putAside();
    module.current = this;
    if (this.#saved === undefined) {
      module.exports.begin();
      return;
    }
    const roomBytes = behindBytes + this.#filled;
    module.room.set(this.#saved.subarray(0, roomBytes));
    module.text.set(this.#saved.subarray(roomBytes, roomBytes + this.#savedTextBytes));
  }

  /** Saves the state of this text, about 1.2 kB, because the module's memory is needed for another. */
  #putAside(): void {
    // As much as can be scanned now need not be saved.
    const length = Math.floor((this.#filled - lookAheadBytes) / blockBytes) * blockBytes;
    if (length > 0) this.#scan(length);
    if (!this.#isSound) return;
    const { exports, room, text } = this.#module;
    const roomBytes = behindBytes + this.#filled;
    this.#savedTextBytes = exports.text_bytes();
    const bytes = roomBytes + this.#savedTextBytes;
    // With room for some more members, so that the same array does the next time.
    if (this.#saved === undefined || this.#saved.length < bytes) this.#saved = new Uint8Array(bytes + 512);
    this.#saved.set(room.subarray(0, roomBytes));
    this.#saved.set(text.subarray(0, this.#savedTextBytes), roomBytes);
  }
}
