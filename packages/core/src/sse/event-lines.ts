import type { Mutable } from "../base/mutable.ts";
import { type FramedEvent, headLength, noEvent } from "./framed-event.ts";
import { usualEvent } from "./usual-event.ts";

/**
 * Frames an SSE byte stream into events by looking at the start and the end of each line only; what stands between is never copied or decoded.
 * That is what makes watching a native stream cost a twentieth of parsing it.
 */

const LF = 0x0a;
const CR = 0x0d;
/** No line ends in the chunk; -1 is a position. */
const none = -2;

/** Synchronous; keeps its state between chunks. Knows LF, CRLF and bare CR line ends, and a leading byte order mark. */
export class EventLines {
  readonly #head = new Uint8Array(headLength);
  #headFilled = 0;
  #lineLength = 0;
  #lastByte = 0;
  /** Decided by the first line end of the stream. */
  #terminator: typeof LF | typeof CR | undefined;
  #endsInCr = false;
  #isFirstLine = true;
  #name = "";
  #hasData = false;
  #isOneLine = true;
  #dataOpens = false;
  #dataCloses = false;
  #isSound = true;
  #lines = 0;
  /** Bytes of the open event in front of the line that is looked at. */
  #before = 0;
  #junkStart = 0;
  #junkEnd = 0;
  /** Offset at which the next call of `next` goes on in the current chunk. */
  #at = 0;
  /** One for all events of the stream. */
  readonly #event: Mutable<FramedEvent> = { ...noEvent };

  /** True if a started event is waiting for its blank line. */
  get isInsideEvent(): boolean {
    return this.#lines > 0 || this.#lineLength > 0;
  }

