import { describe, expect, expectTypeOf, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import { type ByteSink, pour } from "../base/poured-body.ts";
import type { Reply } from "../base/reply.ts";
import { closing, delta, opening } from "../../test/message-events.ts";
import { type ScriptedReply, scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { toReadableStream, toResponse } from "./fetch.ts";
import { send } from "./send.ts";
import { nativeProvider } from "../../test/native-provider.ts";

const message = JSON.stringify({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-5",
  content: [{ type: "text", text: "Hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
});

async function replyTo(answer: ScriptedReply, { stream = true, agent = "sdk" } = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers: [nativeProvider("a")] }, { clock, random: () => 0.5 });
  const states: string[] = [];
  balancer.on("call-end", ({ state }) => void states.push(state));
  const { transport, requests } = scriptedTransport(clock, () => answer);
  const question = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };
  const call = balancer.open({ ...question, stream }, { headers: { "user-agent": agent } });
  const sent = send(call, transport, { clock });
  await clock.advance(0);
  return { clock, reply: await sent, states, requests };
}

const streamed: ScriptedReply = { body: [opening, delta("one"), delta("two"), closing] };
const broken: ScriptedReply = { body: [opening + delta("one"), { error: "read ECONNRESET" }] };

/** The ways to read a body that are promised to embedders. */
const ways: Readonly<Record<string, (reply: Reply) => Promise<string>>> = {
  "by iterating over it": async ({ body }) => {
    if (body instanceof Uint8Array) return new TextDecoder().decode(body);
    let text = "";
    for await (const chunk of body) text += new TextDecoder().decode(chunk);
    return text;
  },
  "as a ReadableStream": (reply) => new Response(toReadableStream(reply)).text(),
  "as a Response": (reply) => toResponse(reply).text(),
};

describe.each(Object.entries(ways))("a reply's body read %s", (_name, read) => {
  it("is the stream as the provider sent it", async () => {
    const { reply, states } = await replyTo(streamed);
    expect(await read(reply)).toBe(opening + delta("one") + delta("two") + closing);
    expect(states).toEqual(["complete"]);
  });

  it("is a whole answer", async () => {
    const { reply } = await replyTo({ body: message }, { stream: false });
    expect(JSON.parse(await read(reply))).toEqual(JSON.parse(message));
  });

  it("fails where the client's connection is to be aborted", async () => {
    const { reply } = await replyTo(broken, { agent: "claude-cli/2.1.330 (external, cli)" });
    await expect(read(reply)).rejects.toMatchObject({ code: "stream_broken" });
  });
});

describe("a reply's body as a ReadableStream", () => {
  it("cancels the upstream when it is cancelled", async () => {
    const { reply, states, requests } = await replyTo({ body: [opening + delta("one"), { hang: true }] });
    const reader = toReadableStream(reply).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(opening + delta("one"));
    await reader.cancel();
    expect(states).toEqual(["client_cancelled"]);
    expect(requests[0]?.signal.aborted).toBe(true);
  });
});

describe("pouring", () => {
  it("is no part of what a reply promises", () => {
    expectTypeOf<Reply["body"]>().toEqualTypeOf<Uint8Array | AsyncIterable<Uint8Array>>();
  });

  it("refuses a stream that is no reply's", () => {
    const sink: ByteSink = { write: () => true, end: () => undefined, fail: () => undefined };
    expect(() => pour(new Blob(["x"]).stream() as never, sink)).toThrow(
      "pour: body is not the body of a reply; iterate over it",
    );
  });
});
