import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { BalancerConfig, BalancerSettings, ProviderConfig } from "../base/config-types.ts";
import type { CcpbError } from "../base/errors.ts";
import type { CallTrace } from "../base/events.ts";
import { send } from "./send.ts";
import { type ScriptedReply, type ScriptedRequest, scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { nativeProvider } from "../../test/native-provider.ts";
import { event } from "../../test/message-events.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const start = event({
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
});
const textStart = event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
const delta = (text: string) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
const ending =
  event({ type: "content_block_stop", index: 0 }) +
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }) +
  event({ type: "message_stop" });
const whole = start + textStart + delta("Hi") + ending;
const message = JSON.stringify({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-5",
  content: [{ type: "text", text: "Hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 7, output_tokens: 5 },
});
const request = { model: "claude-opus-5", max_tokens: 100, messages: [{ role: "user", content: "hello" }] };
const streamed = { ...request, stream: true };

interface Scene {
  readonly providers?: readonly ProviderConfig[];
  readonly settings?: Partial<BalancerSettings>;
  readonly answers: Readonly<
    Record<string, ScriptedReply | ((request: ScriptedRequest, index: number) => ScriptedReply)>
  >;
}

function stage({ providers = [nativeProvider("a"), nativeProvider("b")], settings = {}, answers }: Scene) {
  const clock = new VirtualClock();
  const config: BalancerConfig = { providers, settings };
  const balancer = new Balancer(config, { clock, random: () => 0.5 });
  const traces: CallTrace[] = [];
  balancer.on("call-end", (trace) => void traces.push(trace));
  const scripted = scriptedTransport(clock, (asked, index) => {
    const name = new URL(asked.url).hostname.split(".")[0] as string;
    const answer = answers[name] ?? { failure: { message: "connect ECONNREFUSED" } };
    return typeof answer === "function" ? answer(asked, index) : answer;
  });
  const ask = async (
    body: typeof request & { stream?: boolean },
    options: { signal?: AbortSignal; headers?: Record<string, string> } = {},
  ) => {
    const call = balancer.open(body, options.headers ? { headers: options.headers } : {});
    return send(call, scripted.transport, { clock, ...(options.signal && { signal: options.signal }) });
  };
  return {
    clock,
    balancer,
    traces,
    ask,
    requests: scripted.requests,
    hosts: () => scripted.requests.map(({ url }) => new URL(url).hostname.split(".")[0]),
  };
}

async function read(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  if (body instanceof Uint8Array) return decode(body);
  let text = "";
  for await (const chunk of body) text += decode(chunk);
  return text;
}

/** Moves virtual time until the promise has settled. */
async function settle<T>(clock: VirtualClock, promise: Promise<T>, stepMs = 1_000, limitMs = 1_000_000): Promise<T> {
  let isDone = false;
  const watched = promise.finally(() => {
    isDone = true;
  });
  watched.catch(() => undefined);
  await clock.advance(0);
  for (let passedMs = 0; !isDone && passedMs < limitMs; passedMs += stepMs) await clock.advance(stepMs);
  return watched;
}

const faults: Readonly<Record<string, ScriptedReply>> = {
  "a refused connection": { failure: { message: "connect ECONNREFUSED" } },
  "a 500": { status: 500, body: "oops" },
  "a 529": { status: 529, body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' },
  "a 429": { status: 429, headers: { "retry-after": "7" }, body: "{}" },
  "a 401": { status: 401, body: "{}" },
  "a redirect": { status: 302, headers: { location: "https://elsewhere.test" } },
  "a 204": { status: 204 },
  "silence before the headers": { hang: true },
  "silence after the headers": { body: [{ hang: true }] },
  "pings and silence": { body: [start, event({ type: "ping" }), { hang: true }] },
  "a cut before content": { body: [start, { error: "read ECONNRESET" }] },
  "a clean end before content": { body: [start, textStart] },
  "an error event before content": {
    body: [start, event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })],
  },
  "an HTML page": { body: "<html>\n<body>hi</body></html>" },
  "an empty body": { body: "" },
  "an empty object": { body: "{}" },
  "an error object with status 200": { body: '{"error":{"message":"nope"}}' },
  "cut JSON": { body: message.slice(0, -10) },
};

describe("send", () => {
  describe.each(Object.entries(faults))("with %s at the first provider", (_name, fault) => {
    it("answers a stream whole from the second, and the client sees nothing of the first", async () => {
      const { clock, ask, hosts, traces } = stage({ answers: { a: fault, b: { body: whole } } });
      const reply = await settle(clock, ask(streamed));
      expect(await read(reply.body)).toBe(whole);
      expect(reply).toMatchObject({ status: 200, provider: "b", attempts: 2 });
      expect(hosts()).toEqual(["a", "b"]);
      expect(traces).toMatchObject([{ state: "complete", attempts: [{ outcome: "failed" }, { outcome: "complete" }] }]);
    });

    it("answers a call without streaming whole from the second", async () => {
      const { clock, ask } = stage({ answers: { a: fault, b: { body: message } } });
      const reply = await settle(clock, ask(request));
      expect(await read(reply.body)).toBe(message);
      expect(reply).toMatchObject({ status: 200, provider: "b", attempts: 2 });
    });

    it("keeps the first out of the next call, and tries it again after its cooldown", async () => {
      const { clock, ask, hosts } = stage({ answers: { a: fault, b: { body: whole } } });
      await settle(clock, ask(streamed));
      await settle(clock, ask(streamed));
      expect(hosts()).toEqual(["a", "b", "b"]);
      await clock.advance(600_000);
      await settle(clock, ask(streamed));
      expect(hosts()).toEqual(["a", "b", "b", "a", "b"]);
    });

    it("fails with a 503 that names the reason where nobody is left", async () => {
      const { clock, ask } = stage({ providers: [nativeProvider("a")], answers: { a: fault } });
      const error = (await settle(
        clock,
        ask(streamed).catch((caught: unknown) => caught),
      )) as CcpbError;
      expect(error).toMatchObject({ code: "providers_unavailable", status: 503, type: "api_error" });
      expect(error.message).toMatch(
        /^All providers are currently unavailable. Please try again later. \(a: [a-z-]+\)$/,
      );
      expect(error.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    });
  });

  it("passes a 400 of an anthropic provider on verbatim, tries nobody else and cools nobody", async () => {
    const body =
      '{"type":"error","error":{"type":"invalid_request_error","message":"messages.0: nope"},"request_id":"req_up"}';
    const { clock, ask, hosts, balancer } = stage({
      answers: { a: { status: 400, headers: { "request-id": "req_up" }, body } },
    });
    const reply = await settle(clock, ask(streamed));
    expect(reply).toMatchObject({
      status: 400,
      provider: "a",
      headers: { "request-id": "req_up", "content-type": "application/json" },
    });
    expect(await read(reply.body)).toBe(body);
    expect(hosts()).toEqual(["a"]);
    expect(balancer.status().providers[0]).toMatchObject({ healthy: true, failureCount: 0 });
  });

  it("takes the provider's own key out of headers that it passes on", async () => {
    const headers = { "request-id": "req of key-of-a-000", "anthropic-organization-id": "key-of-a-000" };
    for (const answer of [
      { headers: { ...headers, "content-type": "text/event-stream" }, body: whole },
      { status: 400, headers, body: '{"type":"error","error":{"type":"invalid_request_error","message":"nope"}}' },
    ]) {
      const { clock, ask } = stage({ answers: { a: answer } });
      const reply = await settle(clock, ask(streamed));
      expect(reply.headers).toMatchObject({
        "request-id": "req of [redacted]",
        "anthropic-organization-id": "[redacted]",
      });
    }
  });

  it("takes the provider's own key out of a body that it passes on", async () => {
    const body = '{"type":"error","error":{"type":"invalid_request_error","message":"bad key-of-a-000"}}';
    const { clock, ask } = stage({ answers: { a: { status: 400, body } } });
    expect(await read((await settle(clock, ask(request))).body)).not.toContain("key-of-a-000");
  });

  it("answers the first 404 where everybody says 404, and a 503 where others failed otherwise", async () => {
    const notFound = { status: 404, body: '{"type":"error","error":{"type":"not_found_error","message":"model: x"}}' };
    const all = stage({ answers: { a: notFound, b: { status: 404, body: "{}" } } });
    expect(await settle(all.clock, all.ask(request))).toMatchObject({ status: 404, provider: "a" });
    const mixed = stage({ answers: { a: notFound, b: { status: 500 } } });
    await expect(settle(mixed.clock, mixed.ask(request))).rejects.toMatchObject({ status: 503 });
  });

  it("cools the deployment of a 404 only when another provider has served the call", async () => {
    const notFound = { status: 404, body: "{}" };
    const served = stage({ answers: { a: notFound, b: { body: message } } });
    await settle(served.clock, served.ask(request));
    await settle(served.clock, served.ask(request));
    expect(served.hosts()).toEqual(["a", "b", "b"]);
    const alone = stage({ providers: [nativeProvider("a")], answers: { a: notFound } });
    await settle(alone.clock, alone.ask(request));
    await settle(alone.clock, alone.ask(request));
    expect(alone.hosts()).toEqual(["a", "a"]);
  });

  it("ends a stream that breaks after content with an error event, closes no block and cools the provider", async () => {
    const { clock, ask, traces, hosts } = stage({
      answers: { a: { body: [start, textStart, delta("Hi"), { error: "read ECONNRESET" }] }, b: { body: whole } },
    });
    const reply = await settle(clock, ask(streamed));
    const text = await read(reply.body);
    expect(text.startsWith(start + textStart + delta("Hi"))).toBe(true);
    expect(text.slice((start + textStart + delta("Hi")).length)).toMatch(
      /^event: error\ndata: {"type":"error","error":{"type":"api_error","message":"[^"]+"}}\n\n$/,
    );
    expect(traces).toMatchObject([{ state: "truncated" }]);
    await settle(clock, ask(streamed));
    expect(hosts()).toEqual(["a", "b"]);
  });

  it("aborts the connection instead for Claude Code 2.1 and later", async () => {
    const { clock, ask } = stage({
      answers: { a: { body: [start, textStart, delta("Hi"), { error: "read ECONNRESET" }] } },
    });
    const reply = await settle(
      clock,
      ask(streamed, { headers: { "user-agent": "claude-cli/2.1.330 (external, cli)" } }),
    );
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const chunk of reply.body as AsyncIterable<Uint8Array>) seen.push(decode(chunk));
      })(),
    ).rejects.toMatchObject({ code: "stream_broken" });
    expect(seen.join("")).toBe(start + textStart + delta("Hi"));
  });

  it("says overloaded at the end where the upstream said so", async () => {
    const overloaded = event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    const { clock, ask } = stage({ answers: { a: { body: [start + textStart + delta("Hi"), overloaded] } } });
    expect(await read((await settle(clock, ask(streamed))).body)).toContain(
      '{"type":"overloaded_error","message":"Overloaded"}',
    );
  });

  it("ends at message_stop although the upstream leaves the connection open, and lets go of it", async () => {
    const { clock, ask, requests } = stage({
      answers: { a: { body: [start, textStart, delta("Hi"), ending, { hang: true }] } },
    });
    const reply = await settle(clock, ask(streamed));
    expect(await read(reply.body)).toBe(whole);
    await clock.advance(1_000);
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  it("sends pings while the upstream is silent, and breaks off at the idle deadline", async () => {
    const { clock, ask, traces } = stage({
      answers: { a: { body: [start + textStart + delta("Hi"), { hang: true }] } },
    });
    const reply = await settle(clock, ask(streamed));
    const text = await settle(clock, read(reply.body));
    expect(text.match(/event: ping/g)).toHaveLength(7);
    expect(text).toMatch(/event: error\n[^\n]+\n\n$/);
    expect(traces[0]?.attempts[0]).toMatchObject({ phase: "idle", outcome: "failed" });
  });

  it("does not count the client's own slowness against the upstream", async () => {
    const { clock, ask } = stage({
      answers: { a: { body: [start + textStart + delta("Hi"), delta("there"), ending] } },
    });
    const reply = await settle(clock, ask(streamed));
    const iterator = (reply.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    await iterator.next();
    await clock.advance(500_000);
    const rest: string[] = [];
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next())
      rest.push(decode(step.value));
    expect(rest.join("")).toBe(delta("there") + ending);
  });

  it("gives a call without streaming its total, whatever request_timeout says", async () => {
    const { clock, ask, hosts } = stage({ answers: { a: { delayMs: 250_000, body: message } } });
    const reply = await settle(clock, ask(request));
    expect(reply.provider).toBe("a");
    expect(hosts()).toEqual(["a"]);
  });

  it("cancels the upstream at once when the client leaves, whatever stage it is in, and charges nobody", async () => {
    for (const answer of [
      { hang: true as const },
      { body: [{ hang: true as const }] },
      { body: [start, { hang: true as const }] },
    ]) {
      const { clock, ask, requests, balancer, traces, hosts } = stage({ answers: { a: answer, b: { body: whole } } });
      const controller = new AbortController();
      const pending = ask(streamed, { signal: controller.signal });
      const settled = pending.catch((error: unknown) => error);
      await clock.advance(1_000);
      controller.abort(new Error("client left"));
      await clock.advance(0);
      expect(await settled).toMatchObject({ message: "client left" });
      expect(requests[0]?.signal.aborted).toBe(true);
      expect(hosts()).toEqual(["a"]);
      expect(balancer.status().providers[0]).toMatchObject({ healthy: true, failureCount: 0, inFlight: 0 });
      expect(traces).toMatchObject([{ state: "client_cancelled" }]);
    }
  });

  it("cancels the upstream when the client stops reading a stream", async () => {
    const { clock, ask, requests, balancer, traces } = stage({
      answers: { a: { body: [start + textStart + delta("Hi"), { hang: true }] } },
    });
    const reply = await settle(clock, ask(streamed));
    for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(balancer.status().providers[0]).toMatchObject({ healthy: true, inFlight: 0 });
    expect(traces).toMatchObject([{ state: "client_cancelled" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("tries the same provider once more on a fresh socket when a reused one died before it answered", async () => {
    const { clock, ask, requests, hosts } = stage({
      answers: {
        a: (asked) =>
          asked.freshSocket ? { body: message } : { failure: { message: "socket hang up", reusedSocket: true } },
      },
    });
    expect(await settle(clock, ask(request))).toMatchObject({ provider: "a", attempts: 2 });
    expect(hosts()).toEqual(["a", "a"]);
    expect(requests.map(({ freshSocket }) => freshSocket)).toEqual([false, true]);
  });

  it("strips all thinking and tries once more after a signature 400", async () => {
    const refusal =
      '{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}';
    const { clock, ask, requests } = stage({
      answers: {
        a: (asked) => (asked.body.includes('"thinking"') ? { status: 400, body: refusal } : { body: message }),
      },
    });
    const body = {
      ...request,
      messages: [
        ...request.messages,
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "t", signature: "s".repeat(100) },
            { type: "text", text: "A" },
          ],
        },
        { role: "user", content: "go on" },
      ],
    };
    expect(await settle(clock, ask(body as unknown as typeof request))).toMatchObject({
      status: 200,
      provider: "a",
      attempts: 2,
    });
    expect(requests[1]?.body).not.toContain('"thinking"');
    // What was refused once is not sent again: the next turn is served at once.
    expect(await settle(clock, ask(body as unknown as typeof request))).toMatchObject({ status: 200, attempts: 1 });
    expect(requests[2]?.body).not.toContain('"thinking"');
  });

  it("sends the client's bytes untouched but for the model, and the provider's own credential", async () => {
    const { clock, ask, requests } = stage({
      providers: [nativeProvider("a", { bigModel: "mapped" })],
      answers: { a: { body: message } },
    });
    const reply = await settle(
      clock,
      ask(request, {
        headers: {
          "x-api-key": "clients-own",
          cookie: "c",
          "anthropic-beta": "b1,b2",
          "x-stainless-lang": "js",
          "x-anthropic-note": "1",
          "x-claude-1p-note": "2",
          "x-forwarded-for": "1",
        },
      }),
    );
    expect(requests[0]?.body).toBe(JSON.stringify({ ...request, model: "mapped" }));
    expect(requests[0]?.headers).toMatchObject({
      "x-api-key": "key-of-a-000",
      "anthropic-beta": "b1,b2",
      "x-stainless-lang": "js",
      "x-anthropic-note": "1",
      "x-claude-1p-note": "2",
      "anthropic-version": "2023-06-01",
    });
    expect(Object.keys(requests[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(["cookie"]));
    expect(JSON.stringify(requests[0]?.headers)).not.toContain("clients-own");
    expect(await read(reply.body)).toBe(message);
  });

  describe("an event stream in the place of JSON", () => {
    const chat = nativeProvider("a", { type: "openai", bigModel: "gpt", smallModel: "gpt" });
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const chunks = chunk({ role: "assistant", content: "Hi" }) + chunk({}, "stop");
    const done = "data: [DONE]\n\n";
    const open = { hang: true as const };
    const cut = { error: "read ECONNRESET" };

    it.each<[string, readonly ProviderConfig[], ScriptedReply]>([
      ["message_stop, left open", [nativeProvider("a")], { body: [start + textStart + delta("Hi"), ending, open] }],
      ["message_stop, then a cut", [nativeProvider("a")], { body: ["\n", whole, cut] }],
      ["[DONE], left open", [chat], { body: [chunks, done, open] }],
      ["[DONE], then a cut", [chat], { body: [chunks + done, cut] }],
      ["a finish reason, then a cut", [chat], { body: [chunks, cut] }],
    ])("ends where its answer does: %s", async (_name, first, answer) => {
      const { clock, ask, requests, traces } = stage({
        providers: [...first, nativeProvider("b")],
        answers: { a: answer, b: { body: message } },
      });
      const pending = ask(request);
      const reply = await settle(clock, pending, 10, 1_000);
      expect(JSON.parse(await read(reply.body))).toMatchObject({ content: [{ text: "Hi" }], stop_reason: "end_turn" });
      expect(reply).toMatchObject({ provider: "a", attempts: 1 });
      expect(traces).toMatchObject([{ state: "complete" }]);
      await clock.advance(1_000);
      expect(requests[0]?.signal.aborted).toBe(true);
    });

    it("is a whole answer after its finish reason, though the deadline passes", async () => {
      const { clock, ask } = stage({
        providers: [chat, nativeProvider("b")],
        answers: { a: { body: [chunks, open] }, b: { body: message } },
      });
      expect(await settle(clock, ask(request))).toMatchObject({ provider: "a", attempts: 1 });
    });

    it("fails at its error event, left open or not", async () => {
      const error = event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
      const { clock, ask } = stage({ answers: { a: { body: [start, error, open] }, b: { body: message } } });
      const reply = await settle(clock, ask(request), 10, 1_000);
      expect(reply).toMatchObject({ provider: "b", attempts: 2 });
    });

    it("is not taken for whole because the client leaves after its finish reason", async () => {
      const { clock, ask, traces } = stage({ providers: [chat], answers: { a: { body: [chunks, open] } } });
      const controller = new AbortController();
      const settled = ask(request, { signal: controller.signal }).catch((error: unknown) => error);
      await clock.advance(10);
      controller.abort(new Error("client left"));
      expect(await settled).toMatchObject({ message: "client left" });
      expect(traces).toMatchObject([{ state: "client_cancelled" }]);
    });
  });

  it("re-frames a whole answer that came in the other form", async () => {
    const json = stage({ answers: { a: { body: message } } });
    const asStream = await read((await settle(json.clock, json.ask(streamed))).body);
    expect(asStream).toMatch(/^event: message_start\n/);
    expect(asStream).toMatch(/event: message_stop\ndata: {"type":"message_stop"}\n\n$/);
    const events = stage({ answers: { a: { body: whole } } });
    const reply = await settle(events.clock, events.ask(request));
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(await read(reply.body))).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
    });
  });

  it("walks the keys of a provider before the next provider, and charges only the key", async () => {
    const two = nativeProvider("a", { auth: { type: "api_key", keys: ["first-key-000000", "second-key-00000"] } });
    const { clock, ask, hosts, balancer } = stage({
      providers: [two, nativeProvider("b")],
      answers: {
        a: (asked) =>
          asked.headers["x-api-key"] === "first-key-000000" ? { status: 401, body: "{}" } : { body: message },
      },
    });
    expect(await settle(clock, ask(request))).toMatchObject({ provider: "a", attempts: 2 });
    await settle(clock, ask(request));
    expect(hosts()).toEqual(["a", "a", "a"]);
    expect(balancer.status().providers[0]).toMatchObject({ healthy: true });
  });

  it("ends a call whose budget is used up, without starting another attempt", async () => {
    const { clock, ask, hosts } = stage({
      settings: {
        timeouts: {
          connectMs: 10_000,
          responseMs: 30_000,
          firstContentMs: 120_000,
          idleMs: 120_000,
          totalMs: 300_000,
          callMs: 20_000,
        },
      },
      answers: { a: { hang: true }, b: { hang: true } },
    });
    await expect(settle(clock, ask(streamed))).rejects.toMatchObject({ status: 503 });
    expect(hosts()).toEqual(["a"]);
  });
});