  /** True if the open event can still become a sound event; a finished junk line makes it false at once. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** Returns the first line of the last unsound event that is no field; `event` begins where the event does. Lines behind it may not have come yet. */
  junkLine(event: Uint8Array): Uint8Array {
    return event.subarray(this.#junkStart, this.#junkEnd);
  }

  /** True if an event may begin at the next byte and lines end in LF, so that `skipTo` may be called. */
  get isBetween(): boolean {
    return this.#terminator === LF && !this.isInsideEvent;
  }

  /** Passes over whole events that the caller has framed itself; `end` is the offset in the current chunk behind their last blank line. */
  skipTo(end: number): void {
    this.#at = end;
  }

  /** The next event that ends within `chunk`, or undefined when the chunk is used up; then the next call starts a new chunk. */
  next(chunk: Uint8Array): FramedEvent | undefined {
    const usual = this.isBetween ? usualEvent(chunk, this.#at, this.#event) : undefined;
    if (usual) {
      this.#at = usual.end;
      this.#before = 0;
      return usual;
    }
    for (;;) {
      const end = this.#findLineEnd(chunk, this.#at);
      if (end === none) {
        this.#feed(chunk, this.#at, chunk.length);
        this.#at = 0;
        return undefined;
      }
      this.#feed(chunk, this.#at, end);
      this.#at = end + 1;
      // A CR before the chunk has been counted as a byte of the line.
      if (this.#endLine(end < 0 ? 0 : 1)) return this.#takeEvent(end + 1);
    }
  }

  /** The stream has ended: the open event, as if its blank line had come, where it holds anything. */
  finish(): FramedEvent | undefined {
    if (!this.isInsideEvent) return undefined;
    if (this.#lineLength > 0) this.#endLine(0);
    return this.#takeEvent(0);
  }

  #findLineEnd(chunk: Uint8Array, from: number): number {
    if (this.#terminator !== undefined) {
      const end = chunk.indexOf(this.#terminator, from);
      return end < 0 ? none : end;
    }
    // A CR that ended the chunk before this one was a line end of its own: the line ended before the first byte here, at -1.
    if (this.#endsInCr && from < chunk.length && chunk[from] !== LF) {
      this.#terminator = CR;
      return from - 1;
    }
    const lf = chunk.indexOf(LF, from);
    const cr = chunk.indexOf(CR, from);
    const isBareCr = cr >= 0 && (lf < 0 ? cr < chunk.length - 1 : cr < lf - 1);
    if (isBareCr) this.#terminator = CR;
    else if (lf >= 0) this.#terminator = LF;
    if (isBareCr) return cr;
    return lf < 0 ? none : lf;
  }

  #feed(chunk: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    for (let at = from; this.#headFilled < headLength && at < to; at += 1) {
      this.#head[this.#headFilled++] = chunk[at] as number;
    }
    this.#endsInCr = chunk[to - 1] === CR;
    // The data ends with its last byte that is neither white space nor half of a line end.
    let last = to - 1;
    while (last >= from && isSpace(chunk[last] as number)) last -= 1;
    if (last >= from) this.#lastByte = chunk[last] as number;
    this.#lineLength += to - from;
  }

  /** Takes note of the finished line, behind which `ending` more bytes belong to it; true when it was the blank line that ends an event. */
  #endLine(ending: 0 | 1): boolean {
    const head = this.#head;
    let start = 0;
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (this.#headFilled >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) start = 3;
    }
    const filled = this.#headFilled;
    const isBlank = filled === start || (filled === start + 1 && head[start] === CR && this.#lineLength === start + 1);
    if (!isBlank) this.#noteLine(start);
    this.#before += this.#lineLength + ending;
    this.#headFilled = 0;
    this.#lineLength = 0;
    return isBlank && this.#lines > 0;
  }

  #noteLine(start: number): void {
    this.#lines += 1;
    const head = this.#head;
    const first = head[start];
    if (first === 0x3a) return; // a comment
    const value = this.#fieldValue(start);
    if (value < 0) {
      if (!this.#isUnknownField(start)) this.#noteJunk();
      return;
    }
    if (first === 0x64) this.#noteData(value);
    else if (first === 0x65) this.#name = this.#headText(value);
  }

  #noteJunk(): void {
    if (!this.#isSound) return;
    this.#isSound = false;
    this.#junkStart = this.#before;
    this.#junkEnd = this.#before + this.#lineLength;
  }

  /** Offset of the field's value in the head; -1 where the line is no field. */
  #fieldValue(start: number): number {
    for (const field of fields) {
      if (!this.#headHas(start, field)) continue;
      const colon = start + field.length;
      if (colon === this.#headFilled || this.#head[colon] === CR) return colon;
      if (this.#head[colon] !== 0x3a) return -1;
      let value = colon + 1;
      while (value < this.#headFilled && this.#head[value] === 0x20) value += 1;
      return value;
    }
    return -1;
  }

  /**
   * Decides whether the line is a field of a name that the standard does not know, which every reader ignores;
   * `error` is a name that reports an error.
   */
  #isUnknownField(start: number): boolean {
    let at = start;
    while (at < this.#headFilled && isFieldByte(this.#head[at] as number)) at += 1;
    if (at === start || !isLetter(this.#head[start] as number)) return false;
    const isNamed = at < this.#headFilled ? this.#head[at] === 0x3a || this.#head[at] === CR : at < headLength;
    return isNamed && !(at === start + 5 && this.#headHas(start, "error"));
  }

  #headHas(start: number, text: string): boolean {
    if (start + text.length > this.#headFilled) return false;
    for (let index = 0; index < text.length; index += 1) {
      if (this.#head[start + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  #noteData(value: number): void {
    this.#isOneLine = !this.#hasData;
    if (!this.#hasData) this.#dataOpens = value < this.#headFilled && this.#head[value] === 0x7b;
    this.#hasData = true;
    this.#dataCloses = this.#lastByte === 0x7d;
  }

  #headText(from: number): string {
    let text = "";
    for (let at = from; at < this.#headFilled && this.#head[at] !== CR; at += 1)
      text += String.fromCharCode(this.#head[at] as number);
    return text;
  }

  #takeEvent(end: number): FramedEvent {
    const isSound = this.#isSound && (!this.#hasData || (this.#dataOpens && this.#dataCloses));
    const event = this.#event;
    event.name = this.#name;
    event.hasData = this.#hasData;
    event.isSound = isSound;
    event.isOneLine = this.#isOneLine;
    event.hasJunkLine = !this.#isSound;
    event.end = end;
    this.#name = "";
    this.#hasData = false;
    this.#isOneLine = true;
    this.#isSound = true;
    this.#lines = 0;
    this.#before = 0;
    return event;
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}

/** A letter, a digit, `_`, `-` or `.`. */
function isFieldByte(byte: number): boolean {
  return isLetter(byte) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x2d || byte === 0x2e;
}

const fields = ["data", "event", "id", "retry"];

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === CR || byte === 0x09;
}
