import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer } from "../running-server.ts";

async function ask(server: TestServer): Promise<number> {
  const response = await fetch(`${server.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }),
  });
  await response.text();
  return response.status;
}

const inSeconds = (seconds: number): number => Math.round(Date.now() / 1_000) + seconds;

/** What a Claude subscription states, answers and refusals alike. */
function subscription(used: number, resetsAt: number): Record<string, string> {
  return {
    "anthropic-ratelimit-unified-status": used >= 1 ? "rejected" : "allowed",
    "anthropic-ratelimit-unified-7d-status": used >= 1 ? "rejected" : "allowed",
    "anthropic-ratelimit-unified-7d-utilization": String(used),
    "anthropic-ratelimit-unified-7d-reset": String(resetsAt),
  };
}

describe("quota windows over sockets", () => {
  it("stand in /providers, in an explanation and in the metrics, and reach the client as the provider sent them", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using spare = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({
      providers: [provider("plan", upstream.url, { reserve: 5 }), provider("spare", spare.url)],
    });
    // Half a minute less than the 25 hours that durations are rounded up to.
    const resetsAt = inSeconds(89_970);
    upstream.script({ ...text("hello"), headers: subscription(0.96, resetsAt) });
    expect(await ask(server)).toBe(200);

    const { providers } = (await (await fetch(`${server.url}/providers`)).json()) as {
      providers: { quota: unknown }[];
    };
    expect(providers.map(({ quota }) => quota)).toMatchObject([
      [
        {
          key: 1,
          model: null,
          window: "7d",
          used: 0.96,
          length: 604_800,
          limit: null,
          resets_at: new Date(resetsAt * 1_000).toISOString(),
          credentials: 1,
        },
      ],
      [],
    ]);
    const explanation = await (await fetch(`${server.url}/providers/explain?model=claude-opus-5`)).text();
    expect(explanation).toContain("its window 7d is used to 96 %, and 5 % are kept back; it resets in 25 h");
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('ccpb_quota_used_ratio{provider="plan",key="1",window="7d"} 0.96');
    expect(metrics).toContain(`ccpb_quota_reset_timestamp_seconds{provider="plan",key="1",window="7d"} ${resetsAt}`);
    expect(await ask(server)).toBe(200);
    expect([upstream.requests.length, spare.requests.length]).toEqual([1, 1]);
  });

  it("are read of refusals too, of OpenAI's headers as of Anthropic's", async () => {
    await using plan = await startFakeUpstream({ dialect: "anthropic" });
    await using gateway = await startFakeUpstream({ dialect: "openai" });
    await using server = await startTestServer({
      providers: [
        provider("plan", plan.url),
        provider("gateway", gateway.url, { type: "openai", bigModel: "gpt-5.6" }),
      ],
    });
    plan.script(refuse(429, { errorType: "rate_limit_error" }, subscription(1, inSeconds(600))));
    gateway.script({
      ...text("hello"),
      headers: {
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "250",
        "x-ratelimit-reset-tokens": "6m0s",
      },
    });
    expect(await ask(server)).toBe(200);
    const { providers } = (await (await fetch(`${server.url}/providers`)).json()) as {
      providers: { quota: unknown }[];
    };
    expect(providers.map(({ quota }) => quota)).toMatchObject([
      [{ window: "7d", used: 1 }],
      [{ window: "tokens", model: "gpt-5.6", used: 0.75, limit: 1_000, remaining: 250 }],
    ]);
  });
});
