import type { Socket } from "node:net";
import type { ProxyTarget } from "./proxy-target.ts";

// The caller keeps the deadline of the whole connection. The package keeps its timer, and with it the socket, for this long in any case.
const longestMs = 60_000;

/**
 * Asks a SOCKS5 proxy, to which `socket` leads, for a tunnel to the destination; the proxy resolves its name. The package is loaded when the first
 * such proxy is used.
 *
 * @throws an error with the proxy's answer in words.
 */
export async function askSocks(
  socket: Socket,
  { credential, hostname, port }: ProxyTarget,
  destination: { readonly hostname: string; readonly port: number },
): Promise<void> {
  const { SocksClient } = await import("socks");
  await SocksClient.createConnection({
    proxy: {
      host: hostname,
      port,
      type: 5,
      ...(credential && { userId: credential.user, password: credential.password }),
    },
    command: "connect",
    destination: { host: destination.hostname, port: destination.port },
    timeout: longestMs,
    existing_socket: socket,
  });
}
