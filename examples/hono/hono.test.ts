import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Balancer } from "@ccpb/core";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { idle, type StartExample, testMessagesServer } from "../node-http/messages-server-suite.ts";
import { createApp } from "./app.ts";

const start: StartExample = async (balancer, transport) => {
  const server = createAdaptorServer(createApp(balancer, transport)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await once(server, "close");
    },
  };
};

describe("the Hono example", () => {
  // node-server says on the console that a stream broke, which one of the tests is about.
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
  afterEach(() => void vi.restoreAllMocks());

  testMessagesServer(start);

  it("tells whether somebody could serve", async () => {
    const { transport } = scriptedTransport(new VirtualClock(), () => ({}));
    const response = await createApp(new Balancer(idle), transport).request("/health");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "unhealthy" });
  });
});
