import { createFetch } from "@ccpb/core";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { call, messagesBody, postMessages, provider, startTestServer } from "../running-server.ts";

const name = "月之暗面";
const encoded = "%E6%9C%88%E4%B9%8B%E6%9A%97%E9%9D%A2";

describe("a provider whose name no header can hold", () => {
  it("serves, streamed and not, and is named percent-encoded", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider(name, upstream.url)] });
    for (const stream of [false, true]) {
      const reply = await postMessages(server.url, { stream });
      expect(reply.status).toBe(200);
      expect(reply.headers["x-ccpb-provider"]).toBe(encoded);
      expect(reply.body).toContain("Hi");
    }
  });

  it("serves in process too", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider(name, upstream.url)] });
    const transport = createHttpTransport();
    const fetch = createFetch(server.balancer, transport.send);
    const reply = await fetch("https://api.example/v1/messages", { method: "POST", body: messagesBody() });
    expect([reply.status, reply.headers.get("x-ccpb-provider")]).toEqual([200, encoded]);
    transport.close();
  });

  it("can be pinned by the encoded name or by its bytes", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("first") });
    await using second = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("second") });
    await using server = await startTestServer({
      providers: [provider("100%25", first.url), provider(name, second.url)],
      settings: { allowProviderPin: true },
    });
    for (const pin of [encoded, Buffer.from(name).toString("latin1")]) {
      const headers = { "content-type": "application/json", "x-ccpb-provider": pin };
      // With a string for a body, Node would write the header in the body's encoding.
      const body = Buffer.from(messagesBody());
      const reply = await call(server.url, "/v1/messages", { method: "POST", headers, body });
      expect(reply.body).toContain("second");
    }
    expect((await postMessages(server.url, {}, { "x-ccpb-provider": "100%25" })).body).toContain("first");
    expect((await postMessages(server.url, {}, { "x-ccpb-provider": "%FF%" })).status).toBe(404);
  });
});
