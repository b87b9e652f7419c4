import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { IdleClose, WireStep } from "./behaviour.ts";

/** End of a play: ready for the next request until an idle close (`keep-alive`), closed by the upstream (`closed`), or by the client (`left`). */
export type Played =
  | { readonly state: "keep-alive"; readonly idleClose: IdleClose | undefined }
  | { readonly state: "closed" | "left" };

/** Plays steps on a socket until one of them ends it, or until `left` is aborted because the connection is gone. */
export async function playSteps(socket: Socket, steps: readonly WireStep[], left: AbortSignal): Promise<Played> {
  for (const step of steps) {
    if (left.aborted) return { state: "left" };
    switch (step.type) {
      case "write":
        await write(socket, step.bytes, left);
        break;
      case "wait":
        await pause(step.ms, left);
        break;
      case "hold":
        await Promise.race([step.until, once(left, "abort")]);
        break;
      case "repeat":
        for (let count = 0; count < (step.times ?? Number.POSITIVE_INFINITY) && !left.aborted; count += 1) {
          await pause(step.everyMs, left);
          await write(socket, step.bytes, left);
        }
        break;
      case "end":
        return end(socket, step, left);
    }
  }
  return left.aborted ? { state: "left" } : { state: "keep-alive", idleClose: undefined };
}

async function end(socket: Socket, step: Extract<WireStep, { type: "end" }>, left: AbortSignal): Promise<Played> {
  switch (step.by) {
    case "keep-alive":
      return { state: "keep-alive", idleClose: step.idleClose };
    case "fin":
    case "reset":
      closeSocket(socket, step.by);
      return { state: "closed" };
    case "stall":
      if (!left.aborted) await once(left, "abort");
      return { state: "left" };
  }
}

/** Closes in an orderly way (FIN), or with RST. */
export function closeSocket(socket: Socket, by: "fin" | "reset"): void {
  if (by === "fin") socket.end();
  else socket.resetAndDestroy();
}

async function write(socket: Socket, bytes: string | Uint8Array, left: AbortSignal): Promise<void> {
  if (left.aborted || socket.write(bytes)) return;
  await once(socket, "drain", { signal: left }).catch(() => undefined);
}

/**
 * Waits for `ms`, and at least until the event loop has polled for input, so that a peer in the same process reads what was written before as a read of
 * its own. A timer alone does not ensure that: where the process was held up for longer than `ms`, Node runs the timer before it polls.
 */
export async function pause(ms: number, left: AbortSignal): Promise<void> {
  if (left.aborted) return;
  if (ms > 0) await sleep(ms, undefined, { signal: left }).catch(() => undefined);
  // The first one may be in the same turn as the write, after its poll; before the second one there was a poll.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
