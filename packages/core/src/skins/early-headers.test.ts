import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import { Cancellation } from "../base/cancellation.ts";
import type { BalancerSettings } from "../base/config-types.ts";
import { sendWithEarlyHeaders } from "./early-headers.ts";
import type { CcpbError } from "../base/errors.ts";
import type { CallTrace } from "../base/events.ts";
import { toResponse } from "./fetch.ts";
import { type BodyFlow, type ByteSink, pour } from "../base/poured-body.ts";
import type { Reply } from "../base/reply.ts";
import { respond } from "./respond.ts";
import { type ScriptedReply, scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { nativeProvider } from "../../test/native-provider.ts";
import { event } from "../../test/message-events.ts";

const opening =
  event({
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-5",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 7, output_tokens: 1 },
    },
  }) + event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
const delta = event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } });
const ending =
  event({ type: "content_block_stop", index: 0 }) +
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }) +
  event({ type: "message_stop" });
const whole = opening + delta + ending;
const ping = 'event: ping\ndata: {"type": "ping"}\n\n';

/** A sink that keeps what it is given, and is full from the `room`-th write on. */
class Sink implements ByteSink {
  text = "";
  end_: "open" | "ended" | "failed" = "open";
  error: unknown;
  writes = 0;
  room = Number.POSITIVE_INFINITY;

  write(bytes: Uint8Array): boolean {
    this.text += new TextDecoder().decode(bytes);
    this.writes += 1;
    return this.writes < this.room;
  }

  end(): void {
    expect(this.end_).toBe("open");
    this.end_ = "ended";
  }

  fail(error: unknown): void {
    expect(this.end_).toBe("open");
    this.end_ = "failed";
    this.error = error;
  }
}

interface Scene {
  readonly answers: readonly ScriptedReply[];
  readonly stream?: boolean;
  readonly settings?: Partial<BalancerSettings>;
  readonly earlyHeadersMs?: number;
}

function stage({ answers, stream = true, settings = {}, earlyHeadersMs = 20_000 }: Scene) {
  const clock = new VirtualClock();
  const providers = ["a", "b", "c"].slice(0, answers.length).map((name) => nativeProvider(name));
  const balancer = new Balancer({ providers, settings }, { clock, random: () => 0.5 });
  const traces: CallTrace[] = [];
  balancer.on("call-end", (trace) => void traces.push(trace));
  const { transport, requests } = scriptedTransport(clock, (asked) => {
    const index = providers.findIndex(({ baseUrl }) => asked.url.startsWith(baseUrl));
    return answers[index] ?? { failure: { message: "no answer" } };
  });
  const client = new Cancellation();
  const call = balancer.open({
    model: "claude-opus-5",
    max_tokens: 100,
    messages: [{ role: "user", content: "hello" }],
    stream,
  });
  const sent = sendWithEarlyHeaders(call, transport, { signal: client, earlyHeadersMs });
  sent.catch(() => undefined);
  return { clock, balancer, transport, requests, traces, client, call, sent };
}

async function replyAfter(clock: VirtualClock, sent: Promise<Reply>, ms: number): Promise<Reply> {
  await clock.advance(ms);
  return sent;
}

const streamOf = ({ body }: Reply): AsyncIterable<Uint8Array> => {
  if (body instanceof Uint8Array) throw new Error("a whole body");
  return body;
};

/** The two ways to read a body. */
const readers: Readonly<
  Record<string, (body: AsyncIterable<Uint8Array>) => { text: () => string; state: () => string }>
> = {
  poured(body) {
    const sink = new Sink();
    pour(body, sink);
    return { text: () => sink.text, state: () => sink.end_ };
  },
  iterated(body) {
    let text = "";
    let state = "open";
    const read = async (): Promise<void> => {
      for await (const chunk of body) text += new TextDecoder().decode(chunk);
    };
    read().then(
      () => (state = "ended"),
      () => (state = "failed"),
    );
    return { text: () => text, state: () => state };
  },
};

const late = { delayMs: 25_000, body: whole };
const errorOf = (status: number, type: string, message: string): ScriptedReply => ({
  status,
  delayMs: 25_000,
  body: JSON.stringify({ type: "error", error: { type, message } }, null, 2),
});

