import type { CancelSignal } from "./cancellation.ts";
import type { HeaderMap } from "./outcome.ts";

/** One HTTP request to a provider: `GET` for its list of models, without a body, else `POST`. `body` is the concatenation of its parts, which may be shared between attempts and must not be changed. */
export interface UpstreamRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  /** Lower-case names; includes `content-length` and the provider's credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

/** Takes what one `pull` came to: one of the three, once. None of them throws. */
export interface ChunkTaker {
  onChunk(bytes: Uint8Array): void;
  onEnd(): void;
  onError(cause: unknown): void;
}

/**
 * A body that can be read without a promise a chunk, as `send` then does. It is cancelled by `[Symbol.asyncIterator]().return()`, also when it was
 * never iterated and while a pull is under way.
 */
export interface PullableBody extends AsyncIterable<Uint8Array> {
  /**
   * Hands what comes next to `taker`: before it returns where that is there already, else when it comes. One pull at a time; after the end each is
   * answered by `onEnd`.
   */
  pull(taker: ChunkTaker): void;
}

/** One HTTP reply, headers first. Iterating `body` pulls from the network; leaving the iteration cancels it. It may be a `PullableBody`. */
export interface UpstreamReply {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Certificates of a provider's own: paths of PEM files, and the name that its certificate is for. */
export interface UpstreamTls {
  /** Authorities to trust besides the public ones. */
  readonly ca?: string;
  /** A client certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** What a transport is told beside the request: who cancels, how long connecting may take, and by which way. */
export interface TransportOptions {
  /** Aborted when the attempt is over: a deadline, the client's leaving, a failover. The transport must let go of the network at once. */
  readonly signal: AbortSignal;
  /** The same news without the cost of an `AbortSignal`; always there when `send` is the caller. */
  readonly cancellation?: CancelSignal;
  readonly connectTimeoutMs: number;
  /** Do not reuse a pooled connection: the last one died before it answered. */
  readonly freshSocket: boolean;
  /** Called when the request is handed to a connection: `reused` says whether that has carried a whole exchange before. Optional for transports. */
  readonly onSocket?: (reused: boolean) => void;
  /** An http(s) or socks5 proxy to go through, where the provider has one. */
  readonly proxy?: string;
  /** Where the provider has certificates of its own. */
  readonly tls?: UpstreamTls;
}

/**
 * Moves one request over the network. Never follows redirects and never decompresses silently. Rejects with a `TransportError` (or anything
 * else, which counts as one) when no response arrived.
 */
export interface Transport {
  (request: UpstreamRequest, options: TransportOptions): Promise<UpstreamReply>;
  /** It listens to `options.cancellation`: `options.signal` is then made only if it is read, and not copied when the options are spread. */
  readonly usesCancellation?: boolean;
}

/** A failure of the network. `phase: "connect"` when the connect deadline passed; `reusedSocket` when a kept-alive connection died unused. */
export class TransportError extends Error {
  readonly reusedSocket: boolean;
  readonly phase: "connect" | undefined;

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
