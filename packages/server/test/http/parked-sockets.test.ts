import { once } from "node:events";
import type { Socket } from "node:net";
import type { TransportOptions, UpstreamReply } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { createHttpTransport, type HttpTransport } from "../../src/transport/transport.ts";
import { until } from "../running-server.ts";
import { answerRequests, startTcpPeer, type TcpPeer } from "../tcp-peer.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

function post(http: HttpTransport, peer: TcpPeer, change: Partial<TransportOptions> = {}): Promise<UpstreamReply> {
  return http.send(
    { method: "POST", url: `${peer.origin}/`, headers: { "content-length": "2" }, body: [Buffer.from("{}")] },
    { signal: AbortSignal.timeout(60_000), connectTimeoutMs: 30_000, freshSocket: false, ...change },
  );
}

async function drain(reply: UpstreamReply): Promise<void> {
  for await (const _chunk of reply.body);
}

/** Serves `count` requests at the same time, so that as many connections are parked. */
async function park(http: HttpTransport, peer: TcpPeer, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => drain(await post(http, peer))));
}

/** A peer that answers until it is told to be silent: then its old connections look alive and give no byte, as after a sleep. */
function startSleeper(): Promise<TcpPeer & { fallSilent(): void }> {
  let silent: ReadonlySet<Socket> = new Set();
  return startTcpPeer(answerRequests((socket) => void (silent.has(socket) || socket.write(ok)))).then((peer) =>
    Object.assign(peer, { fallSilent: () => (silent = new Set(peer.sockets)) }),
  );
}

function open(peer: TcpPeer): number {
  return peer.sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
}

async function ended(sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) if (!socket.destroyed) await once(socket, "close");
}

describe("parked connections", () => {
  it("are told from fresh ones when a request is handed to them", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const http = createHttpTransport();
    const told: boolean[] = [];
    const onSocket = (reused: boolean): void => void told.push(reused);
    for (const freshSocket of [false, false, true, false]) {
      await drain(await post(http, peer, { freshSocket, onSocket }));
    }
    expect(told).toEqual([false, true, false, true]);
    http.close();
  });

  it("are not called reused once they were lost while idle and dialled again", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const http = createHttpTransport();
    await park(http, peer, 1);
    peer.sockets[0]?.end();
    await ended(peer.sockets);
    const told: boolean[] = [];
    await drain(await post(http, peer, { onSocket: (reused) => told.push(reused) }));
    expect(told).toEqual([false]);
    http.close();
  });

  it("are closed, all that were parked before the dead one was taken, when a fresh socket is asked for", async () => {
    await using peer = await startSleeper();
    const http = createHttpTransport();
    await park(http, peer, 4);
    peer.fallSilent();
    // The deadline of the first attempt passes: core aborts, and tries once more on a fresh socket.
    const deadline = new AbortController();
    const first = post(http, peer, {
      signal: deadline.signal,
      onSocket: (reused) => {
        expect(reused).toBe(true);
        setImmediate(() => deadline.abort(new Error("deadline")));
      },
    });
    await expect(first).rejects.toThrow("deadline");
    await drain(await post(http, peer, { freshSocket: true }));
    await ended(peer.sockets.slice(0, 4));
    expect(open(peer)).toBe(1);
    // What is parked now works: no later call pays for the others.
    await park(http, peer, 2);
    http.close();
  });

  it("stay where they were proved alive after the dead one was taken", async () => {
    let dead: Socket | undefined;
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        // The connection that is taken first from now on gives no byte any more.
        if (dead === undefined && peer.sockets.length === 2 && isAsleep) dead = socket;
        if (socket !== dead) socket.write(ok);
      }),
    );
    let isAsleep = false;
    const http = createHttpTransport();
    await park(http, peer, 2);
    isAsleep = true;
    const deadline = new AbortController();
    const first = post(http, peer, { signal: deadline.signal }).catch((error: unknown) => error);
    await until(() => dead !== undefined);
    await drain(await post(http, peer)); // over the other one, which lives
    deadline.abort(new Error("deadline"));
    await first;
    await drain(await post(http, peer, { freshSocket: true }));
    await ended(dead === undefined ? [] : [dead]);
    expect(open(peer)).toBe(2);
    http.close();
  });

  it("are closed by dropParked, and only they: a reply under way goes on", async () => {
    let stream: Socket | undefined;
    await using peer = await startTcpPeer((socket, received) => {
      if (received.includes("x-stream")) {
        stream = socket;
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
      } else if (received.endsWith("{}")) socket.write(ok);
    });
    const http = createHttpTransport();
    await park(http, peer, 3);
    const reply = await http.send(
      {
        method: "POST",
        url: `${peer.origin}/`,
        headers: { "content-length": "2", "x-stream": "1" },
        body: [Buffer.from("{}")],
      },
      { signal: AbortSignal.timeout(60_000), connectTimeoutMs: 30_000, freshSocket: false },
    );
    http.dropParked();
    await ended(peer.sockets.filter((socket) => socket !== stream));
    stream?.write("cd");
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("abcd");
    http.close();
  });
});
