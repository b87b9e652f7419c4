import type { Random } from "./random.ts";

/** A body that was tampered with, and how. */
export interface Mutated {
  readonly bytes: Uint8Array;
  /** The names of what was done, in order. */
  readonly steps: readonly string[];
  /** Nothing was done but to leave the end out. */
  readonly isPrefix: boolean;
}

type Step = (bytes: Uint8Array, random: Random) => Uint8Array;

const decoder = new TextDecoder("latin1");
const blankLine = /(?<=\r\n\r\n|\n\n|\r\r)/;

const steps: Readonly<Record<string, Step>> = {
  cut: (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  "cut the end": (bytes, random) => bytes.subarray(0, bytes.length - random.below(Math.min(bytes.length, 120) + 1)),
  flip: (bytes, random) => {
    const changed = bytes.slice();
    for (let count = 1 + random.below(3); count > 0 && changed.length > 0; count -= 1) {
      const at = random.below(changed.length);
      changed[at] = (changed[at] as number) ^ (1 << random.below(8));
    }
    return changed;
  },
  remove: (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(40)));
  },
  insert: (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const piece = Uint8Array.from({ length: 1 + random.below(4) }, () =>
      random.below(2) === 0 ? random.below(256) : random.pick([0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x0a, 0x0d, 0x00]),
    );
    return concat(bytes.subarray(0, at), piece, bytes.subarray(at));
  },
  drop: (bytes, random) => overParts(bytes, (parts) => void parts.splice(random.below(parts.length), 1)),
  double: (bytes, random) =>
    overParts(bytes, (parts) => {
      const at = random.below(parts.length);
      parts.splice(at, 0, parts[at] as string);
    }),
  swap: (bytes, random) =>
    overParts(bytes, (parts) => {
      const at = random.below(parts.length);
      parts.splice(at, 2, ...parts.slice(at, at + 2).toReversed());
    }),
  move: (bytes, random) =>
    overParts(bytes, (parts) => {
      const [part] = parts.splice(random.below(parts.length), 1);
      if (part !== undefined) parts.splice(random.below(parts.length + 1), 0, part);
    }),
};

/** Tampers with a body in up to three ways; now and then in none, and often only by a cut. */
export function mutate(bytes: Uint8Array, random: Random): Mutated {
  const names: string[] = [];
  const kind = random.below(10);
  if (kind >= 1 && kind < 5) names.push(random.pick(["cut", "cut the end"]));
  else if (kind >= 5)
    for (let count = 1 + random.below(3); count > 0; count -= 1) names.push(random.pick(Object.keys(steps)));
  let changed = bytes;
  for (const name of names) changed = (steps[name] as Step)(changed, random);
  return { bytes: changed, steps: names, isPrefix: names.every((name) => name.startsWith("cut")) };
}

/** Cuts bytes into reads of random sizes; some bodies come byte by byte, some at once. */
export function split(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const most = random.pick([1, 3, 20, 200, 2_000, 100_000]);
  if (most === 1 && bytes.length > 3_000) return [bytes];
  const reads: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const size = 1 + random.below(most);
    // A copy, as a network gives: a reader must not count on what stands beside it.
    reads.push(bytes.slice(start, start + size));
    start += size;
  }
  return reads;
}

/** Changes the order of a stream's events, or of the lines of what is no stream. */
function overParts(bytes: Uint8Array, change: (parts: string[]) => void): Uint8Array {
  const text = decoder.decode(bytes);
  const events = text.split(blankLine);
  const parts = events.length > 1 ? events : text.split(/(?<=[,}])/);
  change(parts);
  return Uint8Array.from(parts.join(""), (character) => latin1(character));
}

// The decoder's "latin1" is windows-1252, which has other characters between 0x80 and 0x9f.
const codes = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));

function latin1(character: string): number {
  return codes.get(character) ?? 0;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
