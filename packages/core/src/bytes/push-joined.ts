/** Adds bytes to a list. Bytes that follow the last entry in the same buffer are joined with it to one view. */
export function pushJoined(out: Uint8Array[], bytes: Uint8Array): void {
  const last = out.at(-1);
  if (last !== undefined && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset)
    out[out.length - 1] = new Uint8Array(bytes.buffer, last.byteOffset, last.length + bytes.length);
  else out.push(bytes);
}
