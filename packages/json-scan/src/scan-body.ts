import { JsonScanner } from "./json-scanner.ts";

/** Below this many bytes a plain walk over them is as fast. */
const minBytes = 128;

let scanner: JsonScanner | null | undefined;

/**
 * Finds the members of the object that a request body is. It can be given to core as `scanBody`; its one scanner is compiled on first use.
 *
 * @param chunks - The body, in pieces of any size.
 * @returns what `JsonScanner.finish` returns, and undefined where the body is short or WebAssembly is not to be had.
 */
export function scanBody(chunks: readonly Uint8Array[]): Uint32Array | undefined {
  const [first] = chunks;
  if (first === undefined || (chunks.length === 1 && first.length < minBytes)) return undefined;
  if (scanner === undefined) scanner = JsonScanner.create() ?? null;
  if (scanner === null) return undefined;
  scanner.begin();
  for (const chunk of chunks) scanner.push(chunk);
  return scanner.finish();
}
