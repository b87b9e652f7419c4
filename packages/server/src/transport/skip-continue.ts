import type { Socket } from "node:net";

const continueHead = Buffer.from("HTTP/1.1 100");
const endOfHead = Buffer.from("\r\n\r\n");
// Longer heads are no `100 Continue` and are passed to undici, which may refuse them.
const maxHeldBytes = 4_096;

/**
 * Makes a socket swallow every `100 Continue` before an answer. ccpb does not ask for one, but HTTP lets servers send
 * it (RFC 9110, 15.2), and undici closes the connection upon it. Call the answer before each request: the next bytes
 * read are the head of a response.
 */
export function skipContinue(socket: Socket): () => void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  let isAtHead = true;
  let held: Buffer | undefined;

  const readAtHead = (): Buffer | null => {
    for (let chunk = read(); chunk !== null; chunk = read()) {
      let bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
      held = undefined;
      while (startsWithContinue(bytes)) {
        const end = bytes.indexOf(endOfHead);
        if (end === -1) break;
        bytes = bytes.subarray(end + endOfHead.length);
      }
      if (bytes.length === 0) continue;
      if (startsWithContinue(bytes) && bytes.length < maxHeldBytes) {
        held = bytes;
        continue;
      }
      isAtHead = false;
      return bytes;
    }
    return null;
  };

  socket.read = (size?: number): Buffer | null => (isAtHead ? readAtHead() : read(size));
  return () => {
    isAtHead = true;
  };
}

function startsWithContinue(bytes: Buffer): boolean {
  return (
    bytes.length >= continueHead.length &&
    bytes.compare(continueHead, 0, continueHead.length, 0, continueHead.length) === 0
  );
}
