import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Largest number of requests that wait on one connection behind the request that is being answered. */
export const maxWaitingRequests = 16;

/**
 * Starts the requests of one connection one after the other (HTTP/1.1 pipelining). While a request waits, its socket is paused, so that the client
 * feels TCP back-pressure. Node stops reading only when answers pile up, and a request that waits here has written none of its answer: without the
 * pause, one connection would fill the memory with parsed requests.
 */
export class PipelinedRequests {
  readonly #waiting = new WeakMap<Socket, number>();
  readonly #onOverflow: () => void;

  /** `onOverflow` is called for each connection that is closed because too many of its requests waited. */
  constructor(onOverflow: () => void) {
    this.#onOverflow = onOverflow;
  }

  /**
   * Calls `start` when `response` may be written: at once for the request at the front. A request that waits is dropped without a call when its
   * connection ends first. More than `maxWaitingRequests` waiting requests close the connection: one network read can hold thousands of them.
   */
  inTurn(incoming: IncomingMessage, response: ServerResponse, start: () => void): void {
    if (response.socket !== null) {
      start();
      return;
    }
    const { socket } = incoming;
    if (socket.destroyed) return;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > maxWaitingRequests) {
      socket.destroy();
      this.#onOverflow();
      return;
    }
    this.#waiting.set(socket, waiting);
    this.#pauseSoon(socket);
    response.once("socket", () => {
      const left = (this.#waiting.get(socket) ?? 1) - 1;
      this.#waiting.set(socket, left);
      if (left === 0) socket.resume();
      else this.#pauseSoon(socket);
      start();
    });
  }

  /**
   * Pauses the socket unless nothing waits by then. Node resumes a socket, by way of a tick of its own, at the end of every request that it has parsed
   * and of every answer: a pause at once, or in the next tick, would be undone. Two ticks still come before the next network read.
   */
  #pauseSoon(socket: Socket): void {
    process.nextTick(() =>
      process.nextTick(() => {
        if ((this.#waiting.get(socket) ?? 0) > 0) socket.pause();
      }),
    );
  }
}
