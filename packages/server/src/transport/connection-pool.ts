import type { Socket } from "node:net";
import type { Client, Dispatcher } from "undici";
import { dial, isForwarded, type Destination } from "./dial.ts";
import type { ProxyTarget } from "./proxy-target.ts";
import { NetworkError } from "./network-errors.ts";
import { skipContinue } from "./skip-continue.ts";
import { loadClient } from "./undici-client.ts";

const UndiciClient = loadClient();

// Far above any real load (5,000 streams), far below the number of ports: it bounds memory and is not meant to be reached.
const maxConnectionsPerOrigin = 16_384;
const maxHeaderBytes = 64 * 1024;

/** One keep-alive connection to an origin, used by one exchange at a time; undici's `Client` dials again by itself if it was lost while idle. */
export class Connection {
  readonly #client: Client;
  readonly #pool: ConnectionPool;
  #connectTimeoutMs = 0;
  #dials = 0;
  #cancelDial: (() => void) | undefined;
  #expectHead: (() => void) | undefined;
  #socket: Socket | null = null;
  #served = 0;
  #idle = false;
  #takenAt = 0;
  #parkedAt = 0;

  constructor(pool: ConnectionPool, destination: Destination) {
    this.#pool = pool;
    this.#client = new UndiciClient(pool.origin, {
      pipelining: 1,
      maxHeaderSize: maxHeaderBytes,
      // Core keeps the deadlines, and undici's would not run while its parser is paused by a slow client anyway.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 300_000,
      keepAliveTimeoutThreshold: 1_000,
      connect: (_options, callback) => {
        this.#dials += 1;
        // undici dials again, without a pause and without an end, when a connection is lost before its request was written: as often as an upstream
        // speaks before it is asked. One dial replaces a connection that was lost while idle; what fails after that is the attempt's failure.
        if (this.#dials > 1) {
          const message = "the upstream gave up the connection before the request was sent";
          handOver(callback, new NetworkError("ECONNRESET", message), null);
          return;
        }
        this.#cancelDial = dial(destination, this.#connectTimeoutMs, (error, socket) => {
          this.#cancelDial = undefined;
          this.#socket = socket;
          if (socket !== null) this.#expectHead = skipContinue(socket);
          handOver(callback, error, socket);
        });
      },
    });
    this.#client.on("disconnect", () => {
      this.#served = 0;
      if (this.#idle) this.discard();
    });
  }

  /** True if the socket under it has carried a whole exchange before. */
  get hasServed(): boolean {
    return this.#served > 0;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, connectTimeoutMs: number): void {
    this.#idle = false;
    this.#takenAt = this.#pool.nextMoment();
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#dials = 0;
    this.#expectHead?.();
    this.#client.dispatch(options, handler);
  }

  /** Holds back what is written until the answer is called. */
  readonly holdWrites = (): (() => void) => {
    const socket = this.#socket;
    socket?.cork();
    return () => socket?.uncork();
  };

  /** The exchange went to its end: the connection may serve the next one. */
  release(): void {
    this.#served += 1;
    this.#idle = true;
    this.#parkedAt = this.#pool.nextMoment();
    this.#pool.park(this);
  }

  /** Time at which it was parked last, as `ConnectionPool.nextMoment` counts. */
  get parkedAt(): number {
    return this.#parkedAt;
  }

  /**
   * Closes the connection; what runs or waits on it fails at once. `gaveNothing`: it was reused and gave no byte of an answer, so that those which were
   * parked before it was taken may be as dead.
   */
  discard(gaveNothing = false): void {
    if (gaveNothing) this.#pool.suspectParkedBefore(this.#takenAt);
    this.#idle = false;
    this.#pool.forget(this);
    this.#cancelDial?.();
    void this.#client.destroy();
  }
}

// A failure to connect must not look like one of undici's own socket errors: for those its client dials again, for ever.
function handOver(
  callback: (...result: [Error, null] | [null, Socket]) => void,
  error: Error | null,
  socket: Socket | null,
): void {
  if (socket === null) callback(error ?? new Error("no connection"), null);
  else callback(null, socket);
}

/** The connections to one origin: as many as there are exchanges at once, the one used last first, so that surplus ones grow old and close. */
export class ConnectionPool {
  readonly origin: string;
  readonly #destination: Destination;
  readonly #onEmpty: () => void;
  readonly #all = new Set<Connection>();
  readonly #parked: Connection[] = [];
  #moment = 0;
  #suspectBefore = 0;

  constructor(origin: string, destination: Destination, onEmpty: () => void) {
    this.origin = origin;
    this.#destination = destination;
    this.#onEmpty = onEmpty;
  }

  /** The proxy that forwards the requests, which have to name the whole URL and the proxy's credential; undefined where there is none, or a tunnel. */
  get forwarder(): ProxyTarget | undefined {
    return isForwarded(this.#destination) ? this.#destination.proxy : undefined;
  }

  /** Counts what happens in this pool; orders parking and taking without a clock. */
  nextMoment(): number {
    this.#moment += 1;
    return this.#moment;
  }

  suspectParkedBefore(moment: number): void {
    this.#suspectBefore = Math.max(this.#suspectBefore, moment);
  }

  /**
   * Returns a parked connection, or a new one; a new one in any case where `fresh` is set. `fresh` also closes the parked connections that were parked
   * before the failed one was taken: after a sleep or a change of the network all of them are dead, and each would cost a call its deadline. Throws when
   * there are too many.
   */
  take(fresh: boolean): Connection {
    if (fresh) this.#dropSuspects();
    const parked = fresh ? undefined : this.#parked.pop();
    if (parked !== undefined) return parked;
    if (this.#all.size >= maxConnectionsPerOrigin)
      throw new NetworkError("ENOBUFS", `more than ${maxConnectionsPerOrigin} connections to ${this.origin}`);
    const connection = new Connection(this, this.#destination);
    this.#all.add(connection);
    return connection;
  }

  park(connection: Connection): void {
    this.#parked.push(connection);
  }

  forget(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const index = this.#parked.lastIndexOf(connection);
    if (index !== -1) this.#parked.splice(index, 1);
    if (this.#all.size === 0) this.#onEmpty();
  }

  /** Closes every parked connection. */
  dropParked(): void {
    for (const connection of this.#parked.slice()) connection.discard();
  }

  #dropSuspects(): void {
    for (const connection of this.#parked.filter(({ parkedAt }) => parkedAt < this.#suspectBefore))
      connection.discard();
  }

  close(): void {
    for (const connection of this.#all) connection.discard();
  }
}
