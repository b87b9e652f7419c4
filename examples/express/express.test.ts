import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect, it } from "vitest";
import { Balancer } from "@ccpb/core";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { type StartExample, testMessagesServer } from "../node-http/messages-server-suite.ts";
import { messagesRouter } from "./router.ts";

const start: StartExample = async (balancer, transport) => {
  const server = express().use(messagesRouter(balancer, transport)).listen(0, "127.0.0.1");
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

describe("the Express example", () => {
  testMessagesServer(start);

  it("counts tokens even where no provider can", async () => {
    const { transport } = scriptedTransport(new VirtualClock(), () => ({ status: 500 }));
    const balancer = new Balancer({
      providers: [
        {
          name: "only",
          type: "anthropic",
          baseUrl: "http://only.test",
          auth: { type: "api_key", keys: ["key"] },
          bigModel: "passthrough",
          smallModel: "passthrough",
        },
      ],
    });
    await using example = await start(balancer, transport);
    const response = await fetch(`${example.url}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "claude-opus-5", messages: [{ role: "user", content: "Who are you?" }] }),
    });
    expect(response.status).toBe(200);
    expect(((await response.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(0);
    const providers = (await (await fetch(`${example.url}/providers`)).json()) as { currentProvider: string };
    expect(providers.currentProvider).toBe("only");
  });
});
