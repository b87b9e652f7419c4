import { refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { WebhookEvent } from "@ccpb/core/config";
import { webhookEvents } from "../../../core/src/config/webhooks-schema.ts";
import { provider, startTestServer, testKey, type TestServer } from "../running-server.ts";
import { startReceiver } from "./webhook-receiver.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function hook(url: string, events: readonly WebhookEvent[] = webhookEvents) {
  return { url, secret, events, format: "standard" } as const;
}

async function ask(server: TestServer): Promise<number> {
  const response = await fetch(`${server.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "claude-opus-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "a private prompt" }],
    }),
  });
  await response.text();
  return response.status;
}

/** The bodies of messages, each verified by the library of the standard. */
function verified(
  messages: readonly { readonly body: string; readonly headers: object }[],
): { type: string; data: Record<string, unknown> }[] {
  return messages.map(
    ({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>) as never,
  );
}

describe("webhooks over sockets", () => {
  it("tell that a key is refused, a provider is out, none is left, and one serves again", async () => {
    await using receiver = await startReceiver();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer(
      { providers: [provider("only", upstream.url)], settings: { lastResort: false } },
      { webhooks: [hook(receiver.url)] },
    );
    upstream.script(refuse(401, { errorType: "authentication_error", message: `invalid x-api-key ${testKey}` }));
    expect(await ask(server)).toBe(503);
    const told = verified(await receiver.until(3));
    expect(told.map(({ type }) => type)).toEqual(["credential.refused", "provider.down", "providers.all_down"]);
    expect(told[0]?.data).toMatchObject({
      provider: "only",
      key: 1,
      reason: expect.stringContaining("auth") as unknown,
    });
    server.balancer.reset();
    expect(await ask(server)).toBe(200);
    const back = verified(await receiver.until(5)).slice(3);
    expect(back.map(({ type }) => type)).toEqual(["provider.up", "providers.recovered"]);
    const all = receiver.messages.map(({ body }) => body).join("\n");
    for (const text of [testKey, "private prompt", secret, "secret-part"]) expect(all).not.toContain(text);
  });

  it("tell each hook what it wants, and follow a reload", async () => {
    await using some = await startReceiver();
    await using late = await startReceiver();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("only", upstream.url)] };
    await using server = await startTestServer(config, { webhooks: [hook(some.url, ["config.rejected"])] });
    upstream.script(refuse(401));
    await ask(server);
    const bad = { ...config, providers: [provider("only", upstream.url, { proxy: "ftp://nowhere" })] };
    expect((await server.server.reload(bad)).type).toBe("rejected");
    expect(verified(await some.until(1))).toMatchObject([{ type: "config.rejected" }]);
    const webhooks = [{ url: late.url, events: webhookEvents, format: "slack" }] as const;
    expect((await server.server.reload(config, { webhooks })).type).toBe("applied");
    expect((await server.server.reload(bad)).type).toBe("rejected");
    const [message] = await late.until(1);
    expect(JSON.parse(message?.body ?? "")).toEqual({
      text: expect.stringMatching(/^ccpb: The configuration was rejected/) as unknown,
    });
    expect(some.messages).toHaveLength(1);
  });

  it("delay no request and no stop, though the receiver never answers", async () => {
    await using receiver = await startReceiver(() => "hang");
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using spare = await startFakeUpstream({ dialect: "anthropic" });
    const server = await startTestServer(
      { providers: [provider("first", upstream.url), provider("spare", spare.url)] },
      { webhooks: [hook(receiver.url)] },
    );
    upstream.script(refuse(401));
    expect(await ask(server)).toBe(200);
    await receiver.until(1);
    // The receiver holds the first message; calls are served meanwhile, and the server ends.
    expect(await ask(server)).toBe(200);
    await server[Symbol.asyncDispose]();
    expect(receiver.messages).toHaveLength(1);
  });

  it("are written into the log when they are not taken, without the secret part of the address", async () => {
    await using receiver = await startReceiver(() => 410);
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer(
      { providers: [provider("only", upstream.url)] },
      { webhooks: [hook(receiver.url, ["provider.down"])] },
    );
    upstream.script(refuse(401));
    await ask(server);
    await receiver.until(1);
    await expect.poll(() => server.lines("webhook_failed")).toHaveLength(1);
    expect(server.text()).not.toContain("secret-part");
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('ccpb_webhooks_total{result="failed"} 1');
  });
});
