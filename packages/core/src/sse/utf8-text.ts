/** Stands behind what was decoded from bytes that are no UTF-8. Two low surrogates in a row: no UTF-8 decodes to them. */
export const damageMark = "\uDC80\uDC80";

const LF = 0x0a;
const CR = 0x0d;
const noBytes = new Uint8Array();

/**
 * Decodes UTF-8 that arrives in pieces, line by line where it is damaged: a byte that is no UTF-8 costs the line that it stands in, not what came with
 * it in one read. Each damaged piece of a line has U+FFFD in place of its bad bytes and ends in `damageMark`.
 */
export class Utf8Text {
  #decoder = new TextDecoder("utf-8", { fatal: true });
  /** The bytes at the end of the last read that begin a character. */
  #pending = noBytes;

  /** Returns the text that these bytes complete. */
  push(bytes: Uint8Array): string {
    const all = this.#pending.length === 0 ? bytes : concat(this.#pending, bytes);
    let text: string;
    try {
      text = this.#decoder.decode(bytes, { stream: true });
    } catch {
      return this.#pushDamaged(all);
    }
    this.#pending = begunCharacter(all);
    return text;
  }

  /** Returns what is left at the end: a character that has begun is damaged. */
  end(): string {
    return this.#pending.length === 0 ? "" : decodeLine(this.#pending);
  }

  #pushDamaged(all: Uint8Array): string {
    const pending = begunCharacter(all);
    // A decoder that has thrown has forgotten what it was in. The byte order mark belongs to the first bytes only.
    this.#decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    try {
      this.#decoder.decode(pending, { stream: true });
      this.#pending = pending;
    } catch {
      this.#decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      this.#pending = noBytes;
    }
    return decodeLines(all.subarray(0, all.length - this.#pending.length));
  }
}

function decodeLines(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR) continue;
    text += decodeLine(bytes.subarray(start, at)) + String.fromCharCode(byte);
    start = at + 1;
  }
  return text + decodeLine(bytes.subarray(start));
}

function decodeLine(line: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(line) + damageMark;
  }
}

/** The bytes at the end that are the beginning of a character of several bytes. */
function begunCharacter(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue; // it goes on from one before
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < length ? new Uint8Array(bytes.subarray(bytes.length - back)) : noBytes;
  }
  return noBytes;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
