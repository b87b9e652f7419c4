import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { Balancer } from "@ccpb/core";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { idle, type StartExample, testMessagesServer } from "./messages-server-suite.ts";
import { createMessagesServer } from "./server.ts";

const start: StartExample = async (balancer, transport) => {
  const server = createMessagesServer(balancer, transport).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
};

describe("the node:http example", () => {
  testMessagesServer(start);

  it("refuses a body over 32 MiB", async () => {
    const { transport, requests } = scriptedTransport(new VirtualClock(), () => ({}));
    await using example = await start(new Balancer(idle), transport);
    const body = new Uint8Array(32 * 1024 * 1024 + 1);
    const response = await fetch(`${example.url}/v1/messages`, { method: "POST", body });
    expect(response.status).toBe(413);
    expect(requests).toHaveLength(0);
  });

  it("knows no other routes", async () => {
    const { transport } = scriptedTransport(new VirtualClock(), () => ({}));
    await using example = await start(new Balancer(idle), transport);
    const response = await fetch(`${example.url}/v1/files`);
    expect(response.status).toBe(404);
  });
});
