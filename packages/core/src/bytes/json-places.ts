import type { ByteRange } from "./json-walk.ts";

/**
 * Finds places in the bytes of a JSON text that is known to be valid. Strings are skipped, nothing is checked, and every byte is read once at most.
 * For invalid text the results are meaningless, but every walk ends.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A member of an object: its key's text, the key with its quotes, and the value. */
export interface MemberPlace {
  readonly name: string;
  readonly key: ByteRange;
  readonly value: ByteRange;
}

/** Reads the value that begins at `at` and returns the offset after it, as `endOfValue` does. */
export type ReadValue = (at: number, name: string) => number;

/** Returns the members of the object that begins at `start` and the offset after it. Each value is read by `readValue`, once, by default jumped over. */
export function readMembers(
  bytes: Uint8Array,
  start: number,
  readValue: ReadValue = (at) => endOfValue(bytes, at),
): { readonly members: readonly MemberPlace[]; readonly end: number } {
  const members: MemberPlace[] = [];
  if (bytes[start] !== OPEN_OBJECT) return { members, end: endOfValue(bytes, start) };
  let at = skipBlank(bytes, start + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_OBJECT) {
    const key = { start: at, end: endOfValue(bytes, at) };
    const name = stringText(bytes, key);
    const from = skipBlank(bytes, skipBlank(bytes, key.end) + 1); // over the colon
    const value = { start: from, end: readValue(from, name) };
    members.push({ name, key, value });
    at = afterComma(bytes, value.end);
  }
  return { members, end: at + 1 };
}

/** Returns the elements of the array that begins at `start` and the offset after it. Each is read by `readElement`, once, by default jumped over. */
export function readElements(
  bytes: Uint8Array,
  start: number,
  readElement: (at: number) => number = (at) => endOfValue(bytes, at),
): { readonly elements: readonly ByteRange[]; readonly end: number } {
  const elements: ByteRange[] = [];
  if (bytes[start] !== OPEN_ARRAY) return { elements, end: endOfValue(bytes, start) };
  let at = skipBlank(bytes, start + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_ARRAY) {
    const end = readElement(at);
    elements.push({ start: at, end });
    at = afterComma(bytes, end);
  }
  return { elements, end: at + 1 };
}

/** Returns the member of that name that a parser would take: the last. */
export function lastMember(members: readonly MemberPlace[], name: string): MemberPlace | undefined {
  return members.findLast((member) => member.name === name);
}

/** Returns the text of the string at the place; undefined where there is none, or no string. */
export function textAt(bytes: Uint8Array, place: ByteRange | undefined): string | undefined {
  return place !== undefined && bytes[place.start] === QUOTE ? stringText(bytes, place) : undefined;
}

/** Returns the value at the place, parsed. */
export function valueAt(bytes: Uint8Array, place: ByteRange): unknown {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(place.start, place.end)));
}

/** Offset after the value that begins at `start`. */
export function endOfValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return endOfString(bytes, start);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return endOfContainer(bytes, start);
  let at = start + 1;
  while (at < bytes.length && !endsScalar(bytes[at] as number)) at += 1;
  return at;
}

function stringText(bytes: Uint8Array, { start, end }: ByteRange): string {
  if (end - start > 64) return String(valueAt(bytes, { start, end }));
  let text = "";
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = bytes[at] as number;
    // Escapes and what is not ASCII: rare enough to be left to the parser.
    if (byte === BACKSLASH || byte >= 0x80) return String(valueAt(bytes, { start, end }));
    text += String.fromCharCode(byte);
  }
  return text;
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte <= 0x20;
}

function endOfContainer(bytes: Uint8Array, start: number): number {
  let depth = 0;
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    at += 1;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return at;
}

function endOfString(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  let at = start + 1;
  while (at < length) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return length;
}

function afterComma(bytes: Uint8Array, from: number): number {
  const at = skipBlank(bytes, from);
  return bytes[at] === COMMA ? skipBlank(bytes, at + 1) : at;
}

function skipBlank(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) <= 0x20) at += 1;
  return at;
}
