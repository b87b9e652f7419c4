import { jsonScanModule } from "./json-scan-module.ts";
import type { ByteRange } from "./json-walk.ts";

/**
 * The same check as `walkObject` on a whole text, at several times its speed, where the platform has WebAssembly with SIMD. It only ever says what is
 * sound: everything else (a fault, an exotic form, no WebAssembly) is "unknown", and the walk's to decide and to word.
 */

/** Below this many bytes the walk is as fast. */
const minBytes = 128;
/** Little enough to stay in the first cache, between copying a chunk and scanning it. */
const chunkBytes = 16_384;
const blockBytes = 64;
const lookAheadBytes = 64;
const SPACE = 0x20;

interface Scanner {
  readonly input: Uint8Array;
  readonly members: Uint32Array;
  readonly begin: () => void;
  /** 1 where the bytes are sound so far. `length` is a multiple of 64; `base` is the offset of the first in the text. */
  readonly scan: (length: number, base: number) => number;
  /** How many members there are; -1 where the text is not whole. */
  readonly finish: () => number;
}

let scanner: Scanner | null | undefined;

/**
 * Calls `onMember` for each member of the object that `bytes` is, with nothing but white space around it, and returns true; false, before any call,
 * where that is not known.
 */
export function scanObject(bytes: Uint8Array, onMember: (key: ByteRange, value: ByteRange) => void): boolean {
  if (bytes.length < minBytes) return false;
  if (scanner === undefined) scanner = loadScanner() ?? null;
  if (scanner === null) return false;
  const { members } = scanner;
  const count = countMembers(scanner, bytes);
  for (let at = 0; at < count * 4; at += 4) {
    // Where the key starts, the colon, where the value starts, and the comma or brace behind it.
    const keyEnd = trimmedEnd(bytes, members[at + 1] as number);
    const valueEnd = trimmedEnd(bytes, members[at + 3] as number);
    onMember({ start: members[at] as number, end: keyEnd }, { start: members[at + 2] as number, end: valueEnd });
  }
  return count >= 0;
}

function countMembers({ input, begin, scan, finish }: Scanner, bytes: Uint8Array): number {
  begin();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const part = bytes.length <= chunkBytes ? bytes : bytes.subarray(at, at + chunkBytes + lookAheadBytes);
    input.set(part);
    const length = Math.min(Math.ceil(part.length / blockBytes) * blockBytes, chunkBytes);
    // The input still holds other text: spaces up to the end of what is read.
    if (part.length < length + lookAheadBytes) input.fill(SPACE, part.length, length + lookAheadBytes);
    if (scan(length, at) !== 1) return -1;
  }
  return finish();
}

/** The offset behind the last byte before `end` that is no white space; outside of strings, sound text has no other bytes so low. */
function trimmedEnd(bytes: Uint8Array, end: number): number {
  let last = end;
  while ((bytes[last - 1] as number) <= SPACE) last -= 1;
  return last;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly input: () => number;
  readonly members: () => number;
  readonly begin: () => void;
  readonly scan: (length: number, base: number) => number;
  readonly finish: () => number;
}

/** Undefined where the platform cannot, or must not, compile it: old engines, and workers that forbid making code at run time. */
function loadScanner(): Scanner | undefined {
  try {
    const code = Uint8Array.from(atob(jsonScanModule), (character) => character.charCodeAt(0));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(code));
    const { memory, input, members, begin, scan, finish } = instance.exports as unknown as Exports;
    return {
      input: new Uint8Array(memory.buffer, input(), chunkBytes + 2 * lookAheadBytes),
      members: new Uint32Array(memory.buffer, members(), 4 * 256),
      begin,
      scan,
      finish,
    };
  } catch {
    return undefined; // the walk does it all
  }
}
