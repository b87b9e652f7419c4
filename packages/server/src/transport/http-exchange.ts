import type { IncomingHttpHeaders } from "node:http";
import { type CancelSignal, TransportError, type TransportOptions, type UpstreamReply } from "@ccpb/core";
import type { Dispatcher } from "undici";
import type { Connection } from "./connection-pool.ts";
import { decodeContent } from "./decode-content.ts";
import type { ProxyTarget } from "./proxy-target.ts";
import { codedError, codeOf, ConnectTimeoutError, messageOf, NetworkError } from "./network-errors.ts";
import { ReplyBody } from "./reply-body.ts";

/** Codes of a connection that was lost, or whose TLS failed: with a kept one, that says nothing about the next. */
const lostSocketForm = /^(?:(?:ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT|UND_ERR_SOCKET)$|ERR_SSL_)/;

/** The two ends of the promise that an exchange settles once. */
export interface Settle {
  resolve(reply: UpstreamReply): void;
  reject(error: unknown): void;
}

/** One request on one connection, from dispatch to the last byte: the one handler object that undici's `dispatch` takes. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #connection: Connection;
  readonly #signal: CancelSignal;
  #settle: Settle | undefined;
  #onSocket: ((reused: boolean) => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ReplyBody | undefined;
  #isReused = false;
  #hasAnswered = false;
  #isOver = false;

  readonly #forwarder: ProxyTarget | undefined;

  /** `forwarder`: the proxy that forwards the request, so that its own answers come as the upstream's. */
  constructor(connection: Connection, signal: CancelSignal, settle: Settle, forwarder?: ProxyTarget) {
    this.#forwarder = forwarder;
    this.#connection = connection;
    this.#signal = signal;
    this.#settle = settle;
  }

  start(request: Dispatcher.DispatchOptions, options: TransportOptions): void {
    this.#signal.addEventListener("abort", this.#onAbort);
    this.#onSocket = options.onSocket;
    this.#connection.dispatch(request, this, options.connectTimeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#isReused = this.#connection.hasServed;
    this.#onSocket?.(this.#isReused);
  }

  onResponseStarted(): void {
    this.#hasAnswered = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    if (status === 407 && this.#forwarder !== undefined) {
      this.#cancel(credentialRefused(this.#forwarder));
      return;
    }
    const body = new ReplyBody(controller, () => this.#cancel(new Error("the reply is no longer wanted")));
    this.#body = body;
    const encoding = headers["content-encoding"];
    if (encoding === undefined || encoding === "" || encoding === "identity") {
      this.#resolve({ status, headers, body });
      return;
    }
    try {
      const { "content-encoding": _encoding, "content-length": _length, ...rest } = headers;
      this.#resolve({ status, headers: rest, body: decodeContent(body, encoding) });
    } catch (cause) {
      this.#reject(new TransportError(messageOf(cause), { cause }));
      this.#cancel(new Error("the reply cannot be decoded"));
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#close();
    this.#connection.release();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, cause: Error): void {
    if (this.#isOver) return;
    const error = codedError(cause);
    this.#close();
    this.#discard();
    if (this.#body === undefined) this.#reject(this.#failure(error));
    else this.#body.fail(new TransportError(`the reply broke off: ${messageOf(error)}`, { cause: error }));
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#signal.reason;
    this.#cancel(reason instanceof Error ? reason : new Error("the attempt is over"));
  };

  /** Closes or releases the connection at once; a settled exchange stays settled. */
  #cancel(reason: Error): void {
    if (this.#isOver) return;
    this.#close();
    this.#controller?.abort(reason);
    this.#discard();
    this.#reject(reason);
    this.#body?.fail(reason);
  }

  #resolve(reply: UpstreamReply): void {
    this.#settle?.resolve(reply);
    this.#settle = undefined; // a stream may last for minutes
  }

  #reject(error: unknown): void {
    this.#settle?.reject(error);
    this.#settle = undefined;
  }

  #close(): void {
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #discard(): void {
    this.#connection.discard(this.#isReused && !this.#hasAnswered);
  }

  #failure(error: Error): TransportError {
    if (error instanceof ConnectTimeoutError)
      return new TransportError(error.message, { cause: error, phase: "connect" });
    const reusedSocket = this.#isReused && !this.#hasAnswered && lostSocketForm.test(codeOf(error) ?? "");
    return new TransportError(messageOf(error), { cause: error, reusedSocket });
  }
}

/** A 407 is of the proxy alone: upstreams have no such answer. */
function credentialRefused({ isShared }: ProxyTarget): TransportError {
  const message = "the proxy answered 407: it wants a credential; write http://USER:PASSWORD@HOST:PORT";
  const cause = new NetworkError(isShared ? "ERR_PROXY_CONNECT" : "ERR_PROXY_TUNNEL", message);
  return new TransportError(message, { cause });
}
