import type { Readable, Writable } from "node:stream";

const lineFeed = 0x0a;
// A line without an end after this many bytes is forwarded as it is.
const longestLine = 1024 * 1024;

/** Forwards what comes from one of several processes in whole lines, so that lines of different processes do not run into each other. */
export function forwardLines(from: Readable, to: Writable): void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const flush = (chunk: Buffer): void => {
    if (chunk.length > 0 || heldBytes > 0) to.write(Buffer.concat([...held, chunk]));
    held = [];
    heldBytes = 0;
  };
  from.on("data", (chunk: Buffer) => {
    const end = heldBytes > longestLine ? chunk.length : chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) flush(chunk.subarray(0, end));
    if (end === chunk.length) return;
    held.push(chunk.subarray(end));
    heldBytes += chunk.length - end;
  });
  // The last words of a process that crashes may be no whole line.
  from.on("end", () => flush(heldBytes > 0 ? Buffer.from("\n") : Buffer.alloc(0)));
}
