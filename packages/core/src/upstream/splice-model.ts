import { type ByteRange, skipSpace, walkObject } from "./json-walk.ts";

const encoder = new TextEncoder();

/**
 * The request's bytes with every given `model` value replaced by `model`, as parts whose concatenation is the body: all other bytes are the
 * caller's own, not copies. `ranges` are those of `RequestFacts.modelRanges`, in order.
 */
export function spliceModel(body: Uint8Array, ranges: readonly ByteRange[], model: string): readonly Uint8Array[] {
  const replacement = encoder.encode(JSON.stringify(model));
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const range of ranges) {
    parts.push(body.subarray(from, range.start), replacement);
    from = range.end;
  }
  parts.push(body.subarray(from));
  return parts;
}

/**
 * Puts `model` into the answer's `model` member by splicing: at the top level of a Message, or inside `message` of a `message_start` event's data.
 * `bytes` may hold anything around the object that begins at `from`. Where there is no such member the bytes come back as they are.
 */
export function spliceAnswerModel(
  bytes: Uint8Array,
  from: number,
  path: "model" | "message.model",
  model: string,
): Uint8Array {
  const ranges: ByteRange[] = [];
  walkObject(bytes, from, (key, value) => {
    if (path === "model" && isKey(bytes, key, "model")) ranges.push(value);
    if (path === "message.model" && isKey(bytes, key, "message") && bytes[skipSpace(bytes, value.start)] === 0x7b) {
      walkObject(bytes, value.start, (innerKey, innerValue) => {
        if (isKey(bytes, innerKey, "model")) ranges.push(innerValue);
      });
    }
  });
  return ranges.length === 0 ? bytes : concatBytes(spliceModel(bytes, ranges, model));
}

/** Whether the key at `key` (with its quotes) is `name`, escapes understood. */
export function isKey(bytes: Uint8Array, key: ByteRange, name: string): boolean {
  const length = key.end - key.start - 2;
  if (length < name.length) return false;
  if (length === name.length) {
    for (let index = 0; index < length; index += 1) {
      if (bytes[key.start + 1 + index] !== name.charCodeAt(index)) return false;
    }
    return true;
  }
  return bytes.subarray(key.start, key.end).includes(0x5c) && decodeString(bytes, key) === name;
}

/** The text of the JSON string at `range`. */
export function decodeString(bytes: Uint8Array, range: ByteRange): string {
  return String(JSON.parse(new TextDecoder().decode(bytes.subarray(range.start, range.end))));
}

/** One array of all parts; the part itself where there is only one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
