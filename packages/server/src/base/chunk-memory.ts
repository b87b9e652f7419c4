import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Transfer = (this: ArrayBufferLike, byteLength: number) => ArrayBuffer;

let isFreeing = false;
let transfer: Transfer | undefined;

/**
 * From here on `freeChunk` frees. Only for a process of our own: somebody else's might still read the chunks of requests that it handed to us. Only
 * in Node, whose parser copies each chunk into a buffer of its own.
 */
export function freeChunksAtOnce(): void {
  isFreeing = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
}

/**
 * Gives the memory of a chunk that was read back at once, instead of whenever the collector finds it: its bytes are gone for whoever still has it.
 * Chunks of large bodies otherwise reach V8's limit for memory outside of the heap, upon which it collects the heap whole. A chunk that shares its
 * memory with others is left alone.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (!isFreeing || byteLength === 0 || buffer.byteLength !== byteLength) return;
  transfer ??= findTransfer();
  transfer.call(buffer, 0);
}

function findTransfer(): Transfer {
  const known = (ArrayBuffer.prototype as { readonly transfer?: Transfer }).transfer;
  if (known !== undefined) return known;
  // Node 20 has the method behind a switch, which is read when a context is made.
  setFlagsFromString("--harmony-rab-gsab-transfer");
  return (runInNewContext("ArrayBuffer.prototype.transfer") as Transfer | undefined) ?? ignore;
}

function ignore(): ArrayBuffer {
  return new ArrayBuffer(0);
}
