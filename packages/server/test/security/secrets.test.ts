import { inspect } from "node:util";
import { echoCredentials, refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/log/redact.ts";
import { call, messagesBody, postMessages, provider, startTestServer } from "../running-server.ts";
import { startTcpPeer } from "../tcp-peer.ts";

const providerKey = "sk-ant-api03-PROVIDER_secret-0123456789";
const oddKey = 'odd"key\\with-quotes-42';
const ownKey = "own-key-of-this-server-77";
const clientKey = "sk-ant-oat01-CLIENT_secret-9876543210";
const proxyPassword = "proxy-pass-5511";
const headerSecret = "header-token-8833";
const prompt = "PROMPT-TEXT-THAT-MUST-NOT-BE-LOGGED";
const secrets = [providerKey, oddKey, ownKey, clientKey, proxyPassword, headerSecret];

function expectNone(text: string): void {
  for (const secret of [...secrets, JSON.stringify(oddKey).slice(1, -1)]) expect(text).not.toContain(secret);
}

describe("secrets", () => {
  it("come through no door: log lines at DEBUG, /providers, /metrics, errors, upstream texts that echo keys, util.inspect", async () => {
    await using echo = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: echoCredentials(400) });
    await using broken = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: refuse(500, { message: `bad key ${oddKey} and ${providerKey} and ${prompt}` }),
    });
    await using notHttp = await startTcpPeer((socket, received) => socket.end(`junk ${received}`));
    const auth = { type: "api_key", keys: [providerKey, oddKey] } as const;
    const headers = { "x-auth-token": headerSecret };
    const providers = [
      provider("broken", broken.url, { auth, headers }),
      provider("junk", notHttp.origin, { auth }),
      provider("proxied", "http://upstream.test", { auth, proxy: `http://user:${proxyPassword}@127.0.0.1:9` }),
      provider("passing", notHttp.origin, { auth: { type: "passthrough" } }),
      provider("echo", echo.url, { auth, headers }),
    ];
    await using server = await startTestServer({ providers }, { auth: { apiKeys: [ownKey], exemptPaths: [] } });
    const credentials = { "x-api-key": ownKey, authorization: `Bearer ${clientKey}` };
    const seen: string[] = [];
    const messages = [{ role: "user", content: prompt }];
    for (const stream of [false, true])
      seen.push((await postMessages(server.url, { stream, messages }, credentials)).body);
    for (const path of ["/providers", "/metrics", "/health", "/v1/models", "/nowhere"]) {
      const reply = await call(server.url, path, { headers: credentials });
      seen.push(reply.body, JSON.stringify(reply.headers));
    }
    seen.push(
      (
        await call(server.url, "/v1/messages/count_tokens", {
          method: "POST",
          headers: { ...credentials, "content-type": "application/json" },
          body: messagesBody(),
        })
      ).body,
    );
    seen.push((await call(server.url, "/providers", { headers: { "x-api-key": clientKey } })).body);
    seen.push(inspect(server.balancer, { depth: 10 }), inspect(server.server, { depth: 10 }));
    seen.push(inspect(server.balancer.status(), { depth: 10 }));
    expect(server.lines("provider_request_failed").length).toBeGreaterThan(3);
    for (const text of seen) expectNone(text);
    expectNone(server.text());
    expect(server.text()).not.toContain(prompt);
  });

  it("are taken out of text in every form that they may have in a line of JSON", () => {
    const redact = createRedactor([providerKey, oddKey, "abc"]);
    expect(redact(JSON.stringify({ a: providerKey, b: oddKey, c: "abc" }))).toBe(
      '{"a":"[redacted]","b":"[redacted]","c":"abc"}',
    );
    expect(redact("Authorization: Bearer abcdefgh.ijkl")).toBe("Authorization: Bearer [redacted]");
    expect(redact("key sk-proj-0123456789abcdef is wrong")).toBe("key [redacted] is wrong");
    expect(redact("nothing to see: task-force, risk-averse, sk-8")).toBe(
      "nothing to see: task-force, risk-averse, sk-8",
    );
  });
});
