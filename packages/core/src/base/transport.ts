import type { CancelSignal } from "./cancellation.ts";
import type { HeaderMap } from "./outcome.ts";

/** HTTP request to a provider. */
export interface UpstreamRequest {
  /** `GET` for a list of models and `DELETE` for a stored response, both without a body; else `POST`. */
  readonly method: "GET" | "POST" | "DELETE";
  /** Absolute URL with its query. */
  readonly url: string;
  /** Headers, names in lower case, with `content-length` and the provider's credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body as parts to be concatenated. Attempts share them: they must not be changed. */
  readonly body: readonly Uint8Array[];
}

/** Receives the result of one `pull`: exactly one of the three methods is called, once. None of them throws. */
export interface ChunkTaker {
  /**
   * Receives the next bytes.
   *
   * @param bytes - chunk, not empty.
   */
  onChunk(bytes: Uint8Array): void;
  /** Receives the end of the body. */
  onEnd(): void;
  /**
   * Receives an error of the network.
   *
   * @param cause - the error.
   */
  onError(cause: unknown): void;
}

/**
 * Body that can be read without a promise for each chunk, as `send` does. `[Symbol.asyncIterator]().return()` cancels
 * it, also if it was never iterated over and while a pull is under way.
 */
export interface PullableBody extends AsyncIterable<Uint8Array> {
  /**
   * Passes the next chunk to `taker`: before `pull` returns if it is there already, else when it comes. One pull at a
   * time. After the end each pull is answered with `onEnd`.
   *
   * @param taker - receives the chunk, the end or the error.
   */
  pull(taker: ChunkTaker): void;
}

/** HTTP reply, as soon as its headers are there. */
export interface UpstreamReply {
  /** HTTP status. */
  readonly status: number;
  /** Headers, names in lower case. */
  readonly headers: HeaderMap;
  /** Body. Iterating pulls from the network; leaving the iteration cancels it. It may be a `PullableBody`. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Certificates of a provider's own. */
export interface UpstreamTls {
  /** Path of a PEM file with authorities to trust besides the public ones. */
  readonly ca?: string;
  /** Path of a PEM file with a client certificate. */
  readonly cert?: string;
  /** Path of a PEM file with the key of `cert`. */
  readonly key?: string;
  /** Name to which the provider's certificate must be issued; default: the host of the URL. */
  readonly serverName?: string;
}

/** Options of a transport: cancellation, connect deadline and way to the provider. */
export interface TransportOptions {
  /**
   * Aborted when the attempt is over: a deadline, the client's leaving, a failover. The transport must close or
   * release the connection at once.
   */
  readonly signal: AbortSignal;
  /** Cancellation without the cost of an `AbortSignal`; always present when `send` is the caller. */
  readonly cancellation?: CancelSignal;
  /** Milliseconds within which the connection must be established. */
  readonly connectTimeoutMs: number;
  /** True: use a new connection, because the last one died before it answered. */
  readonly freshSocket: boolean;
  /** Called when the request is handed to a connection. Optional for transports. */
  readonly onSocket?: (reused: boolean) => void;
  /** URL of an http, https or socks5 proxy to go through; absent: connect directly. */
  readonly proxy?: string;
  /** Certificates of the provider's own; absent: the platform's. */
  readonly tls?: UpstreamTls;
}

/**
 * Function that moves one request over the network. It follows no redirect and decompresses nothing silently. It
 * rejects with a `TransportError` (any other error counts as one) if no response arrived.
 */
export interface Transport {
  /**
   * Sends one request.
   *
   * @param request - request to send, with its credential.
   * @param options - signal, deadlines and connection of the attempt.
   * @returns the reply, as soon as its headers are there.
   */
  (request: UpstreamRequest, options: TransportOptions): Promise<UpstreamReply>;
  /**
   * True if the transport listens to `options.cancellation`. `options.signal` is then made only if it is read, and is
   * lost when the options are spread.
   */
  readonly usesCancellation?: boolean;
}

/**
 * Reports a failure of the network. Transports reject with it.
 *
 * @example
 * ```ts
 * const error = new TransportError("no connection within 10 s", { phase: "connect" });
 * console.log(error.phase, error.reusedSocket); // connect false
 * ```
 */
export class TransportError extends Error {
  /**
   * True if a kept-alive connection died before it carried a byte of the answer, so that the request may be repeated
   * on a new one.
   */
  readonly reusedSocket: boolean;
  /** `connect` if the connect deadline passed; else undefined. */
  readonly phase: "connect" | undefined;

  /**
   * @param message - description of the failure, without secrets.
   * @param options - `cause`: the error behind this one. `reusedSocket` (default `false`) and `phase`: see the
   *   members.
   */
  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly reusedSocket?: boolean; readonly phase?: "connect" } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "TransportError";
    this.reusedSocket = options.reusedSocket ?? false;
    this.phase = options.phase;
  }
}
