import Fastify from "fastify";
import { Balancer } from "@ccpb/core";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { idle, type StartExample, testMessagesServer } from "../node-http/messages-server-suite.ts";
import { messagesPlugin } from "./plugin.ts";

const start: StartExample = async (balancer, transport) => {
  const app = Fastify({ forceCloseConnections: true });
  app.register(messagesPlugin, { balancer, transport });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url, [Symbol.asyncDispose]: () => app.close() };
};

describe("the Fastify example", () => {
  testMessagesServer(start);

  it("leaves the rest of the application as it is", async () => {
    const { transport } = scriptedTransport(new VirtualClock(), () => ({}));
    const app = Fastify();
    app.register(messagesPlugin, { balancer: new Balancer(idle), transport });
    app.post("/echo", (request, reply) => reply.send(request.body));
    const echoed = await app.inject({ method: "POST", url: "/echo", payload: { parsed: true } });
    expect(echoed.json()).toEqual({ parsed: true });
    const wrong = await app.inject({ method: "POST", url: "/v1/messages", payload: { parsed: true } });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });
});
