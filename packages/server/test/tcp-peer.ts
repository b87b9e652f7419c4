import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A TCP server on loopback that tells what it was sent; closed with everything on it by `using`. */
export interface TcpPeer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly sockets: Socket[];
  /** One entry per connection, in the order of connecting: all bytes received so far, latin1. */
  received(index?: number): string;
}

/** Starts a TCP server; `onConnection` is called for each connection, `onData` for each read with everything received on it so far. */
export async function startTcpPeer(
  onData: (socket: Socket, received: string, index: number) => void,
  onConnection: (socket: Socket, index: number) => void = () => undefined,
): Promise<TcpPeer> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server: Server = createServer((socket) => {
    const index = sockets.push(socket) - 1;
    received.push("");
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received[index] += chunk.toString("latin1");
      onData(socket, received[index] ?? "", index);
    });
    onConnection(socket, index);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    sockets,
    received: (index = 0) => received[index] ?? "",
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers the n-th whole request (head and content-length body) on a connection with `answers(n)`. */
export function answerRequests(
  answer: (socket: Socket, count: number) => void,
): (socket: Socket, received: string) => void {
  const answered = new WeakMap<Socket, number>();
  return (socket, received) => {
    const complete = countRequests(received);
    for (let count = answered.get(socket) ?? 0; count < complete; count += 1) {
      answered.set(socket, count + 1);
      answer(socket, count);
    }
  };
}

function countRequests(received: string): number {
  let count = 0;
  let at = 0;
  for (;;) {
    const end = received.indexOf("\r\n\r\n", at);
    if (end === -1) return count;
    const length = Number(/content-length: (\d+)/i.exec(received.slice(at, end))?.[1] ?? 0);
    at = end + 4 + length;
    if (received.length < at) return count;
    count += 1;
  }
}
