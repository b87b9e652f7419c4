import { Readable, pipeline, type Duplex } from "node:stream";
import zlib from "node:zlib";

// A stream of 128k tokens, one event each, is about 20 MB of text.
const maxDecodedBytes = 64 * 1024 * 1024;

/** Makes a decoder for one content coding, by its name in lower case; undefined where this Node has none. */
function createDecoder(encoding: string): Duplex | undefined {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd":
      // Node 22.15 and later.
      return "createZstdDecompress" in zlib ? (zlib.createZstdDecompress as () => Duplex)() : undefined;
    default:
      return undefined;
  }
}

/**
 * Returns the body behind one layer of `content-encoding` (gzip, deflate, br, zstd where Node has it), as it arrives. Iterating throws when more than
 * 64 MiB come out (a compression bomb), when the input is cut or damaged. Throws at once for a coding that cannot be decoded.
 */
export function decodeContent(body: AsyncIterable<Uint8Array>, encoding: string): AsyncIterable<Uint8Array> {
  const [coding, ...more] = codingsOf(encoding);
  if (coding === undefined) return body;
  const decoder = more.length === 0 ? createDecoder(coding) : undefined;
  if (decoder === undefined)
    throw new Error(`the reply is encoded as "${encoding.slice(0, 40)}", although identity was asked for`);
  return decoded(body, decoder);
}

/** The codings that change something, by their names in lower case. */
function codingsOf(encoding: string): string[] {
  const names = encoding.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== "" && name !== "identity");
}

async function* decoded(body: AsyncIterable<Uint8Array>, decoder: Duplex): AsyncGenerator<Uint8Array, void, undefined> {
  // The callback has nothing to add: a failure of either side also ends the iteration below with the same error.
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
  let total = 0;
  for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
    total += chunk.length;
    if (total > maxDecodedBytes) throw new Error(`the reply is larger than ${maxDecodedBytes} bytes once decoded`);
    yield chunk;
  }
}
