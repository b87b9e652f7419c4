import { propagation, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { expect, it } from "vitest";
import { provider, startTestServer } from "../../server/test/running-server.ts";
import { startCollector } from "./otlp-collector.ts";

it("a server is traced once an SDK and @ccpb/otel/register were loaded before it", async () => {
  await using collector = await startCollector();
  await using upstream = await startFakeUpstream({ dialect: "anthropic" });
  const exporter = new OTLPTraceExporter({ url: collector.url, timeoutMillis: 60_000 });
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(tracerProvider);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  await import("../src/register.ts");
  {
    await using server = await startTestServer({ providers: [provider("only", upstream.url)] });
    const response = await fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      },
      body: JSON.stringify({
        model: "claude-opus-5",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: "hi" }],
      }),
    });
    expect(response.status).toBe(200);
    await response.text();
  }
  await tracerProvider.forceFlush();
  // Each span is sent by a request of its own, and these may arrive in any order.
  expect(collector.spans).toHaveLength(2);
  const [call, attempt] = [1, 3].map((kind) => collector.spans.find((span) => span.kind === kind));
  expect(call).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" });
  expect(attempt).toMatchObject({
    parentSpanId: call?.spanId,
    attributes: { "ccpb.provider": "only", "server.address": "127.0.0.1" },
  });
  expect(attempt?.attributes["gen_ai.usage.output_tokens"]).toBeGreaterThan(0);
  expect(upstream.requests[0]?.headers["traceparent"]).toBe(
    `00-0af7651916cd43dd8448eb211c80319c-${attempt?.spanId}-01`,
  );
  await tracerProvider.shutdown();
  trace.disable();
  propagation.disable();
});
