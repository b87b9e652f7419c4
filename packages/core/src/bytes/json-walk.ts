/**
 * A walk over the bytes of a JSON text that checks its structure, strings and UTF-8 without decoding it, and tells where the members of an object
 * are. Numbers and literals are checked too; what the values mean is for others. Positions are byte offsets into the given array.
 */

/** Place of a member's value: `start` is its first byte, `end` the byte after its last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The text is not JSON: `offset` is where it stops being it. */
export class JsonWalkError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "JsonWalkError";
    this.offset = offset;
  }
}

/** Containers inside each other; deeper input is refused, because parsers further on recurse. */
export const maxDepth = 1_000;

const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

// 1 marks the bytes that end a run of plain string content: quote, backslash, control characters, and what is not ASCII.
const stringStops = new Uint8Array(256);
stringStops.fill(1, 0, 0x20);
stringStops.fill(1, 0x80);
stringStops[QUOTE] = 1;
stringStops[BACKSLASH] = 1;

// 1 marks what may follow a backslash on its own: `"`, `\\`, `/`, b, f, n, r, t.
const simpleEscapes = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]) simpleEscapes[byte] = 1;

/**
 * Calls `onMember(keyStart, keyEnd, value)` for each member of the object that begins at or after `from` (white space may precede it) and
 * returns the offset after its closing brace. Keys are given with their quotes. Throws `JsonWalkError`.
 */
export function walkObject(
  bytes: Uint8Array,
  from: number,
  onMember: (key: ByteRange, value: ByteRange) => void,
): number {
  let at = skipSpace(bytes, from);
  if (bytes[at] !== OPEN_OBJECT) throw new JsonWalkError("expected an object", at);
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    const keyStart = at;
    const keyEnd = skipString(bytes, keyStart);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) throw new JsonWalkError("expected ':'", at);
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start);
    onMember({ start: keyStart, end: keyEnd }, { start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) throw new JsonWalkError("expected ',' or '}'", at);
    at = skipSpace(bytes, at + 1);
  }
}

/** Offset of the first byte at or after `at` that is not JSON white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let byte = bytes[at];
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
  return at;
}

/** Checks the value that begins at `start` and returns the offset after it. */
export function skipValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return skipString(bytes, start);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipScalar(bytes, start);
  return skipContainer(bytes, start);
}

/** Iterative, with the kinds of the open containers on a stack, so that hostile depth cannot overflow the call stack. */
function skipContainer(bytes: Uint8Array, start: number): number {
  const open: boolean[] = [];
  let inObject = false;
  let at = start;
  for (;;) {
    const byte = bytes[at];
    let isClosed = false;
    if (byte === QUOTE) at = skipString(bytes, at);
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (open.length >= maxDepth) throw new JsonWalkError(`nested deeper than ${maxDepth} levels`, at);
      open.push(inObject);
      inObject = byte === OPEN_OBJECT;
      at = skipSpace(bytes, at + 1);
      isClosed = bytes[at] === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY);
      if (!isClosed) {
        if (inObject) at = skipKey(bytes, at);
        continue;
      }
    } else at = skipScalar(bytes, at);
    // A value has ended: close what closes here, then step over the comma to the next value.
    for (;;) {
      if (!isClosed) at = skipSpace(bytes, at);
      const after = bytes[at];
      if (after === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        at += 1;
        inObject = open.pop() ?? false;
        if (open.length === 0) return at;
        isClosed = false;
        continue;
      }
      if (after !== COMMA) throw new JsonWalkError(inObject ? "expected ',' or '}'" : "expected ',' or ']'", at);
      at = skipSpace(bytes, at + 1);
      if (inObject) at = skipKey(bytes, at);
      break;
    }
  }
}

function skipKey(bytes: Uint8Array, at: number): number {
  const afterKey = skipSpace(bytes, skipString(bytes, at));
  if (bytes[afterKey] !== COLON) throw new JsonWalkError("expected ':'", afterKey);
  return skipSpace(bytes, afterKey + 1);
}

