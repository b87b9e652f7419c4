import { Balancer, type ProviderConfig, send } from "@ccpb/core";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";

const provider: ProviderConfig = {
  name: "a",
  type: "anthropic",
  baseUrl: "https://a.test",
  auth: { type: "api_key", keys: ["key-of-a-00000"] },
  bigModel: "passthrough",
  smallModel: "passthrough",
  enabled: true,
};

const event = (data: { type: string } & Record<string, unknown>) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const beginning =
  event({
    type: "message_start",
    message: { id: "m", type: "message", role: "assistant", model: "claude-opus-5", content: [], usage: {} },
  }) +
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
  event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } });
const end =
  event({ type: "content_block_stop", index: 0 }) +
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { input_tokens: 9, output_tokens: 2 } }) +
  event({ type: "message_stop" });

const body = new TextEncoder().encode(
  JSON.stringify({ model: "claude-opus-5", stream: true, max_tokens: 9, messages: [{ role: "user", content: "Hi" }] }),
);

/** Opens two streams one after the other: the first answer of a deployment is weighed, and so its request is kept to the end. */
async function secondStream(answer: readonly (string | { readonly hang: true })[]) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers: [provider] }, { clock });
  const whole = scriptedTransport(clock, () => ({ body: beginning + end }));
  await drained((await send(balancer.open({ body }), whole.transport)).body);
  const call = balancer.open({ body });
  const attempts: { readonly request: { readonly body: readonly Uint8Array[] } }[] = [];
  const next = call.next.bind(call);
  call.next = () => {
    const attempt = next();
    if (attempt) attempts.push(attempt);
    return attempt;
  };
  const { transport } = scriptedTransport(clock, () => ({ body: answer }));
  const reply = await send(call, transport);
  return { reply, attempts };
}

async function drained(stream: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  if (ArrayBuffer.isView(stream)) return new TextDecoder().decode(stream);
  let text = "";
  for await (const chunk of stream) text += new TextDecoder().decode(chunk);
  return text;
}

describe("what was sent", () => {
  it("is let go of when a stream has begun, which then goes on as ever", async () => {
    const { reply, attempts } = await secondStream([beginning, end]);
    expect(attempts.map(({ request }) => request.body)).toEqual([[]]);
    expect(await drained(reply.body)).toBe(beginning + end);
  });

  it("is kept until then: the next provider may need it", async () => {
    const clock = new VirtualClock();
    const balancer = new Balancer(
      { providers: [provider, { ...provider, name: "b", baseUrl: "https://b.test" }] },
      { clock },
    );
    const { transport, requests } = scriptedTransport(clock, ({ url }) =>
      url.includes("a.test") ? { body: [beginning.slice(0, 40), { error: "broken" }] } : { body: beginning + end },
    );
    for (let time = 0; time < 2; time += 1) {
      await drained((await send(balancer.open({ body }), transport)).body);
      await clock.advance(3_600_000);
    }
    expect(requests.map((request) => request.body)).toEqual(Array(4).fill(new TextDecoder().decode(body)));
  });
});
