/** Shorter chunks are gathered: each in an array of its own would take many times its bytes in memory. */
const shortBytes = 4_096;
const leastGatheredBytes = 4_096;
const mostGatheredBytes = 65_536;

/**
 * Collects a request body as the list of the chunks that arrived, without copying them. Only chunks of less than 4 kB are copied, into arrays of up to
 * 64 kB that they share, so that the list of a body that trickles in stays short.
 */
export class BodyChunks {
  #chunks: Uint8Array[] = [];
  /** The array that short chunks are copied into; it is full up to `#filled`, and its bytes before `#listed` are in the list already. */
  #gathered: Buffer = Buffer.alloc(0);
  #listed = 0;
  #filled = 0;
  #length = 0;

  /** Number of bytes that have been added. */
  get length(): number {
    return this.#length;
  }

  /** Adds the next chunk. `isWhole`: it is the whole body, which is kept as it is, however short. */
  add(chunk: Buffer, isWhole = false): void {
    this.#length += chunk.length;
    if (chunk.length < shortBytes && !isWhole) {
      this.#gather(chunk);
      return;
    }
    this.#list();
    this.#chunks.push(chunk);
  }

  /** Returns the chunks, none of which is empty, and keeps none of them. */
  take(): readonly Uint8Array[] {
    this.#list();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#gathered = Buffer.alloc(0);
    this.#listed = 0;
    this.#filled = 0;
    return chunks;
  }

  #gather(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#filled === this.#gathered.length) this.#makeRoom();
      const copied = chunk.copy(this.#gathered, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  #makeRoom(): void {
    this.#list();
    const bytes = Math.min(Math.max(2 * this.#gathered.length, leastGatheredBytes), mostGatheredBytes);
    this.#gathered = Buffer.allocUnsafeSlow(bytes);
    this.#listed = 0;
    this.#filled = 0;
  }

  /** Puts what was gathered since the last call into the list. */
  #list(): void {
    if (this.#filled > this.#listed) this.#chunks.push(this.#gathered.subarray(this.#listed, this.#filled));
    this.#listed = this.#filled;
  }
}