function skipString(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) throw new JsonWalkError("expected a string", start);
  const length = bytes.length;
  let at = start + 1;
  for (;;) {
    while (at < length && stringStops[bytes[at] as number] === 0) at += 1;
    if (at >= length) throw new JsonWalkError("unterminated string", start);
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at = skipEscape(bytes, at);
    else if ((byte as number) >= 0x80) at = skipMultibyte(bytes, at);
    else throw new JsonWalkError("control character in a string", at);
  }
}

function skipEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1] ?? 0;
  if (simpleEscapes[kind] === 1) return at + 2;
  if (kind !== 0x75) throw new JsonWalkError("bad escape", at);
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    if (!isHexDigit(bytes[digit])) throw new JsonWalkError("bad unicode escape", at);
  }
  return at + 6;
}

/** One character of UTF-8 outside ASCII, after the table of well-formed sequences (Unicode 15, table 3-7): no overlong forms, no surrogates. */
function skipMultibyte(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const second = bytes[at + 1] ?? 0;
  let length = 0;
  if (lead >= 0xc2 && lead <= 0xdf) length = isBetween(second, 0x80, 0xbf) ? 2 : 0;
  else if (lead === 0xe0) length = isBetween(second, 0xa0, 0xbf) ? 3 : 0;
  else if (lead === 0xed) length = isBetween(second, 0x80, 0x9f) ? 3 : 0;
  else if (lead >= 0xe1 && lead <= 0xef) length = isBetween(second, 0x80, 0xbf) ? 3 : 0;
  else if (lead === 0xf0) length = isBetween(second, 0x90, 0xbf) ? 4 : 0;
  else if (lead === 0xf4) length = isBetween(second, 0x80, 0x8f) ? 4 : 0;
  else if (lead >= 0xf1 && lead <= 0xf3) length = isBetween(second, 0x80, 0xbf) ? 4 : 0;
  for (let index = 2; index < length; index += 1) if (!isBetween(bytes[at + index] ?? 0, 0x80, 0xbf)) length = 0;
  if (length === 0) throw new JsonWalkError("invalid UTF-8", at);
  return at + length;
}

function isBetween(byte: number, low: number, high: number): boolean {
  return byte >= low && byte <= high;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function skipScalar(bytes: Uint8Array, start: number): number {
  let end = start;
  for (let byte = bytes[end]; byte !== undefined && isScalarByte(byte); byte = bytes[++end]);
  if (end >= bytes.length && end === start) throw new JsonWalkError("unexpected end", end);
  // No text is made of it: thirty megabytes of digits would take two gigabytes as pieces, and overflow the stack of an expression.
  if (!isLiteral(bytes, start, end) && endOfNumber(bytes, start) !== end)
    throw new JsonWalkError("unexpected token", start);
  return end;
}

const literals: readonly Uint8Array[] = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

function isLiteral(bytes: Uint8Array, start: number, end: number): boolean {
  return literals.some(
    (literal) => literal.length === end - start && literal.every((byte, index) => bytes[start + index] === byte),
  );
}

/** Finds the end of the number that begins at `start` (RFC 8259, section 6); -1 if there is none. */
function endOfNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === 0x2d ? start + 1 : start;
  let at = bytes[first] === 0x30 ? first + 1 : skipDigits(bytes, first);
  if (at === first) return -1;
  if (bytes[at] === 0x2e) {
    const fraction = at + 1;
    at = skipDigits(bytes, fraction);
    if (at === fraction) return -1;
  }
  if (bytes[at] !== 0x45 && bytes[at] !== 0x65) return at;
  const sign = bytes[at + 1];
  const exponent = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
  at = skipDigits(bytes, exponent);
  return at === exponent ? -1 : at;
}

function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let byte = bytes[at]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = bytes[++at]);
  return at;
}

function isScalarByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || // digits
    (byte >= 0x61 && byte <= 0x7a) || // a-z
    byte === 0x45 || // E
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e
  );
}
