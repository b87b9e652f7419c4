import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Milliseconds from a client's connection to the end of the TLS handshake. */
export const handshakeDeadlineMs = 10_000;

/**
 * Closes connections of a TLS server whose handshake is not over within `deadlineMs`. Node's own `handshakeTimeout` starts again with every byte, so that a
 * client that trickles holds its connection for ever; node:http's deadlines start after the handshake.
 */
export function limitHandshakes(server: Server, deadlineMs: number = handshakeDeadlineMs): void {
  const timers = new Map<string, NodeJS.Timeout>();
  const settle = (key: string): void => {
    clearTimeout(timers.get(key));
    timers.delete(key);
  };
  server.prependListener("connection", (socket: Socket) => {
    const key = keyOf(socket);
    settle(key);
    timers.set(
      key,
      setTimeout(() => socket.destroy(), deadlineMs),
    );
    socket.once("close", () => settle(key));
  });
  server.on("secureConnection", (socket: Socket) => settle(keyOf(socket)));
}

// Node has no public way from a TLS socket to the connection under it; both have the same addresses.
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}
