import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { TracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { Balancer, type BalancerSettings, type ProviderConfig, send } from "@ccpb/core";
import { type ScriptedReply, type ScriptedRequest, scriptedTransport } from "@ccpb/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Telemetry } from "../src/index.ts";
import { type CollectedSpan, startCollector } from "./otlp-collector.ts";

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
});
afterAll(() => {
  context.disable();
  propagation.disable();
});

function provider(name: string, change: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    type: "anthropic",
    baseUrl: `https://${name}.test:8443`,
    auth: { type: "api_key", keys: [`${name}-key-0000000000`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    ...change,
  };
}

const message = JSON.stringify({
  type: "message",
  role: "assistant",
  model: "m",
  stop_reason: "end_turn",
  content: [{ type: "text", text: "a private answer" }],
  usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 7 },
});

const clientTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** A balancer whose spans go to a collector over a socket, and whose metrics stay in memory. */
async function stage(
  providers: readonly ProviderConfig[],
  answer: (request: ScriptedRequest, index: number) => ScriptedReply,
  settings: Partial<BalancerSettings> = {},
) {
  const collector = await startCollector();
  const processor = new SimpleSpanProcessor({
    exporter: new OTLPTraceExporter({ url: collector.url, timeoutMillis: 60_000 }),
  });
  const tracerProvider = new TracerProvider({ spanProcessors: [processor] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8, exportTimeoutMillis: 60_000 })],
  });
  const telemetry = new Telemetry({ tracerProvider, meterProvider });
  const balancer = new Balancer({ providers, settings }, { attemptHeaders: telemetry.attemptHeaders });
  const watch = telemetry.watch(balancer);
  const { transport, requests } = scriptedTransport(
    { now: () => performance.now(), wallNow: Date.now, setTimer: () => ({ [Symbol.dispose]: () => undefined }) },
    answer,
  );
  const ask = async (headers: Record<string, string> = {}, model = "claude-opus-5"): Promise<number> => {
    const body = { model, max_tokens: 9, messages: [{ role: "user", content: "a private prompt" }] };
    const call = balancer.open(body as never, { headers, client: "alice" });
    return send(call, transport).then(
      ({ status }) => status,
      (error: unknown) => (error as { status: number }).status,
    );
  };
  return {
    ask,
    balancer,
    requests,
    watch,
    collector,
    tracer: tracerProvider.getTracer("test"),
    async spans(): Promise<readonly CollectedSpan[]> {
      await tracerProvider.forceFlush();
      return collector.spans;
    },
    async points(name: string) {
      await meterProvider.forceFlush();
      const all =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
      return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
      await collector[Symbol.asyncDispose]();
    },
  };
}

describe("the spans of a call", () => {
  it("are one for the call, and one of kind client for each attempt, by the conventions for generative AI", async () => {
    await using world = await stage(
      [provider("first"), provider("anthropic", { baseUrl: "https://api.anthropic.com" })],
      ({ url }) =>
        url.includes("first")
          ? { status: 529, body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' }
          : { body: message },
    );
    expect(await world.ask()).toBe(200);
    const spans = await world.spans();
    const [failed, served, call] = ["first", "anthropic", undefined].map((name) =>
      spans.find(({ attributes }) => attributes["ccpb.provider"] === name),
    ) as [CollectedSpan, CollectedSpan, CollectedSpan];
    expect(spans).toHaveLength(3);
    expect(call).toMatchObject({
      name: "ccpb.call claude-opus-5",
      kind: 1,
      parentSpanId: "",
      attributes: {
        "ccpb.client": "alice",
        "ccpb.call.attempts": 2,
        "ccpb.call.state": "complete",
        "http.response.status_code": 200,
      },
    });
    expect([failed, served].map(({ parentSpanId, traceId, kind }) => [parentSpanId, traceId, kind])).toEqual([
      [call.spanId, call.traceId, 3],
      [call.spanId, call.traceId, 3],
    ]);
    expect(failed).toMatchObject({
      name: "chat claude-opus-5",
      status: { code: 2, message: "overloaded" },
      attributes: {
        "gen_ai.provider.name": "first",
        "server.address": "first.test",
        "server.port": 8_443,
        "http.response.status_code": 529,
        "error.type": "overloaded",
        "ccpb.attempt.number": 1,
      },
    });
    expect(served.status.code ?? 0).toBe(0);
    expect(served.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "claude-opus-5",
      "gen_ai.response.finish_reasons": ["end_turn"],
      "gen_ai.usage.input_tokens": 117,
      "gen_ai.usage.output_tokens": 5,
      "gen_ai.usage.cache_read.input_tokens": 100,
      "gen_ai.usage.cache_creation.input_tokens": 7,
      "server.address": "api.anthropic.com",
      "server.port": 443,
    });
    expect(served.attributes["error.type"]).toBeUndefined();
  });

  it("hold no text of a prompt or an answer, nor a key", async () => {
    await using world = await stage([provider("first"), provider("second")], (_request, index) =>
      index === 0
        ? { status: 401, body: '{"error":{"message":"a private prompt: bad key first-key-0000000000"}}' }
        : { body: message },
    );
    await world.ask();
    const text = JSON.stringify(await world.spans());
    for (const secret of ["private", "0000000000"]) expect(text).not.toContain(secret);
  });

  it("tell of a call that none served, and of one whose client left", async () => {
    await using world = await stage([provider("only")], () => ({ status: 500, body: "{}" }), { lastResort: false });
    expect(await world.ask()).toBe(503);
    world.balancer
      .open({ model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] } as never)
      .abandon();
    const calls = (await world.spans())
      .filter(({ kind }) => kind === 1)
      .map(({ attributes, status }) => [attributes["ccpb.call.state"], attributes["error.type"], status.code ?? 0]);
    // Each span is sent by a request of its own, and these may arrive in any order.
    expect(calls).toHaveLength(2);
    expect(calls).toContainEqual(["error", "server-error", 2]);
    expect(calls).toContainEqual(["client_cancelled", "client_cancelled", 0]);
  });

  it("end where the watching ends, and none is left open", async () => {
    const world = await stage([provider("only")], () => ({ body: message }));
    const call = world.balancer.open({
      model: "claude-opus-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "hi" }],
    } as never);
    call.next();
    world.watch[Symbol.dispose]();
    expect(await world.spans()).toHaveLength(2);
    await world[Symbol.asyncDispose]();
  });
});

