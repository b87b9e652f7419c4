/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

// Behind the EXIF data and colour profile of a photograph; what stands later is not looked for.
const headerLength = 256 * 1024;

/** Returns the size that the header of a PNG, JPEG, GIF or WebP tells, from its base64 data; undefined where it cannot be read. */
export function imageSize(base64: string): ImageSize | undefined {
  // base64 encodes 3 bytes in 4 characters; a cut between groups is decodable.
  const bytes = decode(base64.slice(0, 64)) ?? "";
  if (bytes.startsWith("\u0089PNG\r\n\u001A\n")) return sizeOf(big(bytes, 16, 4), big(bytes, 20, 4));
  if (bytes.startsWith("GIF8")) return sizeOf(little(bytes, 6, 2), little(bytes, 8, 2));
  if (bytes.startsWith("RIFF") && bytes.slice(8, 12) === "WEBP") return webpSize(bytes);
  if (!bytes.startsWith("\u00FF\u00D8")) return undefined;
  const header = decode(base64.slice(0, headerLength));
  return header === undefined ? undefined : jpegSize(header);
}

function webpSize(bytes: string): ImageSize | undefined {
  switch (bytes.slice(12, 16)) {
    case "VP8X":
      return sizeOf(little(bytes, 24, 3) + 1, little(bytes, 27, 3) + 1);
    case "VP8L": {
      const bits = little(bytes, 21, 4);
      return sizeOf((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case "VP8 ":
      return sizeOf(little(bytes, 26, 2) & 0x3fff, little(bytes, 28, 2) & 0x3fff);
    default:
      return undefined;
  }
}

/** Walks the segments to the first start-of-frame. */
function jpegSize(bytes: string): ImageSize | undefined {
  let offset = 2;
  while (offset + 9 < bytes.length) {
    if (bytes.charCodeAt(offset) !== 0xff) return undefined;
    const marker = bytes.charCodeAt(offset + 1);
    if (marker === 0xff) {
      offset += 1; // fill byte
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return sizeOf(big(bytes, offset + 7, 2), big(bytes, offset + 5, 2));
    const length = big(bytes, offset + 2, 2);
    if (length < 2) return undefined;
    offset += 2 + length;
  }
  return undefined;
}

function sizeOf(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}

function big(bytes: string, offset: number, count: number): number {
  let value = 0;
  for (let index = offset; index < offset + count; index += 1) value = value * 256 + bytes.charCodeAt(index);
  return value;
}

function little(bytes: string, offset: number, count: number): number {
  let value = 0;
  for (let index = offset + count - 1; index >= offset; index -= 1) value = value * 256 + bytes.charCodeAt(index);
  return value;
}

/** One character for each byte; undefined for what is no base64. */
function decode(base64: string): string | undefined {
  try {
    return atob(base64.slice(0, base64.length - (base64.length % 4)));
  } catch {
    return undefined;
  }
}
