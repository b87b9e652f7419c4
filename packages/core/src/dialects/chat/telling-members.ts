/** Members that a chunk of plain content lacks, or has as null. In a string of the answer their quotes are escaped. */
const nullable = byInitial(["finish_reason", "usage"]);
/** Members that a chunk of plain content does not have. */
const absent = byInitial(["error", "base_resp", "x_groq"]);

/** Each name with its closing quote, at the place of its first character. */
function byInitial(all: readonly string[]): readonly (Uint8Array | undefined)[] {
  const found: (Uint8Array | undefined)[] = Array.from({ length: 256 });
  for (const name of all) found[name.charCodeAt(0)] = new TextEncoder().encode(`${name}"`);
  return found;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const N = 0x6e;
const ZERO = 0x30;
const index = new TextEncoder().encode('index"');
/** Stands in front of the first member of a call, which is never one of a choice. */
const callStart = new TextEncoder().encode('"tool_calls":[{');

/**
 * Decides whether a chunk of Chat Completions may hold more than content: an end, usage or an error. It reads the
 * bytes, because decoding each event of a stream would take longer than all other work on it. A false alarm costs a
 * parse.
 */
export function tellsMore(event: Uint8Array): boolean {
  const last = event.length - 1;
  for (let at = 0; at < last; at += 1) {
    if (event[at] !== QUOTE) continue;
    const initial = event[at + 1] as number;
    const isNullable = nullable[initial] !== undefined;
    const name = isNullable ? nullable[initial] : absent[initial];
    if (name === undefined || !holdsAt(event, at + 1, name)) continue;
    const end = at + 1 + name.length;
    if (isNullable ? isFilled(event, end) : event[skipped(event, end)] === COLON) return true;
  }
  return false;
}

/**
 * Returns the highest `index` in a chunk that may be that of a choice; 0 where there is none. That of a call counts too, unless it is the first member of
 * the first call, as it is in nearly all chunks of calls. One that is no whole number counts as 0, and one of more than 15 digits as no less than it is.
 */
export function highestIndex(event: Uint8Array): number {
  const last = event.length - 1;
  let highest = 0;
  for (let at = 0; at < last; at += 1) {
    if (event[at] !== QUOTE || event[at + 1] !== index[0] || !holdsAt(event, at + 1, index)) continue;
    const colon = skipped(event, at + 1 + index.length);
    if (event[colon] !== COLON || holdsAt(event, at - callStart.length, callStart)) continue;
    let value = 0;
    for (let place = skipped(event, colon + 1); isDigit(event[place]); place += 1)
      value = value * 10 + (event[place] as number) - ZERO;
    highest = Math.max(highest, value);
  }
  return highest;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

function holdsAt(event: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index += 1) if (event[start + index] !== name[index]) return false;
  return true;
}

/** The place of the first byte that is no white space, from `at`. */
function skipped(event: Uint8Array, at: number): number {
  let place = at;
  while (place < event.length && (event[place] as number) <= 0x20) place += 1;
  return place;
}

/** Decides whether a colon and a value that is not null follow. */
function isFilled(event: Uint8Array, at: number): boolean {
  const colon = skipped(event, at);
  if (event[colon] !== COLON) return false;
  const value = event[skipped(event, colon + 1)];
  return value !== undefined && value !== COMMA && value !== CLOSE_OBJECT && value !== N;
}
