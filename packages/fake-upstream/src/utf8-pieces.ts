/** Cuts bytes after the first byte of every UTF-8 character that has several, so that each of them comes in two reads. */
export function utf8Pieces(bytes: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let start = 0;
  bytes.forEach((byte, index) => {
    if (byte < 0xc0 || index + 1 === bytes.length) return;
    pieces.push(bytes.subarray(start, index + 1));
    start = index + 1;
  });
  pieces.push(bytes.subarray(start));
  return pieces;
}
