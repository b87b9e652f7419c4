import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { claudeCodeHeaders } from "../fixtures/claude-code-body.ts";

/** Port and end of an attack; `endAtMs` is by `performance.now()` of its own thread. */
export interface Target {
  readonly port: number;
  readonly endAtMs: number;
}

/** Counts of what an attack did, by name. */
export type AttackCounts = Readonly<Record<string, number>>;

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Posts to `/v1/messages` and reads the answer to its end; resolves with the status, 0 where the connection broke. */
export async function post(
  port: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  try {
    const asked = request({
      agent,
      host: "127.0.0.1",
      port,
      path: "/v1/messages",
      method: "POST",
      headers: { ...claudeCodeHeaders, "x-api-key": "bench-client-key", "content-length": body.length, ...headers },
    });
    asked.end(body);
    const [answer] = await once(asked, "response");
    answer.resume();
    await once(answer, "end");
    return answer.statusCode;
  } catch {
    return 0;
  }
}

/** Posts the bodies that `next` makes, `atOnce` at a time, until the time is up. */
export async function postAll(
  target: Target,
  atOnce: number,
  next: (index: number) => Uint8Array,
): Promise<AttackCounts> {
  let asked = 0;
  const counts: Record<string, number> = {};
  const client = async (): Promise<void> => {
    while (performance.now() < target.endAtMs) {
      const status = await post(target.port, next(asked++));
      const name = status === 0 ? "connections cut" : `answers ${status}`;
      counts[name] = (counts[name] ?? 0) + 1;
      // A cut connection answers at once: without a pause this would be a busy loop.
      if (status === 0) await delay(10);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return { requests: asked, ...counts };
}

/** Writes `bytes` over and over on `connections` raw connections, as fast as they are taken; opens another one for each that is closed. */
export async function flood(target: Target, connections: number, bytes: Uint8Array): Promise<AttackCounts> {
  let megabytes = 0;
  let opened = 0;
  const sockets = new Set<Socket>();
  const one = async (): Promise<void> => {
    while (performance.now() < target.endAtMs) {
      const socket = connect(target.port, "127.0.0.1");
      opened += 1;
      sockets.add(socket);
      socket.on("error", () => undefined).resume();
      const write = (): void => {
        while (!socket.destroyed) {
          megabytes += bytes.length / 1_000_000;
          if (!socket.write(bytes)) return;
        }
      };
      socket.on("drain", write);
      write();
      await Promise.race([once(socket, "close").catch(() => undefined), delay(target.endAtMs - performance.now())]);
      socket.destroy();
      sockets.delete(socket);
      await delay(10);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  for (const socket of sockets) socket.destroy();
  return { "connections opened": opened, "megabytes written": Math.round(megabytes) };
}

/** Keeps `connections` raw connections open, each of which has sent `bytes` and then nothing; opens another one for each that is closed. */
export async function hold(target: Target, connections: number, bytes: Uint8Array): Promise<AttackCounts> {
  const sockets = new Set<Socket>();
  let opened = 0;
  let most = 0;
  while (performance.now() < target.endAtMs) {
    for (let index = 0; index < 200 && sockets.size < connections; index += 1) {
      const socket = connect(target.port, "127.0.0.1");
      opened += 1;
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => sockets.delete(socket))
        .resume();
      socket.write(bytes);
    }
    most = Math.max(most, sockets.size);
    await delay(50);
  }
  for (const socket of sockets) socket.destroy();
  return { "connections opened": opened, "open at once": most };
}
