import { once } from "node:events";
import type { Socket } from "node:net";
import { beforeAll, expect, it } from "vitest";
import { buildBinary, providersYaml } from "../cli/ccpb-process.ts";
import { openSocket } from "../running-server.ts";
import { WorkersStage } from "./stage.ts";

beforeAll(buildBinary);
const liveness = "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

/** The status of one answer on a connection that stays open; NaN where it is closed instead. */
async function statusOn(socket: Socket): Promise<number> {
  socket.write(liveness);
  const [chunk] = (await Promise.race([once(socket, "data"), once(socket, "close").then(() => [""])])) as [
    Buffer | string,
  ];
  return Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString("latin1"))?.[1]);
}

it("settings.max_connections is divided between the workers", async () => {
  await using stage = await WorkersStage.start(
    providersYaml("http://127.0.0.1:9", "  workers: 2\n  max_connections: 4\n"),
    2,
  );
  const port = Number(new URL(stage.url).port);
  const sockets: Socket[] = [];
  const statuses: number[] = [];
  // The primary gives the workers their connections in turn.
  for (let index = 0; index < 6; index += 1) {
    const socket = await openSocket(port);
    sockets.push(socket);
    statuses.push(await statusOn(socket));
  }
  expect(statuses).toEqual([200, 200, 200, 200, 503, 503]);
  for (const socket of sockets) socket.destroy();
});