describe("the trace context", () => {
  it("goes from the client's request to the call's span, and from the attempt's span to the provider, without baggage", async () => {
    await using world = await stage([provider("first"), provider("second")], (_request, index) =>
      index === 0 ? { status: 500, body: "{}" } : { body: message },
    );
    await world.ask({ traceparent: clientTrace, tracestate: "vendor=1", baggage: "user=alice" });
    const spans = await world.spans();
    const call = spans.find(({ kind }) => kind === 1);
    expect(call).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" });
    for (const [index, name] of ["first", "second"].entries()) {
      const span = spans.find(({ attributes }) => attributes["ccpb.provider"] === name);
      const headers = world.requests[index]?.headers ?? {};
      expect(headers["traceparent"]).toBe(`00-0af7651916cd43dd8448eb211c80319c-${span?.spanId}-01`);
      expect(headers["tracestate"]).toBe("vendor=1");
      expect(headers["baggage"]).toBeUndefined();
    }
  });

  it.each(["", "junk", `${clientTrace}-more`, "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01"])(
    "that is %j begins a trace of its own",
    async (traceparent) => {
      await using world = await stage([provider("first")], () => ({ body: message }));
      await world.ask({ traceparent });
      const call = (await world.spans()).find(({ kind }) => kind === 1);
      expect(call?.parentSpanId).toBe("");
    },
  );

  it("is the active one where the client's request has none, as in an application that embeds the balancer", async () => {
    await using world = await stage([provider("first")], () => ({ body: message }));
    const outer = world.tracer.startSpan("the application");
    await context.with(trace.setSpan(context.active(), outer), () => world.ask());
    const call = (await world.spans()).find(({ kind }) => kind === 1);
    expect(call?.parentSpanId).toBe(outer.spanContext().spanId);
  });
});

describe("the metrics", () => {
  it("are those of the conventions, and ccpb's own", async () => {
    await using world = await stage([provider("first"), provider("second")], (_request, index) =>
      index === 0 ? { status: 500, body: "{}" } : { body: message },
    );
    await world.ask();
    const durations = await world.points("gen_ai.client.operation.duration");
    expect(durations.map(({ attributes }) => [attributes["ccpb.provider"], attributes["error.type"]])).toEqual([
      ["first", "server-error"],
      ["second", undefined],
    ]);
    const tokens = await world.points("gen_ai.client.token.usage");
    expect(
      tokens.map(({ attributes, value }) => [attributes["gen_ai.token.type"], (value as { sum: number }).sum]),
    ).toEqual([
      ["input", 117],
      ["output", 5],
    ]);
    expect(await world.points("ccpb.call.failovers")).toMatchObject([
      { value: 1, attributes: { "ccpb.provider": "first" } },
    ]);
    expect(await world.points("ccpb.provider.healthy")).toMatchObject([{ value: 0 }, { value: 1 }]);
    expect(await world.points("ccpb.call.duration")).toHaveLength(1);
  });

  it("stay bounded, whatever models clients name", async () => {
    await using world = await stage([provider("first")], () => ({ body: message }));
    for (let index = 0; index < 400; index += 1) await world.ask({}, `model-${index}`);
    const durations = await world.points("gen_ai.client.operation.duration");
    expect(durations.length).toBe(201);
    expect(durations.some(({ attributes }) => attributes["gen_ai.request.model"] === "_OTHER")).toBe(true);
  });
});
