import { concatBytes } from "./concat-bytes.ts";

const noBytes = new Uint8Array();

/**
 * The bytes of one request body, held as the chunks in which they arrived. Offsets count from the first byte of the body. No byte is copied until
 * `whole` is called, or `slice` for a range that crosses the border of two chunks.
 */
export class BodyBytes {
  readonly length: number;
  #chunks: readonly Uint8Array[];
  /** The offset of the first byte of each chunk. */
  #starts: readonly number[];
  /** The chunk that was read last: most reads go on where the one before ended. */
  #current = 0;

  /** @param body - The bytes, or their pieces in order. They are kept, not copied, and must not change. */
  constructor(body: Uint8Array | readonly Uint8Array[]) {
    this.#chunks = isOneArray(body) ? [body] : body.filter((chunk) => chunk.length > 0);
    const starts: number[] = [];
    let length = 0;
    for (const chunk of this.#chunks) {
      starts.push(length);
      length += chunk.length;
    }
    this.#starts = starts;
    this.length = length;
  }

  /** The pieces, none of which is empty where there are several. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  /** Returns the byte at `offset`; undefined outside of the body. */
  at(offset: number): number | undefined {
    if (offset < 0 || offset >= this.length) return undefined;
    const index = this.#chunkAt(offset);
    return this.#chunk(index)[offset - this.#start(index)];
  }

  /** Returns the offset of the first `byte` at or after `from`, or -1. */
  indexOf(byte: number, from = 0): number {
    if (from >= this.length) return -1;
    for (let index = this.#chunkAt(Math.max(0, from)); index < this.#chunks.length; index += 1) {
      const start = this.#start(index);
      const found = this.#chunk(index).indexOf(byte, Math.max(0, from - start));
      if (found >= 0) {
        this.#current = index;
        return start + found;
      }
    }
    return -1;
  }

  /** Returns the bytes of a range in one array, which shares the memory of the chunk that holds it; a copy where several do. */
  slice(start: number, end: number): Uint8Array {
    return concatBytes(this.parts(start, end));
  }

  /** Returns the bytes of a range as views of the chunks, none of which is empty. */
  parts(start: number, end: number): readonly Uint8Array[] {
    const last = Math.min(end, this.length);
    const parts: Uint8Array[] = [];
    for (let at = Math.max(0, start), index = this.#chunkAt(at); at < last; index += 1) {
      const from = this.#start(index);
      const chunk = this.#chunk(index);
      const part = at === from && from + chunk.length <= last ? chunk : chunk.subarray(at - from, last - from);
      parts.push(part);
      at += part.length;
    }
    return parts;
  }

  /** Returns all bytes in one array, in which the body is held from then on. */
  whole(): Uint8Array {
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    const bytes = concatBytes(this.#chunks);
    this.#chunks = [bytes];
    this.#starts = [0];
    this.#current = 0;
    return bytes;
  }

  #chunk(index: number): Uint8Array {
    return this.#chunks[index] ?? noBytes;
  }

  #start(index: number): number {
    return this.#starts[index] ?? this.length;
  }

  /** Returns the index of the chunk that holds `offset`, which is inside of the body. */
  #chunkAt(offset: number): number {
    const current = this.#current;
    if (offset >= this.#start(current) && offset < this.#start(current + 1)) return current;
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#start(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    this.#current = low;
    return low;
  }
}

function isOneArray(body: Uint8Array | readonly Uint8Array[]): body is Uint8Array {
  return ArrayBuffer.isView(body);
}
