import { setFlagsFromString } from "node:v8";

/** Postpones the memory reducer of V8 by 24 days, the longest that the switch can say. */
export const keepHeapSwitch = `--gc-memory-reducer-start-delay-ms=${2 ** 31 - 1}`;

/**
 * Has V8 leave the heap of an idle process as large as it is. Else it shrinks it after some seconds without work, and
 * for minutes afterwards collects it whole every few requests: after a pause, requests of 300 kB took three times the
 * processor time. Buffers that nothing holds any more stay until there is work again.
 */
export function keepHeapWhileIdle(): void {
  setFlagsFromString(keepHeapSwitch);
}
