import type { Server } from "node:http";
import type { Socket } from "node:net";
import { limitConnections } from "../http/connection-limit.ts";
import { createHttpServer, isSecure, type RequestListener, type TlsMaterial } from "../http/http.ts";
import { InboundRequest } from "../http/inbound-request.ts";
import { listenOn } from "../http/listen.ts";
import { PipelinedRequests } from "../http/pipelined-requests.ts";
import { RefusedConnections } from "../http/refused-connections.ts";
import { RequestIds } from "../http/request-ids.ts";
import { RequestsUnderWay } from "../http/under-way.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { knownRoute } from "../routes/routes.ts";
import { serveRequest } from "../routes/serve-request.ts";
import type { ServerContext } from "../routes/server-context.ts";

/** Milliseconds after `drain_timeout` in which requests that are cut off may write their last event. */
const lastWordsMs = 500;

/** Parts that requests are served with. */
export interface RequestIntakeOptions {
  readonly context: ServerContext;
  readonly metrics: Metrics;
  /** Of HTTPS; without it the server speaks HTTP. */
  readonly tls: TlsMaterial | undefined;
  /** Returns this process's part of a limit that holds for all workers together. */
  readonly shareOf: (limit: number) => number;
}

/** Takes connections and requests of clients, and keeps those under way. */
export class RequestIntake {
  readonly #context: ServerContext;
  readonly #metrics: Metrics;
  readonly #server: Server;
  readonly underWay: RequestsUnderWay = new RequestsUnderWay();
  readonly #ids = new RequestIds();
  readonly #refused: RefusedConnections;
  readonly #pipelined = new PipelinedRequests(() => this.#refused.add("pipelining"));
  #takesConnections = false;

  constructor({ context, metrics, tls, shareOf }: RequestIntakeOptions) {
    this.#context = context;
    this.#metrics = metrics;
    this.#refused = new RefusedConnections(context.log, metrics);
    this.#server = createHttpServer(this.handle, tls);
    limitConnections(this.#server, {
      limit: () => shareOf(context.settings.maxConnections),
      isTls: isSecure(this.#server),
      onRefused: () => this.#refused.add("limit"),
    });
  }

  /**
   * Takes one request of node:http. A pipelined request waits until the answers before it are written; node:http drops it where one of them ends the
   * connection.
   */
  readonly handle: RequestListener = (incoming, response, expectsContinue) =>
    this.#pipelined.inTurn(incoming, response, () => this.#take(incoming, response, expectsContinue));

  /** Starts to listen; see `listenOn`. */
  listen(): Promise<string> {
    return listenOn(this.#server, this.#context.settings);
  }

  /** Takes a connection that another process accepted, instead of listening. */
  accept(socket: Socket): void {
    // Node looks for slow clients only in servers that listen.
    if (!this.#takesConnections) this.#server.emit("listening");
    this.#takesConnections = true;
    // node:http sets this for connections that it accepts: a client may end its side and still read.
    socket.allowHalfOpen = true;
    this.#server.emit("connection", socket);
  }

  /** Serves new connections with a certificate; without effect on a server of HTTP. Throws what Node says of material that is unusable. */
  useTls(material: TlsMaterial): void {
    if (isSecure(this.#server)) this.#server.setSecureContext(material);
  }

  /**
   * Stops to accept, closes idle connections, lets what is under way finish for up to `drainMs`, then cuts it off with an error.
   *
   * @returns the number of requests that were cut off.
   */
  async drain(drainMs: number): Promise<number> {
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
    await this.underWay.idleWithin(drainMs);
    const cut = this.underWay.size;
    for (const inbound of this.underWay) inbound.cutOff();
    await this.underWay.idleWithin(lastWordsMs);
    this.#server.closeAllConnections();
    return cut;
  }

  #take(...[incoming, response, expectsContinue]: Parameters<RequestListener>): void {
    const inbound = new InboundRequest(this.#ids.next(), incoming, response, expectsContinue);
    this.underWay.add(inbound);
    this.#metrics.onRequest();
    response.once("close", () => {
      this.underWay.remove(inbound);
      inbound.release?.();
      this.#metrics.onResponse(knownRoute(inbound.path), response.statusCode);
      // A connection that has just become idle would otherwise be kept for its next request.
      if (this.#context.isDraining) setImmediate(() => this.#server.closeIdleConnections());
    });
    void serveRequest(inbound, this.#context);
  }
}
