import type { ServerResponse } from "node:http";
import { CcpbError } from "@ccpb/core";
import { type BodyFlow, type ByteSink, pour } from "@ccpb/core/internal";
import type { InboundRequest } from "./inbound-request.ts";

// A reader that takes nothing for this long is as good as gone: its upstream is held meanwhile.
const stalledClientMs = 300_000;
// Time in which a client may read what came before a break.
const lingerMs = 2_000;

const stoppingEvent = `event: error\ndata: ${JSON.stringify({
  type: "error",
  error: { type: "api_error", message: "The balancer is stopping; send the request again." },
})}\n\n`;

/** Writes a stream to its client, with back-pressure; resolves when it is out of our hands. Rejects with a fault of ours. */
export function writeStream(inbound: InboundRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  return new Promise((resolve, reject) => {
    new StreamWriter(inbound, resolve, reject).start(body);
  });
}

/** One stream on its way to its client. Nothing is made for a chunk that would outlive its writing. */
class StreamWriter implements ByteSink {
  readonly #inbound: InboundRequest;
  readonly #response: ServerResponse;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #flow: BodyFlow | undefined;
  #stalled: NodeJS.Timeout | undefined;

  constructor(inbound: InboundRequest, resolve: () => void, reject: (error: unknown) => void) {
    this.#inbound = inbound;
    this.#response = inbound.response;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(body: AsyncIterable<Uint8Array>): void {
    this.#response.once("close", this.#onClose);
    this.#flow = pour(body, this);
  }

  write(bytes: Uint8Array): boolean {
    const response = this.#response;
    if (response.destroyed) return false; // `close` follows
    this.#inbound.meter?.add(bytes, performance.now());
    if (response.write(bytes) || !response.writableNeedDrain) return true;
    this.#stalled = setTimeout(() => response.destroy(), stalledClientMs);
    response.once("drain", this.#onDrain);
    return false;
  }

  end(): void {
    this.#letGo();
    const response = this.#response;
    if (!response.destroyed) {
      if (this.#inbound.isCutOff) response.write(stoppingEvent);
      response.end();
    }
    this.#resolve();
  }

  /**
   * Breaks the answer off, whatever went wrong: a stream that is not whole must not end as if it were. The client
   * keeps what was written before.
   */
  fail(error: unknown): void {
    this.#letGo();
    if (isBrokenStream(error)) {
      whenFlushed(this.#response, () => {
        this.#response.destroy();
        this.#resolve();
      });
      return;
    }
    this.#response.destroy();
    this.#reject(error);
  }

  readonly #onDrain = (): void => {
    clearTimeout(this.#stalled);
    this.#flow?.resume();
  };

  readonly #onClose = (): void => {
    this.#letGo();
    try {
      this.#flow?.stop();
      this.#resolve();
    } catch (error) {
      this.#reject(error);
    }
  };

  #letGo(): void {
    clearTimeout(this.#stalled);
    this.#response.off("drain", this.#onDrain);
    this.#response.off("close", this.#onClose);
  }
}

function isBrokenStream(error: unknown): boolean {
  return error instanceof CcpbError && error.code === "stream_broken";
}

/** Calls `next` when what was written is on its way to the client, the client is gone, or it takes nothing for a while. */
function whenFlushed({ socket }: ServerResponse, next: () => void): void {
  if (socket === null || socket.destroyed) {
    next();
    return;
  }
  const done = (): void => {
    clearTimeout(timer);
    socket.off("close", done);
    next();
  };
  const timer = setTimeout(done, lingerMs);
  socket.on("close", done);
  // node:http gathers what is written in one turn, and hands it to the socket after it.
  setImmediate(() => socket.write("", done));
}
