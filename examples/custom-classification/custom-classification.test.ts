import { Balancer, type BalancerConfig, type ProviderConfig, send } from "@ccpb/core";
import { type ScriptedReply, scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { classifyForOurGateways } from "./classify.ts";

const question = { model: "claude-opus-5", max_tokens: 100, messages: [{ role: "user", content: "Who are you?" }] };

const answer: ScriptedReply = {
  body: JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-5",
    content: [{ type: "text", text: "Hello." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 5, output_tokens: 2 },
  }),
};

const provider = (name: string): ProviderConfig => ({
  name,
  type: "anthropic",
  baseUrl: `https://${name}.test`,
  auth: { type: "api_key", keys: ["key"] },
  bigModel: "passthrough",
  smallModel: "passthrough",
});

const config: BalancerConfig = { providers: [provider("first"), provider("second")] };

/** What a request comes to when the first provider answers `failure` and the second is well. */
async function askPast(failure: ScriptedReply) {
  const clock = new VirtualClock();
  const balancer = new Balancer(config, { clock, classify: classifyForOurGateways });
  const { transport } = scriptedTransport(clock, ({ url }) => (url.includes("first") ? failure : answer));
  const reply = await send(balancer.open(question), transport, { clock });
  return { clock, balancer, reply, first: () => balancer.status().providers[0] };
}

describe("a failure table of one's own", () => {
  it("leaves a gateway alone until the end of the maintenance that it announces", async () => {
    const until = new Date(new VirtualClock().wallNow() + 20 * 60_000).toISOString();
    const { clock, reply, first } = await askPast({ status: 503, headers: { "x-maintenance-until": until } });
    expect(reply).toMatchObject({ status: 200, provider: "second" });
    expect(first()).toMatchObject({ state: "open", cooldownRemainingMs: 20 * 60_000 });
    await clock.advance(20 * 60_000);
    expect(first()).toMatchObject({ state: "half-open", healthy: true });
  });

  it("asks the next provider when a content filter refuses, and cools nobody", async () => {
    const { reply, first } = await askPast({ status: 400, body: '{"error":{"code":"content_filter"}}' });
    expect(reply).toMatchObject({ status: 200, provider: "second", attempts: 2 });
    expect(first()).toMatchObject({ state: "closed" });
  });

  it("leaves everything else to the balancer's own table", async () => {
    const overloaded = await askPast({ status: 529 });
    expect(overloaded.reply.provider).toBe("second");
    const wrong = await askPast({ status: 400, body: '{"error":{"message":"max_tokens: too large"}}' });
    expect(wrong.reply).toMatchObject({ status: 400, provider: "first", attempts: 1 });
  });
});
