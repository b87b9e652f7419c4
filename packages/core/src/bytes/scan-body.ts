import type { BodyBytes } from "./body-bytes.ts";
import type { ByteRange } from "./json-walk.ts";

/**
 * Checks that `chunks` together are one JSON object in UTF-8 with nothing but white space around it, and tells where its members stand.
 *
 * @returns four offsets for each member, in order: the first byte of the key, the colon, the first byte of the value, and the comma or brace behind it;
 * undefined where it does not know. Core then walks over the bytes itself, to decide and to word what is wrong.
 */
export type ScanBody = (chunks: readonly Uint8Array[]) => ArrayLike<number> | undefined;

const SPACE = 0x20;

/**
 * Calls `onMember` for each member that `scan` finds in the object that `bytes` are, keys with their quotes.
 *
 * @returns false, before any call, where `scan` is undefined or does not know.
 */
export function scanMembers(
  bytes: BodyBytes,
  scan: ScanBody | undefined,
  onMember: (key: ByteRange, value: ByteRange) => void,
): boolean {
  const offsets = scan?.(bytes.chunks);
  if (offsets === undefined) return false;
  for (let at = 0; at + 3 < offsets.length; at += 4) {
    const [key, colon, value, end] = [offsets[at], offsets[at + 1], offsets[at + 2], offsets[at + 3]] as number[];
    onMember(trimmed(bytes, key as number, colon as number), trimmed(bytes, value as number, end as number));
  }
  return true;
}

/** Returns the range without the white space at its end; outside of strings, sound text has no other bytes so low. */
function trimmed(bytes: BodyBytes, start: number, end: number): ByteRange {
  let last = end;
  while (last > start && (bytes.at(last - 1) as number) <= SPACE) last -= 1;
  return { start, end: last };
}
