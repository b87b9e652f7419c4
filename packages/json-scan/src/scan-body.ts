import { type JsonScan, JsonScanner } from "./json-scanner.ts";

/** Below this many bytes a plain walk over them is as fast. */
const minBytes = 128;

let scanner: JsonScanner | null | undefined;

/**
 * Begins to scan a request body that is still arriving. Its chunks are pushed as they come, and `finish` then returns what `scanBody` would.
 *
 * @returns undefined where WebAssembly is not to be had.
 */
export function beginBodyScan(): JsonScan | undefined {
  if (scanner === undefined) scanner = JsonScanner.create() ?? null;
  return scanner?.begin();
}

/**
 * Finds the members of the object that a request body is. It can be given to core as `scanBody`; the module is compiled on first use.
 *
 * @param chunks - The body, in pieces of any size.
 * @returns the result of `JsonScan.finish`; undefined if the body is short or the runtime has no WebAssembly.
 */
export function scanBody(chunks: readonly Uint8Array[]): Uint32Array | undefined {
  const [first] = chunks;
  if (first === undefined || (chunks.length === 1 && first.length < minBytes)) return undefined;
  const scan = beginBodyScan();
  if (scan === undefined) return undefined;
  for (const chunk of chunks) scan.push(chunk);
  return scan.finish();
}
