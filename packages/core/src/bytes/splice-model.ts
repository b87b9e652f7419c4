import { BodyBytes } from "./body-bytes.ts";
import { concatBytes } from "./concat-bytes.ts";
import { BACKSLASH, type ByteRange, walkObject } from "./json-walk.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Returns a body with every `model` value of `ranges` replaced by `model`, as parts whose concatenation is the new body. Only the chunks that hold such a
 * value are split; all other bytes are the caller's own chunks, not copies.
 *
 * @param ranges - Those of `RequestFacts.modelRanges`, in order.
 */
export function spliceModel(
  body: Uint8Array | BodyBytes,
  ranges: readonly ByteRange[],
  model: string,
): readonly Uint8Array[] {
  const bytes = body instanceof BodyBytes ? body : new BodyBytes(body);
  const replacement = encodedName(model);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const range of ranges) {
    for (const part of bytes.parts(from, range.start)) parts.push(part);
    parts.push(replacement);
    from = range.end;
  }
  for (const part of bytes.parts(from, bytes.length)) parts.push(part);
  return parts;
}

const encodedNames = new Map<string, Uint8Array>();
const maxEncodedNames = 100;

/** The name as JSON. Requests and answers come with the same few names: those are encoded once. */
function encodedName(model: string): Uint8Array {
  const known = encodedNames.get(model);
  if (known) return known;
  const bytes = encoder.encode(JSON.stringify(model));
  if (encodedNames.size >= maxEncodedNames) encodedNames.clear();
  encodedNames.set(model, bytes);
  return bytes;
}

/**
 * Puts `model` into the `message` of a `message_start` event's data by splicing. `bytes` may hold anything around the object that begins at `from`.
 * Where there is no such member the bytes come back as they are.
 */
export function spliceStartModel(bytes: Uint8Array, from: number, model: string): Uint8Array {
  const ranges: ByteRange[] = [];
  walkObject(bytes, from, (key, value) => {
    if (!isKey(bytes, key, "message") || bytes[value.start] !== 0x7b) return;
    walkObject(bytes, value.start, (innerKey, innerValue) => {
      if (isKey(bytes, innerKey, "model")) ranges.push(innerValue);
    });
  });
  return ranges.length === 0 ? bytes : concatBytes(spliceModel(bytes, ranges, model));
}

/** Decides whether the key at `key` (with its quotes) is `name`, which is plain ASCII. Escapes are decoded. */
export function isKey(bytes: Uint8Array, key: ByteRange, name: string): boolean {
  const first = key.start + 1;
  const length = key.end - 1 - first;
  // No escape is shorter than what it stands for.
  if (length < name.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    const byte = bytes[first + index];
    if (byte !== name.charCodeAt(index)) return byte === BACKSLASH && decodeString(bytes, key) === name;
  }
  return length === name.length;
}

/** Returns the text of the JSON string at `range`. */
export function decodeString(bytes: Uint8Array, range: ByteRange): string {
  return readPlainString(bytes, range) ?? String(JSON.parse(decoder.decode(bytes.subarray(range.start, range.end))));
}

/** The text between the quotes where it is short and plain ASCII, which costs a tenth of decoding it. */
function readPlainString(bytes: Uint8Array, { start, end }: ByteRange): string | undefined {
  if (end - start > 64) return undefined;
  let text = "";
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = bytes[at] as number;
    if (byte >= 0x80 || byte === BACKSLASH) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
