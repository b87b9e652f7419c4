import type { Call } from "../call/call-types.ts";
import { Cancellation, type CancelSignal, isAborted } from "../base/cancellation.ts";
import { CcpbError } from "../base/errors.ts";
import { EarlyBody, type EarlyArrival } from "../delivery/early-body.ts";
import { errorReply } from "../dialects/write-error.ts";
import { earlyErrorEvent, earlyKeepAlive } from "../dialects/client-side.ts";
import { eventStreamType } from "../dialects/reader.ts";
import type { Reply } from "../base/reply.ts";
import { send, type SendOptions } from "./send.ts";
import type { Transport } from "../base/transport.ts";

const earlyHeaders: Readonly<Record<string, string>> = { "content-type": eventStreamType };

/** Options of `sendWithEarlyHeaders`: those of `send`, and the delay of the headers. */
export interface EarlyHeadersOptions extends SendOptions {
  /** Milliseconds without content after which the headers of a stream are sent. 0 turns it off. */
  readonly earlyHeadersMs: number;
}

/**
 * Drives a call like `send`, and sends the headers of a stream early: if there is no content after `earlyHeadersMs`,
 * the reply begins with status 200, `text/event-stream` and a ping, then a ping every 15 s, while failover goes on.
 * Proxies with a read timeout then do not cut the client off. Such a reply has no status or headers of the provider
 * (`provider` is `""`, `attempts` 0, `pending` is set). If no provider serves the call after that, an `error` event
 * ends the stream. Calls without streaming are passed to `send`.
 *
 * @param call - call of `balancer.open`.
 * @param transport - moves requests to providers.
 * @param options - `earlyHeadersMs` in milliseconds, besides the options of `send`.
 * @returns the reply, after `earlyHeadersMs` at the latest.
 * @throws as `send`, until the headers are sent.
 * @example
 * ```ts
 * const call = balancer.open({ ...request, stream: true });
 * const reply = await sendWithEarlyHeaders(call, transport, { earlyHeadersMs: 25_000 });
 * console.log(reply.status); // 200
 * ```
 */
export function sendWithEarlyHeaders(call: Call, transport: Transport, options: EarlyHeadersOptions): Promise<Reply> {
  const { earlyHeadersMs, signal, clock = call.clock } = options;
  if (!call.stream || !(earlyHeadersMs > 0)) return send(call, transport, { clock, ...(signal && { signal }) });
  const either = new EitherSignal(signal);
  return new Promise((resolve, reject) => {
    let early: EarlyBody | undefined;
    let settle: (() => void) | undefined;
    const timer = clock.setTimer(earlyHeadersMs, () => {
      early = new EarlyBody(clock, earlyKeepAlive(call.dialect), () => either.abort(new Error("the client has left")));
      const pending = new Promise<void>((settled) => (settle = settled));
      resolve({ status: 200, headers: earlyHeaders, body: early, provider: "", attempts: 0, pending });
    });
    const finish = (arrival: EarlyArrival): void => {
      settle?.();
      early?.arrive(arrival);
    };
    send(call, transport, { clock, signal: either }).then(
      (reply) => {
        timer[Symbol.dispose]();
        if (early === undefined) resolve(reply);
        else finish(arrivalOf(reply, call));
      },
      (error: unknown) => {
        timer[Symbol.dispose]();
        if (early === undefined) reject(error);
        else finish(isAborted(either) ? { type: "end" } : failureOf(error, call));
      },
    );
  });
}

function arrivalOf({ status, body }: Reply, { dialect }: Call): EarlyArrival {
  if (!(body instanceof Uint8Array)) return { type: "stream", body };
  return { type: "bytes", bytes: status < 300 ? body : earlyErrorEvent(dialect, body) };
}

function failureOf(error: unknown, { id, dialect }: Call): EarlyArrival {
  if (!(error instanceof CcpbError)) return { type: "fault", error };
  const { body } = errorReply(error, id, dialect);
  return body instanceof Uint8Array
    ? { type: "bytes", bytes: earlyErrorEvent(dialect, body) }
    : { type: "stream", body };
}

/** The caller's signal and one of our own as one. A listener is on the caller's signal no longer than its owner wants it. */
class EitherSignal implements CancelSignal {
  readonly #own = new Cancellation();
  readonly #callers: CancelSignal | undefined;

  constructor(callers: CancelSignal | undefined) {
    this.#callers = callers;
  }

  get aborted(): boolean {
    return this.#own.aborted || isAborted(this.#callers);
  }

  get reason(): unknown {
    return this.#own.aborted ? this.#own.reason : this.#callers?.reason;
  }

  addEventListener(type: "abort", listener: () => void): void {
    this.#own.addEventListener(type, listener);
    this.#callers?.addEventListener(type, listener);
  }

  removeEventListener(type: "abort", listener: () => void): void {
    this.#own.removeEventListener(type, listener);
    this.#callers?.removeEventListener(type, listener);
  }

  abort(reason: unknown): void {
    this.#own.abort(reason);
  }
}
