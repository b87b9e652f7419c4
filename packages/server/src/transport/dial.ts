import { connect as connectTcp, isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from "node:net";
import type { DuplexOptions } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { systemClock } from "@ccpb/core";
import { codeOf, ConnectTimeoutError, NetworkError, messageOf, tellingError } from "./network-errors.ts";
import type { NameLookup, NameWait } from "./name-lookup.ts";
import { basicAuthorization, type ProxyTarget } from "./proxy-target.ts";
import { askSocks } from "./socks-tunnel.ts";

/** Destination of a connection: the origin, and the proxy on the way to it. */
export interface Destination {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  readonly proxy: ProxyTarget | undefined;
  /** Returns extra TLS options of the connection to the origin, e.g. a private `ca`; may throw a `NetworkError`. */
  readonly tls: () => ConnectionOptions | undefined;
  /** The last TLS session with the origin, so that the next handshake is a short one. */
  readonly resumption: { session: Buffer | undefined };
  /** Finds the addresses of host names. */
  readonly names: NameLookup;
}

/** Receives the socket, ready for HTTP, or the reason why there is none; called once. */
export type DialCallback = (error: Error | null, socket: Socket | null) => void;

/**
 * Decides whether a proxy forwards requests to the destination instead of opening a tunnel: for http, as RFC 9110
 * defines. Many proxies (squid by default) open tunnels to port 443 alone.
 */
export function isForwarded({ proxy, secure }: Pick<Destination, "proxy" | "secure">): boolean {
  return proxy?.kind === "http" && !secure;
}

const maxProxyHeadBytes = 16 * 1024;

// Above the longest body. Chunks of a request are held until its answer begins in any case; with Node's own limit of 16 kB undici waits after each of them,
// and a body of 300 kB takes five system calls and wakes the upstream five times.
const writableBytes = 64 * 1024 * 1024;

/**
 * Opens a connection (TCP, then the proxy's tunnel, then TLS; to a proxy that forwards http, TCP alone) within `timeoutMs`, which 0 turns off. The answer
 * is a function that gives up at once. Written here rather than left to undici because undici's connect timer has a grain of about a second, and because its proxy
 * agent dials again for ever when a proxy hangs up on CONNECT.
 */
export function dial(destination: Destination, timeoutMs: number, done: DialCallback): () => void {
  let tls: ConnectionOptions | undefined;
  try {
    tls = destination.secure ? destination.tls() : undefined;
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    const answer = setImmediate(() => done(failure, null));
    return () => clearImmediate(answer);
  }
  return new Dial({ ...destination, tls }, timeoutMs, done).cancel;
}

/** A destination whose certificates have been read. */
type ReadyDestination = Omit<Destination, "tls"> & { readonly tls: ConnectionOptions | undefined };

class Dial {
  readonly #destination: ReadyDestination;
  readonly #done: DialCallback;
  readonly #timer: Disposable | undefined;
  #socket: Socket;
  #name: NameWait | undefined;
  /** Stage of this dial on the way to the proxy's tunnel, if there is a proxy. */
  #proxyStage: "reaching" | "asking" | "through" = "reaching";
  #settled = false;

  constructor(destination: ReadyDestination, timeoutMs: number, done: DialCallback) {
    this.#destination = destination;
    this.#done = done;
    // The system clock's timer takes a connection that was made in time, although this process was too busy to hear of it.
    if (timeoutMs > 0) this.#timer = systemClock.setTimer(timeoutMs, () => this.#onDeadline(timeoutMs));
    const { proxy } = destination;
    const onReached = isForwarded(destination) ? this.#ready : this.#askForTunnel;
    this.#socket = proxy === undefined ? this.#open(destination, this.#ready) : this.#open(proxy, onReached);
  }

  readonly cancel = (): void => this.#settle(new NetworkError("ERR_CANCELLED", "the connection is no longer wanted"));

  readonly #ready = (): void => this.#settle(null);

  readonly #fail = (error: Error): void => this.#settle(this.#proxyFailure(tellingError(error)));

  readonly #hungUp = (): void =>
    this.#fail(new NetworkError("ECONNRESET", "the peer hung up before the connection was ready"));

  #onDeadline(timeoutMs: number): void {
    const { hostname, port } = this.#destination;
    if (this.#name?.isQueued === true) {
      this.#fail(new NetworkError("ERR_LOOKUP_QUEUED", `the system's resolver had no turn within ${timeoutMs} ms`));
    } else {
      const message = `no connection to ${hostname}:${port} within ${timeoutMs} ms`;
      this.#fail(new ConnectTimeoutError("ERR_CONNECT_TIMEOUT", message));
    }
  }

  /** Names the proxy where it is what failed: one that all providers share is our own host's trouble, not the provider's. */
  #proxyFailure(error: Error): Error {
    const { proxy } = this.#destination;
    if (proxy === undefined || this.#proxyStage === "through") return error;
    const name = `the proxy ${proxy.hostname}:${proxy.port}`;
    if (this.#proxyStage === "asking") {
      if (error instanceof ConnectTimeoutError) return error;
      return new NetworkError("ERR_PROXY_TUNNEL", `${name} gave no tunnel: ${messageOf(error)}`, { cause: error });
    }
    if (!proxy.isShared && error instanceof ConnectTimeoutError) return error;
    const code = proxy.isShared ? "ERR_PROXY_CONNECT" : (codeOf(error) ?? "ERR_PROXY_CONNECT");
    return new NetworkError(code, `${name} cannot be reached: ${messageOf(error)}`, { cause: error });
  }

  #open(target: ReadyDestination | ProxyTarget, onReady: () => void): Socket {
    const address = { host: target.hostname, port: target.port, lookup: this.#lookup };
    if (target.secure) return this.#secure({ ...address, ...this.#tlsOptions(target) }, target, onReady);
    // 250 ms, Node's default, is shorter than many a mobile or transcontinental round trip.
    const options: TcpNetConnectOpts & DuplexOptions = {
      ...address,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: 1000,
      writableHighWaterMark: writableBytes,
    };
    const socket = connectTcp(options);
    return this.#watch(socket, "connect", onReady);
  }

  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    this.#name = this.#destination.names.find(hostname, (error, addresses) => {
      const first = addresses[0];
      if (error !== null || first === undefined) callback(error ?? new NetworkError("ENOTFOUND", "no address"), "");
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };

  #tlsOptions(target: ReadyDestination | ProxyTarget): ConnectionOptions {
    const options: ConnectionOptions = { ALPNProtocols: ["http/1.1"] };
    if (isIP(target.hostname) === 0) options.servername = target.hostname;
    if (!("resumption" in target)) return options;
    if (target.resumption.session !== undefined) options.session = target.resumption.session;
    return { ...options, ...target.tls };
  }

  #secure(options: ConnectionOptions, target: ReadyDestination | ProxyTarget, onReady: () => void): Socket {
    const socket = connectTls(options);
    if ("resumption" in target) socket.on("session", (session) => (target.resumption.session = session));
    return this.#watch(socket, "secureConnect", onReady);
  }

  #watch(socket: Socket, event: "connect" | "secureConnect", onReady: () => void): Socket {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.once(event, onReady);
    socket.on("error", this.#fail);
    socket.on("close", this.#hungUp);
    return socket;
  }

  readonly #askForTunnel = (): void => {
    this.#proxyStage = "asking";
    const { hostname, port, proxy } = this.#destination;
    if (proxy?.kind === "socks5") {
      this.#askSocks(proxy);
      return;
    }
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const credential =
      proxy?.credential === undefined ? "" : `proxy-authorization: ${basicAuthorization(proxy.credential)}\r\n`;
    const socket = this.#socket;
    let head: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1 && head.length <= maxProxyHeadBytes) return;
      socket.off("data", onData);
      socket.pause();
      this.#onProxyAnswer(end === -1 ? "" : head.toString("latin1", 0, end), head.subarray(end + 4));
    };
    socket.on("data", onData);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credential}\r\n`, "latin1");
  };

  #onProxyAnswer(head: string, rest: Buffer): void {
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    if (status?.startsWith("2") !== true) {
      this.#settle(this.#refusedTunnel(status));
      return;
    }
    if (rest.length > 0) this.#socket.unshift(rest);
    this.#goThrough();
  }

  #askSocks(proxy: ProxyTarget): void {
    askSocks(this.#socket, proxy, this.#destination).then(
      () => this.#settled || this.#goThrough(),
      (error: unknown) => this.#settle(this.#refusedBySocks(error)),
    );
  }

  /** The socket leads to the destination now. */
  #goThrough(): void {
    this.#proxyStage = "through";
    const tunnel = this.#socket;
    if (!this.#destination.secure) {
      this.#settle(null);
      return;
    }
    const options = { ...this.#tlsOptions(this.#destination), socket: tunnel };
    this.#socket = this.#secure(options, this.#destination, this.#ready);
  }

  /** A proxy that wants another credential, or speaks no HTTP, serves no provider; any other status may be about this destination. */
  #refusedTunnel(status: string | undefined): Error {
    const answer = status ?? "with something that is not HTTP";
    const isProxyItself = status === undefined || status === "407";
    const code = isProxyItself && this.#destination.proxy?.isShared === true ? "ERR_PROXY_CONNECT" : "ERR_PROXY_TUNNEL";
    return new NetworkError(code, `the proxy answered ${answer} when asked for a tunnel`);
  }

  #refusedBySocks(error: unknown): Error {
    const reason = messageOf(error);
    const isProxyItself = /authenticat|protocol|version|auth type/i.test(reason);
    const { proxy } = this.#destination;
    const code = isProxyItself && proxy?.isShared === true ? "ERR_PROXY_CONNECT" : "ERR_PROXY_TUNNEL";
    const name = proxy === undefined ? "the proxy" : `the proxy ${proxy.hostname}:${proxy.port}`;
    return new NetworkError(code, `${name} gave no tunnel: ${reason}`, { cause: error });
  }

  #settle(error: Error | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer?.[Symbol.dispose]();
    this.#name?.cancel();
    const socket = this.#socket;
    if (error !== null) socket.destroy();
    this.#done(error, error === null ? socket : null);
    // The connection may live for hours; what dialled it need not. An error always has a listener.
    socket.on("error", closeFailed);
    socket.off("error", this.#fail);
    socket.off("close", this.#hungUp);
  }
}

/**
 * Closes a socket that failed. Node only tells of an error of TLS on an established connection (an alert, a record with a wrong checksum) and leaves
 * the socket open; undici waits for its end, so that the request would wait for its deadline.
 */
function closeFailed(this: Socket): void {
  this.destroy();
}
