/**
 * Hashes text to 64 bits, as 16 hex digits. The same text gives the same digest in every process. It is not
 * cryptographic: an attacker can construct collisions. A collision may only cause a wrong cache lookup.
 */
export function digest(text: string): string {
  const [high, low] = lanes(text, 0);
  return hex(high) + hex(low);
}

/**
 * Hashes the end of a text to a whole number of 53 bits, which takes less memory in a large table than a string.
 *
 * @param maxLength - number of UTF-16 units at the end that count; the length of the text counts too.
 */
export function digestNumber(text: string, maxLength: number): number {
  const [high, low] = lanes(text, Math.max(0, text.length - maxLength));
  return high * 0x200000 + (low >>> 11);
}

/** Two multiplicative hashes of 32 bits that share every unit, mixed at the end so that each bit depends on all (as in MurmurHash3). */
function lanes(text: string, from: number): readonly [high: number, low: number] {
  let high = 0xdeadbeef ^ text.length;
  let low = 0x41c6ce57 ^ text.length;
  for (let index = from; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
    // Without the rotation, high bits of one unit would never reach low bits of the result.
    high = (high << 13) | (high >>> 19);
    low = (low << 17) | (low >>> 15);
  }
  const mixed = finish(high ^ finish(low));
  return [mixed, finish(low + Math.imul(mixed, 0x85ebca6b))];
}

function finish(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex(lane: number): string {
  return lane.toString(16).padStart(8, "0");
}
