import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { BalancerOptions } from "../balancer/balancer-options.ts";
import { send } from "../skins/send.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { traceContextOf } from "./trace-context.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("the trace context of a client's request", () => {
  it.each([
    [{ traceparent }, { traceparent }],
    [
      { traceparent, tracestate: "a=1,b=2" },
      { traceparent, tracestate: "a=1,b=2" },
    ],
    [{ traceparent, tracestate: "" }, { traceparent }],
    [{ traceparent, tracestate: "x".repeat(513) }, { traceparent }],
    [{ traceparent: `${traceparent}\r\nx-evil: 1` }, undefined],
    [{ traceparent: traceparent.toUpperCase() }, undefined],
    [{ traceparent: "" }, undefined],
    [{ tracestate: "a=1" }, undefined],
    [{}, undefined],
  ])("of %j is %j", (headers, expected) => {
    expect(traceContextOf(headers).traceContext).toEqual(expected);
  });
});

describe("headers that are added to an attempt's request", () => {
  async function headersWith(attemptHeaders: NonNullable<BalancerOptions["attemptHeaders"]>) {
    const clock = new VirtualClock();
    const providers = ["a", "b"].map((name) => ({
      name,
      type: "anthropic" as const,
      baseUrl: `https://${name}.test`,
      auth: { type: "api_key" as const, keys: [`${name}-key-0000000000`] },
      bigModel: `${name}-model`,
    }));
    const balancer = new Balancer({ providers }, { clock, attemptHeaders });
    const body = JSON.stringify({ type: "message", role: "assistant", model: "m", content: [], usage: {} });
    const { transport, requests } = scriptedTransport(clock, (_request, index) =>
      index === 0 ? { status: 500, body: "{}" } : { body },
    );
    const request = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
    const { status } = await send(balancer.open(request as never), transport, { clock });
    return { status, headers: requests.map((one) => one.headers) };
  }

  it("are asked for once an attempt, by the call's id, the number, the provider and its model", async () => {
    const asked: string[] = [];
    const { headers } = await headersWith(({ callId, number, provider, model }) => {
      asked.push(`${number} ${provider} ${model} ${callId.startsWith("req_ccpb_")}`);
      return { traceparent: `number ${number}` };
    });
    expect(asked).toEqual(["1 a a-model true", "2 b b-model true"]);
    expect(headers.map((one) => [one["traceparent"], one["x-api-key"]])).toEqual([
      ["number 1", "a-key-0000000000"],
      ["number 2", "b-key-0000000000"],
    ]);
  });

  it("fail no call, whatever the function does", async () => {
    const { status, headers } = await headersWith(() => {
      throw new Error("the tracer is broken");
    });
    expect(status).toBe(200);
    expect(headers[0]).not.toHaveProperty("traceparent");
  });
});