describe("early headers", () => {
  for (const [name, read] of Object.entries(readers)) {
    it(`go out after the time, with a ping at once and every 15 s, and the answer of the provider that serves (${name})`, async () => {
      const scene = stage({ answers: [{ delayMs: 29_000, status: 500 }, late] });
      const reply = await replyAfter(scene.clock, scene.sent, 20_000);
      expect(reply).toMatchObject({ status: 200, provider: "", attempts: 0 });
      let isPending = true;
      void reply.pending?.then(() => (isPending = false));
      expect(reply.headers).toEqual({ "content-type": "text/event-stream; charset=utf-8" });
      const seen = read(streamOf(reply));
      await scene.clock.advance(0);
      expect(seen.text()).toBe(ping);
      await scene.clock.advance(15_000);
      expect(seen.text()).toBe(ping + ping);
      expect(isPending).toBe(true);
      await scene.clock.advance(30_000);
      expect(seen.text()).toBe(ping + ping + ping + whole);
      expect(seen.state()).toBe("ended");
      expect(isPending).toBe(false);
      expect(scene.requests).toHaveLength(2);
      expect(scene.traces).toMatchObject([{ state: "complete", status: 200 }]);
      expect(scene.clock.pendingTimers).toBe(0);
    });

    it(`end with the error that the JSON would have had where nobody serves (${name})`, async () => {
      const refusal = errorOf(401, "authentication_error", "invalid x-api-key");
      const scene = stage({ answers: [refusal] });
      const twin = stage({ answers: [refusal], earlyHeadersMs: 0 });
      await twin.clock.advance(600_000);
      const thrown: unknown = await twin.sent.catch((error: unknown) => error);
      const { type, message } = thrown as CcpbError;
      const seen = read(streamOf(await replyAfter(scene.clock, scene.sent, 20_000)));
      await scene.clock.advance(600_000);
      expect(seen.state()).toBe("ended");
      expect(seen.text().match(/event: /g)?.length).toBe(seen.text().match(/event: ping\n/g)!.length + 1);
      const json: unknown = JSON.parse(/event: error\ndata: (.*)\n\n$/.exec(seen.text())?.[1] ?? "");
      expect(json).toEqual({ type: "error", request_id: scene.call.id, error: { type, message } });
      expect(scene.traces).toMatchObject([{ state: "error", status: 503 }]);
      expect(scene.clock.pendingTimers).toBe(0);
    });

    it(`end with the upstream's own error in one line where that is the answer (${name})`, async () => {
      const scene = stage({ answers: [errorOf(400, "invalid_request_error", "max_tokens: is too large")] });
      const seen = read(streamOf(await replyAfter(scene.clock, scene.sent, 20_000)));
      await scene.clock.advance(10_000);
      expect(seen.state()).toBe("ended");
      const [, data = ""] = /event: error\ndata: (.*)\n\n$/.exec(seen.text()) ?? [];
      expect(JSON.parse(data)).toMatchObject({ error: { message: "max_tokens: is too large" } });
    });

    it(`pass a break after content on as stream_failure says (${name})`, async () => {
      const broken = { delayMs: 25_000, body: [opening + delta, { error: "ECONNRESET" }] };
      for (const streamFailure of ["abort", "error"] as const) {
        const scene = stage({ answers: [broken], settings: { streamFailure } });
        const seen = read(streamOf(await replyAfter(scene.clock, scene.sent, 20_000)));
        await scene.clock.advance(20_000);
        expect(seen.text()).toContain(delta);
        expect(seen.state()).toBe(streamFailure === "abort" ? "failed" : "ended");
        expect(seen.text().includes("event: error")).toBe(streamFailure === "error");
      }
    });

    it(`end, and cancel the attempt, when the client's signal is aborted (${name})`, async () => {
      const scene = stage({ answers: [{ hang: true }] });
      const reply = await replyAfter(scene.clock, scene.sent, 20_000);
      const seen = read(streamOf(reply));
      await scene.clock.advance(0);
      scene.client.abort(new Error("gone"));
      await scene.clock.advance(0);
      expect(seen.text()).toBe(ping);
      expect(seen.state()).toBe("ended");
      await reply.pending;
      expect(scene.requests[0]?.signal.aborted).toBe(true);
      expect(scene.traces).toMatchObject([{ state: "client_cancelled" }]);
      expect(scene.clock.pendingTimers).toBe(0);
    });
  }

  it("do not go out where content, or an error, comes in time", async () => {
    const good = stage({ answers: [{ delayMs: 19_000, body: whole }] });
    expect(await replyAfter(good.clock, good.sent, 19_999)).toMatchObject({ provider: "a", attempts: 1 });
    const bad = stage({ answers: [{ ...errorOf(401, "authentication_error", "no"), delayMs: 1_000 }] });
    await bad.clock.advance(19_999);
    await expect(bad.sent).rejects.toMatchObject({ status: 503 });
    expect(bad.clock.pendingTimers).toBe(0);
  });

  it("do not go out for calls without streaming", async () => {
    const message = JSON.stringify({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-5",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 7, output_tokens: 5 },
    });
    const { clock, sent } = stage({ answers: [{ delayMs: 60_000, body: message }], stream: false });
    const reply = await replyAfter(clock, sent, 60_000);
    expect(reply).toMatchObject({ status: 200, provider: "a", attempts: 1 });
    expect(reply.pending).toBeUndefined();
  });

  it("wait for a client that does not read, with pings and with the answer", async () => {
    const { clock, sent } = stage({
      answers: [{ delayMs: 65_000, body: [opening + delta, ending] }],
      settings: { timeouts: slow },
    });
    const body = streamOf(await replyAfter(clock, sent, 20_000));
    const sink = new Sink();
    sink.room = 1;
    const flow: BodyFlow = pour(body, sink);
    await clock.advance(60_000);
    expect(sink.text).toBe(ping);
    sink.room = Number.POSITIVE_INFINITY;
    flow.resume();
    await clock.advance(0);
    expect(sink.text).toBe(ping + whole);
    expect(sink.end_).toBe("ended");
  });

  it("write an error that a full sink has taken before they end it", async () => {
    const { clock, sent } = stage({ answers: [errorOf(400, "invalid_request_error", "no")] });
    const sink = new Sink();
    sink.room = 2;
    const flow = pour(streamOf(await replyAfter(clock, sent, 20_000)), sink);
    await clock.advance(6_000);
    expect(sink.text).toContain("event: error");
    expect(sink.end_).toBe("open");
    flow.resume();
    expect(sink.end_).toBe("ended");
  });

  it("cancel the call at once when the body is left, before and after the answer has begun", async () => {
    for (const leaveAfterMs of [0, 8_000]) {
      const scene = stage({ answers: [{ delayMs: 25_000, body: [opening + delta, { hang: true }] }] });
      const iterator = streamOf(await replyAfter(scene.clock, scene.sent, 20_000))[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next();
      await scene.clock.advance(leaveAfterMs);
      await iterator.return?.();
      await scene.clock.advance(0);
      await waiting;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(scene.requests[0]?.signal.aborted).toBe(true);
      expect(scene.clock.pendingTimers).toBe(0);

      const poured = stage({ answers: [{ delayMs: 25_000, body: [opening + delta, { hang: true }] }] });
      const sink = new Sink();
      const flow = pour(streamOf(await replyAfter(poured.clock, poured.sent, 20_000)), sink);
      await poured.clock.advance(leaveAfterMs);
      flow.stop();
      await poured.clock.advance(0);
      expect(sink.end_).toBe("open");
      expect(poured.requests[0]?.signal.aborted).toBe(true);
      expect(poured.clock.pendingTimers).toBe(0);
    }
  });

  it("leave no listener on a signal that outlives the call", async () => {
    let listeners = 0;
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: () => (listeners += 1),
      removeEventListener: () => (listeners -= 1),
    };
    for (const delayMs of [1_000, 25_000]) {
      const { balancer, clock, transport } = stage({ answers: [{ delayMs, body: whole }] });
      const call = balancer.open({
        model: "claude-opus-5",
        max_tokens: 1,
        messages: [{ role: "user", content: "x" }],
        stream: true,
      });
      const sent = sendWithEarlyHeaders(call, transport, { signal, earlyHeadersMs: 20_000 });
      await clock.advance(20_000);
      const { body } = await sent;
      if (!(body instanceof Uint8Array)) pour(body, new Sink());
      await clock.advance(20_000);
    }
    expect(listeners).toBe(0);
  });

  it("are sent by respond as the configuration says, without the names that are not known yet", async () => {
    const { balancer, clock, transport } = stage({ answers: [late], settings: { earlyHeadersMs: 5_000 } });
    const body = new TextEncoder().encode(
      JSON.stringify({
        model: "claude-opus-5",
        max_tokens: 9,
        messages: [{ role: "user", content: "hi" }],
        stream: true,
      }),
    );
    const answered = respond(balancer, { method: "POST", url: "/v1/messages", headers: {}, body }, transport);
    await clock.advance(5_000);
    const response = toResponse(await answered);
    expect([...response.headers.keys()]).toEqual(["content-type"]);
    const text = response.text();
    await clock.advance(60_000);
    expect(await text).toBe(ping + ping + whole);
  });
});

const slow = {
  connectMs: 10_000,
  responseMs: 200_000,
  firstContentMs: 200_000,
  idleMs: 200_000,
  totalMs: 300_000,
  callMs: 600_000,
};
