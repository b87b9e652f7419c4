const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LF = 0x0a;

/** More than one or two strings that differ are rare: the text, and the padding that OpenAI and Mistral add. */
const mostPieces = 5;

/** Bytes that each event of a frame has, as words of four bytes. The last word may overlap the one before it. */
interface Piece {
  readonly words: Int32Array;
  readonly length: number;
}

/**
 * Holds what the small events of one stream have in common: `data: {…}` in one line, equal but for strings. An event is compared with it in words, because
 * a look at each byte of each event would take longer than everything else that is done to them.
 */
export class ContentFrame {
  /** An event that has the frame. */
  readonly sample: Uint8Array;
  /** Number of bytes at the beginning of each event that equal those of the sample. */
  readonly fixed: number;
  readonly #pieces: readonly Piece[];

  constructor(sample: Uint8Array, pieces: readonly Uint8Array[]) {
    this.sample = sample;
    this.fixed = pieces[0]?.length ?? 0;
    this.#pieces = pieces.map((piece) => ({ words: wordsOf(piece), length: piece.length }));
  }

  /**
   * Returns the offset behind the event that begins at `from`, or -1 if that has another frame or is not whole.
   *
   * @param view - A view of the same bytes as `chunk`.
   */
  endOf(chunk: Uint8Array, view: DataView, from: number): number {
    const pieces = this.#pieces;
    let at = from;
    for (let index = 0; index < pieces.length; index += 1) {
      const piece = pieces[index] as Piece;
      if (index > 0) at = stringEnd(chunk, at);
      if (at < 0 || !holds(view, at, piece)) return -1;
      at += piece.length;
    }
    return at;
  }
}

/**
 * Returns the frame of two events, or undefined where they differ in more than strings that are values of members. `other` is kept.
 *
 * Between the pieces of a frame stands the text of a string, and nothing that ends it. So an event of the frame has the same members as both events, and
 * the same values but for those strings.
 */
export function frameOf(one: Uint8Array, other: Uint8Array): ContentFrame | undefined {
  const length = other.length;
  if (length < 9 || other[length - 1] !== LF || other[length - 2] !== LF || !startsWith(other, "data: {"))
    return undefined;
  const pieces: Uint8Array[] = [];
  let start = 0;
  let at = 0;
  for (let place = 0; place < length; at += 1, place += 1) {
    const byte = other[place] as number;
    if (one[at] !== byte || (byte < SPACE && place < length - 2)) return undefined;
    if (byte !== QUOTE) continue;
    const ends = [stringEnd(one, at + 1), stringEnd(other, place + 1)] as const;
    if (ends[0] < 0 || ends[1] < 0) return undefined;
    if (!isSame(one.subarray(at, ends[0]), other.subarray(place, ends[1]))) {
      if (!isValue(other, place, ends[1])) return undefined;
      pieces.push(other.slice(start, place + 1));
      start = ends[1];
    }
    [at, place] = ends;
  }
  if (at !== one.length || pieces.length === 0 || pieces.length >= mostPieces) return undefined;
  return new ContentFrame(other, [...pieces, other.slice(start)]);
}

/** The place of the quote that ends the string whose text begins at `from`; -1 where the bytes end before it, or where a line does. */
function stringEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    let byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) byte = bytes[++at] ?? 0;
    if (byte < SPACE) return -1;
  }
  return -1;
}

function holds(view: DataView, at: number, { words, length }: Piece): boolean {
  if (at + length > view.byteLength) return false;
  const last = words.length - 1;
  // The end of the first piece differs first, where another member follows.
  if (view.getInt32(at + length - 4, true) !== words[last]) return false;
  for (let index = 0; index < last; index += 1) if (view.getInt32(at + index * 4, true) !== words[index]) return false;
  return true;
}

/** The words of a piece, which has four bytes or more: two quotes, a colon and what stands around them. */
function wordsOf(piece: Uint8Array): Int32Array {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  const words = new Int32Array(Math.ceil(piece.length / 4));
  for (let index = 0; index < words.length; index += 1)
    words[index] = view.getInt32(Math.min(index * 4, piece.length - 4), true);
  return words;
}

/** Decides whether the string between the quotes at `open` and `close` is the value of a member. */
function isValue(bytes: Uint8Array, open: number, close: number): boolean {
  let before = open - 1;
  while (bytes[before] === SPACE) before -= 1;
  let behind = close + 1;
  while (bytes[behind] === SPACE) behind += 1;
  return bytes[before] === COLON && bytes[behind] !== COLON;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (bytes[at] !== text.charCodeAt(at)) return false;
  return true;
}
