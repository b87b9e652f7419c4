import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

/** Where a connection leads: the origin, and the proxy on the way to it. */
export interface Destination {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  readonly proxy: ProxyTarget | undefined;
  /** Extra TLS options of the connection to the origin, e.g. a private `ca`. */
  readonly tls: ConnectionOptions | undefined;
  /** The last TLS session with the origin, so that the next handshake is a short one. */
  readonly resumption: { session: Buffer | undefined };
}

/** An http(s) proxy that is asked for a tunnel; `authorization` is the whole value of its header and a secret. */
export interface ProxyTarget {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  readonly authorization: string | undefined;
}

/** The connect deadline passed before a connection stood. */
export class ConnectTimeoutError extends Error {
  constructor(destination: Destination, timeoutMs: number) {
    super(`no connection to ${destination.hostname}:${destination.port} within ${timeoutMs} ms`);
    this.name = "ConnectTimeoutError";
  }
}

/** Receives the socket, ready for HTTP, or the reason why there is none; called once. */
export type DialCallback = (error: Error | null, socket: Socket | null) => void;

const maxProxyHeadBytes = 16 * 1024;

/**
 * Opens a connection (TCP, then the proxy's tunnel, then TLS) within `timeoutMs`, which 0 turns off. The answer is a function that gives up
 * at once. Written here rather than left to undici because undici's connect timer has a grain of about a second, and because its proxy
 * agent dials again for ever when a proxy hangs up on CONNECT.
 */
export function dial(destination: Destination, timeoutMs: number, done: DialCallback): () => void {
  return new Dial(destination, timeoutMs, done).cancel;
}

class Dial {
  readonly #destination: Destination;
  readonly #done: DialCallback;
  readonly #timer: NodeJS.Timeout | undefined;
  #socket: Socket;
  #settled = false;

  constructor(destination: Destination, timeoutMs: number, done: DialCallback) {
    this.#destination = destination;
    this.#done = done;
    if (timeoutMs > 0) {
      this.#timer = setTimeout(() => this.#settle(new ConnectTimeoutError(destination, timeoutMs)), timeoutMs);
    }
    const { proxy } = destination;
    this.#socket = proxy === undefined ? this.#open(destination, this.#ready) : this.#open(proxy, this.#askForTunnel);
  }

  readonly cancel = (): void => this.#settle(new Error("the connection is no longer wanted"));

  readonly #ready = (): void => this.#settle(null);

  readonly #fail = (error: Error): void => this.#settle(error);

  readonly #hungUp = (): void => this.#settle(new Error("the peer hung up before a connection stood"));

  #open(target: Destination | ProxyTarget, onReady: () => void): Socket {
    const address = { host: target.hostname, port: target.port };
    if (target.secure) return this.#secure({ ...address, ...this.#tlsOptions(target) }, target, onReady);
    // 250 ms, Node's default, is shorter than many a mobile or transcontinental round trip.
    const socket = connectTcp({ ...address, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1000 });
    return this.#watch(socket, "connect", onReady);
  }

  #tlsOptions(target: Destination | ProxyTarget): ConnectionOptions {
    const options: ConnectionOptions = { ALPNProtocols: ["http/1.1"] };
    if (isIP(target.hostname) === 0) options.servername = target.hostname;
    if (!("resumption" in target)) return options;
    if (target.resumption.session !== undefined) options.session = target.resumption.session;
    return { ...options, ...target.tls };
  }

  #secure(options: ConnectionOptions, target: Destination | ProxyTarget, onReady: () => void): Socket {
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
    const { hostname, port, proxy } = this.#destination;
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const authorization = proxy?.authorization;
    const credential = authorization === undefined ? "" : `proxy-authorization: ${authorization}\r\n`;
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
      const answer = status === undefined ? "with something that is not HTTP" : status;
      this.#settle(new Error(`the proxy answered ${answer} when asked for a tunnel`));
      return;
    }
    const tunnel = this.#socket;
    if (rest.length > 0) tunnel.unshift(rest);
    if (!this.#destination.secure) {
      this.#settle(null);
      return;
    }
    const options = { ...this.#tlsOptions(this.#destination), socket: tunnel };
    this.#socket = this.#secure(options, this.#destination, this.#ready);
  }

  #settle(error: Error | null): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (error !== null) socket.destroy();
    this.#done(error, error === null ? socket : null);
    // The connection may live for hours; what dialled it need not. An error always has a listener.
    socket.on("error", ignore);
    socket.off("error", this.#fail);
    socket.off("close", this.#hungUp);
  }
}

function ignore(): void {}
