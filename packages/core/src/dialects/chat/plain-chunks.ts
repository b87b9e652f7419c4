import type { EventPlace } from "../answer-watch.ts";
import { tellsMore } from "./telling-members.ts";

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Holds the bytes of a plain chunk before and behind its text. `tail` begins with the quote that ends the text. */
interface Frame {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/**
 * Tells the chunks of one stream that hold nothing but content, as `tellsMore` does, but looks first whether a chunk differs from the one before in a
 * string alone: most do. One a stream.
 */
export class PlainChunks {
  #before: Uint8Array | undefined;
  #frame: Frame | undefined;

  /** Whether the event is a chunk of plain content. */
  holds(event: EventPlace): boolean {
    if (this.#frame && isFramed(event, this.#frame)) return true;
    const bytes = event.chunk.subarray(event.from, event.end);
    if (tellsMore(bytes)) return false;
    // Frames are looked for only in small chunks, which is what the chunks of a token are.
    if (bytes.length > 2_048) return true;
    this.#frame = (this.#before && frameOf(this.#before, bytes)) ?? this.#frame;
    this.#before = bytes.slice();
    return true;
  }
}

/**
 * The frame that two plain chunks share. The head ends with a quote behind a colon, the tail begins with one that no colon follows. Between them stands no
 * quote: no name of a member that `tellsMore` looks for can stand there, nor the value of one.
 */
function frameOf(one: Uint8Array, other: Uint8Array): Frame | undefined {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one[same] === other[same]) same += 1;
  const head = other.lastIndexOf(QUOTE, same - 1) + 1;
  if (head < 2 || same === 0 || other[head - 2] !== COLON) return undefined;
  const tail = other.indexOf(QUOTE, head);
  if (tail < 0 || other[tail - 1] === BACKSLASH || isColonNext(other, tail + 1)) return undefined;
  return { head: other.slice(0, head), tail: other.slice(tail) };
}

function isColonNext(bytes: Uint8Array, at: number): boolean {
  let place = at;
  while (place < bytes.length && (bytes[place] as number) <= 0x20) place += 1;
  return bytes[place] === COLON;
}

function isFramed({ chunk, from, end }: EventPlace, { head, tail }: Frame): boolean {
  const text = from + head.length;
  const behind = end - tail.length;
  if (behind < text) return false;
  for (let at = tail.length - 1; at > 0; at -= 1) if (chunk[behind + at] !== tail[at]) return false;
  for (let at = head.length - 1; at >= 0; at -= 1) if (chunk[from + at] !== head[at]) return false;
  return chunk.indexOf(QUOTE, text) === behind;
}
