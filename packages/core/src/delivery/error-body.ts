import type { Clock } from "../base/clock.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { BodySource } from "./body-source.ts";

const maxErrorBytes = 64 * 1024;
const errorBodyMs = 1_000;

/** Reads an error body as text, up to 64 kB and one second; what came until then is used. */
export async function readErrorBody(source: BodySource, clock: Clock): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  using _deadline = clock.setTimer(errorBodyMs, () => source.interrupt("error-body"));
  while (length < maxErrorBytes) {
    const arrival = await source.next();
    if (arrival.type !== "chunk") break;
    parts.push(arrival.bytes);
    length += arrival.bytes.length;
  }
  return new TextDecoder().decode(concatBytes(parts).subarray(0, maxErrorBytes));
}
