import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { RawClient } from "../test/raw-client.ts";
import { closedPort, startBlackhole } from "./index.ts";

it("a blackhole accepts, and neither reads nor answers", async () => {
  await using blackhole = await startBlackhole();
  using client = new RawClient(blackhole.port);
  client.post("/v1/messages", { content: "x".repeat(20_000_000) });
  await client.connected();
  expect(await client.isSilentFor(40)).toBe(true);
  expect(blackhole.connections).toBe(1);
  expect(client.socket.writableLength).toBeGreaterThan(0);
  await blackhole.close();
  await client.ended();
  expect(blackhole.connections).toBe(0);
});

it("nobody listens on a closed port", async () => {
  const [error] = await once(connect(await closedPort(), "127.0.0.1"), "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});
