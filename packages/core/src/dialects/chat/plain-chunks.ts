import type { EventPlace } from "../answer-watch.ts";
import { type ContentFrame, frameOf } from "../content-frame.ts";
import { highestIndex, tellsMore } from "./telling-members.ts";

/** Frames are looked for only in small chunks, which is what the chunks of a token are. */
const mostBytes = 2_048;
/** After so many attempts in vain a frame is looked for only in every 16th chunk. */
const mostMisses = 8;

/**
 * Recognises chunks of one stream that hold only content, and learns the frame that they share. Use one for each
 * stream.
 */
export class PlainChunks {
  /** Frame of the last plain chunks of the stream; undefined: none so far. */
  frame: ContentFrame | undefined;
  #before: Uint8Array | undefined;
  #misses = 0;

  /**
   * Decides whether a chunk of another frame holds only content.
   *
   * @param choices - number of choices that have been seen. A chunk that may begin one more has to be read, each time.
   */
  holds({ chunk, from, end }: EventPlace, choices: number): boolean {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset + from, end - from);
    // Of a chunk that is to be read no frame is learned: whether the next such chunk is read must not depend on the reads that they come in.
    if (tellsMore(bytes) || highestIndex(bytes) >= choices) return false;
    this.#learn(bytes);
    return true;
  }

  #learn(bytes: Uint8Array): void {
    if (bytes.length > mostBytes) return;
    if (this.#misses >= mostMisses && this.#misses % 16 !== 0) {
      this.#misses += 1;
      return;
    }
    const frame = this.#before && frameOf(this.#before, bytes);
    this.#misses = frame ? 0 : this.#misses + 1;
    this.frame = frame ?? this.frame;
    this.#before = bytes.slice();
  }
}
