// Below this, one write of a joined copy is cheaper than several of the parts.
const joinBelowBytes = 64 * 1024;

// Characters that undici refuses (its `headerCharRegex`): control characters, and anything beyond latin1.
const forbiddenCharacter = /[^\t\x20-\x7e\x80-\xff]/;
const connectionHeaders: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "expect",
]);

/** Headers as undici takes them fastest: names and values in turn. A value that undici would refuse is left out; identity is asked for. */
export function flatHeaders(headers: Readonly<Record<string, string>>): string[] {
  const flat: string[] = [];
  let hasEncoding = false;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || forbiddenCharacter.test(value) || connectionHeaders.has(name)) continue;
    if (name === "accept-encoding") hasEncoding = true;
    flat.push(name, value);
  }
  if (!hasEncoding) flat.push("accept-encoding", "identity");
  return flat;
}

/**
 * Returns a body as undici takes it: small parts joined, large ones one after the other without a copy. `holdWrites` holds back what is written to the
 * connection until its answer is called: head and parts then leave in one system call, and wake the upstream once.
 */
export function bodyOf(parts: readonly Uint8Array[], holdWrites: () => () => void): Uint8Array | null {
  const first = parts[0];
  if (first === undefined) return null;
  if (parts.length === 1) return first;
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  if (bytes < joinBelowBytes) return Buffer.concat(parts, bytes);
  // undici takes any iterable of bytes and then relies on the content-length header; its types do not say so.
  return partsInTurn([...parts], holdWrites) as unknown as Uint8Array;
}

/** Empties `rest`, because undici keeps hold of the body for as long as the answer takes. */
function* partsInTurn(rest: Uint8Array[], holdWrites: () => () => void): Iterable<Uint8Array> {
  const letGo = holdWrites();
  // undici writes the parts in microtasks that follow each other. A tick comes after all of them; or before, when undici waits until the socket has
  // room, which it would not have for as long as writes are held back.
  queueMicrotask(() => process.nextTick(letGo));
  // From the end of the reversed list, because taking the first of a long list moves all others.
  rest.reverse();
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) yield part;
}
