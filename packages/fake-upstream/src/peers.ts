import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A listener that accepts connections and neither reads nor answers. */
export interface Blackhole extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Open connections. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Starts a blackhole on loopback. */
export async function startBlackhole(): Promise<Blackhole> {
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Finds a loopback port on which no process listens: it was free a moment ago, and lies below those that the system gives away
 * by itself, so that no outgoing connection and no other server of a test takes it meanwhile.
 */
export async function closedPort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(10_000, 32_000);
    const server = createServer();
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      // Another process listens there: try the next port.
      if (tries === 100) throw error;
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
