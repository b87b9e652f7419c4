import type { ActiveConfig } from "../config/config-file.ts";

/**
 * Returns the configuration with the host that the server listens on. A reload is checked as this: a server that listens on every address stays
 * reachable, whatever `host` a later file names.
 */
export function asBound<Config extends ActiveConfig>(next: Config, first: ActiveConfig): Config {
  return { ...next, server: { ...next.server, host: first.server.host } };
}

/** Returns the configuration with every setting that is fixed at the start as it was at the start. */
export function asStarted<Config extends ActiveConfig>(next: Config, first: ActiveConfig): Config {
  const { host, port, logFile, usageFolder, workers, tls: firstTls } = first.server;
  const { tls: nextTls, ...server } = next.server;
  const tls = firstTls && (nextTls ?? firstTls);
  return { ...next, server: { ...server, host, port, logFile, usageFolder, workers, ...(tls && { tls }) } };
}
