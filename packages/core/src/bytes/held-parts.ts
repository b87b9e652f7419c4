import { concatBytes } from "./concat-bytes.ts";

/** Number of parts after which short ones are joined. */
const maxLooseParts = 256;
/** Parts that have more bytes than this on average stay as they are. */
const shortBytes = 1_024;

/**
 * Holds the parts of an event or a body whose end has not arrived yet. A view takes about 200 bytes of memory, whatever it shows: a body that trickles in
 * byte by byte would take 200 times its size. Short parts are therefore joined, 256 at a time.
 */
export class HeldParts {
  #parts: Uint8Array[] = [];
  #length = 0;
  #looseParts = 0;
  #looseBytes = 0;

  /** All parts, in order. */
  get parts(): readonly Uint8Array[] {
    return this.#parts;
  }

  /** Number of bytes in all parts. */
  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Adds a part behind the others. It is kept, not copied, until it is joined. */
  push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
    this.#looseParts += 1;
    this.#looseBytes += part.length;
    if (this.#looseParts === maxLooseParts) this.#join();
  }

  /** Returns all parts as one array, with `tail` behind them. Keeps the parts. */
  whole(tail?: Uint8Array): Uint8Array {
    if (tail === undefined) return concatBytes(this.#parts);
    return this.isEmpty ? tail : concatBytes([...this.#parts, tail]);
  }

  clear(): void {
    if (this.isEmpty) return;
    this.#parts = [];
    this.#length = 0;
    this.#looseParts = 0;
    this.#looseBytes = 0;
  }

  #join(): void {
    if (this.#looseBytes < maxLooseParts * shortBytes) {
      const loose = this.#parts.splice(this.#parts.length - maxLooseParts);
      this.#parts.push(concatBytes(loose));
    }
    this.#looseParts = 0;
    this.#looseBytes = 0;
  }
}
