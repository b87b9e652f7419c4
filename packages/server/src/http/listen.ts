import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { ServerSettings } from "../config/server-settings.ts";

/** Starts to listen; rejects with the system's error, such as `EADDRINUSE`. Answers the base URL with the real port. */
export async function listenOn(
  server: Server,
  { host, port, tls }: Pick<ServerSettings, "host" | "port" | "tls">,
): Promise<string> {
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  // A burst of thousands of clients waits in the queue of the kernel, which cuts this to its own limit, rather than being reset.
  server.listen({ host: bare, port, backlog: 16_384 });
  await once(server, "listening");
  const { port: actual } = server.address() as AddressInfo;
  return `${tls === undefined ? "http" : "https"}://${bare.includes(":") ? `[${bare}]` : bare}:${actual}`;
}
