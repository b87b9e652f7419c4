import type { ConnectionOptions } from "node:tls";
import {
  systemClock,
  type Clock,
  type Transport,
  type TransportOptions,
  type UpstreamReply,
  type UpstreamRequest,
} from "@ccpb/core";
import { bodyOf, flatHeaders } from "./outgoing.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { HttpExchange } from "./http-exchange.ts";
import { NameLookup, type NameSources } from "./name-lookup.ts";
import { lookupSlots, systemNames } from "./name-sources.ts";
import { bareHostname, portOf, proxyRoute, type Environment } from "./proxy-route.ts";
import { basicAuthorization } from "./proxy-target.ts";
import { UpstreamTlsFiles } from "./upstream-tls.ts";

/** Options of `createHttpTransport`. */
export interface HttpTransportOptions {
  /** Variables in which `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read; default: none. */
  readonly environment?: Environment;
  /** Source of addresses of host names; default: this machine's resolver and name servers. */
  readonly nameSources?: NameSources;
  /** Clock for the deadlines of lookups; default: the platform's. */
  readonly clock?: Clock;
  /** TLS options of connections to upstreams, such as a private `ca`. */
  readonly tls?: ConnectionOptions;
}

/** The last TLS session with an origin: `undefined` until there is one. */
type Resumption = { session: Buffer | undefined };

// More origins than any configuration names: a bound for those that many reloads leave behind. A session takes 2 to 4 kB.
const maxKeptSessions = 256;

/** Transport over undici with keep-alive connections for each origin. */
export interface HttpTransport {
  /** Transport for `send`, `createFetch` and `respond`. */
  readonly send: Transport;
  /** Closes idle connections and forgets addresses of host names. Call it when the network may have changed. */
  dropParked(): void;
  /** Closes all connections at once. */
  close(): void;
}

/**
 * Makes the server's transport over undici: it follows no redirect, does not pipeline, and decompresses nothing
 * silently. It asks for `identity`; a body that comes encoded all the same is decoded once, with a limit. Header
 * values that undici refuses are dropped.
 *
 * @param options - environment, resolver, clock and TLS.
 * @returns the transport; close it when it is no longer used.
 * @example
 * ```ts
 * const http = createHttpTransport({ environment: process.env });
 * const call = balancer.open(request);
 * const reply = await send(call, http.send);
 * http.close();
 * ```
 */
export function createHttpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const pools = new Map<string, ConnectionPool>();
  const { environment = {}, nameSources = systemNames, clock = systemClock } = options;
  const tlsFiles = new UpstreamTlsFiles();
  const names = new NameLookup({ sources: nameSources, clock, slots: lookupSlots(process.env) });
  // Outlives the pools, which end with their last connection: the handshake after an idle minute is a short one, too.
  const resumptions = new Map<string, Resumption>();

  function poolOf(origin: string, { proxy, tls }: TransportOptions): ConnectionPool {
    const way = proxy === undefined ? origin : `${origin} ${proxy}`;
    const key = tls === undefined ? way : `${way} ${JSON.stringify(tls)}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const url = new URL(origin);
    const resumption = resumptionOf(key, resumptions);
    const destination = {
      hostname: bareHostname(url),
      port: portOf(url),
      secure: url.protocol === "https:",
      proxy: proxyRoute(url, proxy, environment),
      tls: tls === undefined ? () => options.tls : () => ({ ...options.tls, ...tlsFiles.optionsFor(tls, resumption) }),
      resumption,
      names,
    };
    const pool = new ConnectionPool(origin, destination, () => pools.delete(key));
    pools.set(key, pool);
    return pool;
  }

  function send(request: UpstreamRequest, sendOptions: TransportOptions): Promise<UpstreamReply> {
    return new Promise((resolve, reject) => {
      const signal = sendOptions.cancellation ?? sendOptions.signal;
      if (signal.aborted) throw signal.reason;
      const pathAt = request.url.indexOf("/", request.url.indexOf("://") + 3);
      const pool = poolOf(request.url.slice(0, pathAt), sendOptions);
      const connection = pool.take(sendOptions.freshSocket);
      const { forwarder } = pool;
      const headers = flatHeaders(request.headers);
      if (forwarder?.credential !== undefined)
        headers.push("proxy-authorization", basicAuthorization(forwarder.credential));
      new HttpExchange(connection, signal, { resolve, reject }, forwarder).start(
        {
          method: request.method,
          path: forwarder === undefined ? request.url.slice(pathAt) : request.url,
          headers,
          body: bodyOf(request.body, connection.holdWrites),
        },
        sendOptions,
      );
    });
  }

  return {
    send: Object.assign(send, { usesCancellation: true }),
    dropParked: () => {
      names.forget();
      for (const pool of pools.values()) pool.dropParked();
    },
    close: () => {
      for (const pool of pools.values()) pool.close();
    },
  };
}

/** The session of an origin, kept among those of the origins that were used last. */
function resumptionOf(key: string, resumptions: Map<string, Resumption>): Resumption {
  const resumption = resumptions.get(key) ?? { session: undefined };
  // The one that was used longest ago comes first, and goes first.
  resumptions.delete(key);
  resumptions.set(key, resumption);
  const [oldest] = resumptions.keys();
  if (resumptions.size > maxKeptSessions && oldest !== undefined) resumptions.delete(oldest);
  return resumption;
}
