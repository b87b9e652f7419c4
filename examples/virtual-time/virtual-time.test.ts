import { Balancer, send } from "@ccpb/core";
import { type ScriptedReply, type ScriptedRequest, scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { config } from "./providers.ts";

// No network and no waiting: a clock that moves when it is told to, and a transport that plays what the test says.

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

const isPreferred = ({ url }: ScriptedRequest): boolean => new URL(url).hostname === "preferred.example";

function stage(preferred: (request: ScriptedRequest, index: number) => ScriptedReply) {
  const clock = new VirtualClock();
  const balancer = new Balancer(config, { clock, random: () => 0.5 });
  const { transport, requests } = scriptedTransport(clock, (request, index) =>
    isPreferred(request) ? preferred(request, index) : answer,
  );
  const ask = async () => (await send(balancer.open(question), transport, { clock })).provider;
  const streamed = () => send(balancer.open({ ...question, stream: true }), transport, { clock });
  return { clock, balancer, requests, ask, streamed };
}

describe("our failover", () => {
  it("uses the spare while the preferred provider is down, and goes back to it 90 seconds later", async () => {
    let isDown = true;
    const { clock, ask, requests } = stage(() => (isDown ? { status: 500 } : answer));
    expect(await ask()).toBe("spare");
    isDown = false;

    await clock.advance(89_999);
    expect(await ask()).toBe("spare");
    await clock.advance(1);
    expect(await ask()).toBe("preferred");
    expect(requests.filter(isPreferred)).toHaveLength(2);
  });

  it("waits twice as long after a probe that fails", async () => {
    const { clock, balancer, ask } = stage(() => ({ status: 500 }));
    await ask();
    await clock.advance(90_000);
    await ask();
    expect(balancer.status().providers[0]).toMatchObject({ state: "open", cooldownRemainingMs: 180_000 });
  });

  it("gives a stream five seconds to begin", async () => {
    const { clock, streamed } = stage(() => ({ hang: true }));
    const asking = streamed();
    await clock.advance(4_999);
    await expect(Promise.race([asking, Promise.resolve("still waiting")])).resolves.toBe("still waiting");
    await clock.advance(1);
    expect((await asking).provider).toBe("spare");
  });
});
