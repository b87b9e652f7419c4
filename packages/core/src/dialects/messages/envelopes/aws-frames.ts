import { HeldParts } from "../../../bytes/held-parts.ts";
import { crc32 } from "./crc32.ts";

/** One message of an AWS event stream (`application/vnd.amazon.eventstream`): its headers of type string, and its payload. */
export interface AwsFrame {
  readonly headers: Readonly<Record<string, string>>;
  /** A view of the chunk that it came in where it came in one; not to be kept beyond the next push. */
  readonly payload: Uint8Array;
}

/** Reason why the bytes are no event stream from here on. */
export type AwsFrameFault = "length" | "prelude-checksum" | "message-checksum" | "headers";

const preludeBytes = 12;
const checksumBytes = 4;
// Of AWS: headers have at most 128 KiB, a payload at most 24 MiB.
const maxHeaderBytes = 128 * 1024;
const maxFrameBytes = 24 * 1024 * 1024 + maxHeaderBytes + preludeBytes + checksumBytes;

/**
 * Cuts the bytes of an AWS event stream into its messages: a synchronous push machine. Both checksums are checked, the one over the lengths before a
 * length is believed, so that a corrupt length is noticed at once and nothing is waited for that will not come.
 *
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export class AwsFrameDecoder {
  readonly #held = new HeldParts();
  #needed = preludeBytes;
  #fault: AwsFrameFault | undefined;

  /** Set once the bytes are no event stream; nothing more is given out then. */
  get fault(): AwsFrameFault | undefined {
    return this.#fault;
  }

  /** True if the bytes so far end within a message. */
  get isWithinFrame(): boolean {
    return !this.#held.isEmpty;
  }

  /** Returns the messages that are complete with this chunk, in order. */
  push(chunk: Uint8Array): readonly AwsFrame[] {
    if (this.#fault !== undefined || chunk.length === 0) return [];
    this.#held.push(chunk);
    if (this.#held.length < this.#needed) return [];
    const bytes = this.#held.whole();
    const frames: AwsFrame[] = [];
    let from = 0;
    for (;;) {
      const end = this.#endOfFrame(bytes, from);
      if (end === undefined || end > bytes.length) break;
      const frame = this.#read(bytes.subarray(from, end));
      if (frame === undefined) break;
      frames.push(frame);
      from = end;
    }
    this.#held.clear();
    if (this.#fault === undefined && from < bytes.length) this.#held.push(bytes.subarray(from));
    return frames;
  }

  /** The offset after the message that begins at `from`; undefined where its lengths have not come, or are wrong. Notes how many bytes are needed. */
  #endOfFrame(bytes: Uint8Array, from: number): number | undefined {
    this.#needed = preludeBytes;
    if (bytes.length - from < preludeBytes) return undefined;
    const view = viewOf(bytes, from);
    if (crc32(bytes.subarray(from, from + 8)) !== view.getUint32(8)) return this.#fail("prelude-checksum");
    const total = view.getUint32(0);
    const headers = view.getUint32(4);
    const isPossible =
      headers <= maxHeaderBytes && total <= maxFrameBytes && total >= preludeBytes + headers + checksumBytes;
    if (!isPossible) return this.#fail("length");
    this.#needed = total;
    return from + total;
  }

  #read(frame: Uint8Array): AwsFrame | undefined {
    const view = viewOf(frame, 0);
    const end = frame.length - checksumBytes;
    if (crc32(frame.subarray(0, end)) !== view.getUint32(end)) return this.#fail("message-checksum");
    const headersEnd = preludeBytes + view.getUint32(4);
    const headers = readHeaders(frame.subarray(preludeBytes, headersEnd));
    return headers === undefined ? this.#fail("headers") : { headers, payload: frame.subarray(headersEnd, end) };
  }

  #fail(fault: AwsFrameFault): undefined {
    this.#fault = fault;
  }
}

/** The bytes that a value takes by its type; those of a byte array and of a string (6, 7) are said before it. */
const fixedSizes: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
const stringType = 7;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads the headers of a message; undefined where they do not fit into their bytes. */
function readHeaders(bytes: Uint8Array): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>; // names are the upstream's
  const view = viewOf(bytes, 0);
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] as number);
    if (nameEnd >= bytes.length) return undefined;
    const name = decoder.decode(bytes.subarray(at + 1, nameEnd));
    const type = bytes[nameEnd] as number;
    if (type >= fixedSizes.length) return undefined;
    at = nameEnd + 1;
    let size = fixedSizes[type];
    if (size === undefined) {
      if (at + 2 > bytes.length) return undefined;
      size = view.getUint16(at);
      at += 2;
    }
    if (at + size > bytes.length) return undefined;
    if (type === stringType) headers[name] = decoder.decode(bytes.subarray(at, at + size));
    at += size;
  }
  return headers;
}

function viewOf(bytes: Uint8Array, from: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + from, bytes.length - from);
}
