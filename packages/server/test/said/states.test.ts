import { drop, refuse, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { startBench } from "../faults/fault-bench.ts";
import { call } from "../running-server.ts";

const model = "claude-opus-5-5";
const words = "The flux capacitor of region eu-7 is out of plutonium";

describe("what /providers, explain and /metrics say", () => {
  it("of a lone provider that is out: its words, its request id, and that no new request goes to it", async () => {
    const first = refuse(500, { message: words }, { "request-id": "req_up_1" });
    await using bench = await startBench({ dialect: "anthropic", first, second: null });
    // Two different requests: one alone may be at fault itself.
    await Promise.all([bench.ask(false), bench.ask(false, { max_tokens: 7 })]);
    expect(await bench.providerView("first")).toMatchObject({ words, upstream_request_id: "req_up_1", healthy: false });
    const view = await bench.view();
    expect(view.current_provider).toBeNull();
    expect(["probe", "wait"]).toContain(view.next_request.outcome);
    const { body } = await call(bench.server.url, `/providers/explain?model=${model}`);
    expect(body).toContain(words);
    expect(body).toMatch(/probed in \d+ s: no other provider can serve|the next request probes it/);
  });

  it("of a full provider and the requests that wait for it", async () => {
    await using bench = await startBench({
      dialect: "anthropic",
      first: text("Served."),
      script: [drop("stall")],
      second: null,
      provider: { maxConcurrent: 1 },
      settings: { queueTimeoutMs: 20_000 },
    });
    const stalled = bench.ask(true).catch(() => undefined);
    await bench.first.request(1);
    const waiting = bench.ask(true);
    await expect.poll(async () => (await bench.view()).waiting, { timeout: 30_000, interval: 5 }).toBe(1);
    const view = await bench.view();
    expect(view).toMatchObject({ current_provider: null, next_request: { outcome: "wait", waits_for: "room" } });
    expect(view.providers[0]).toMatchObject({ full: true, max_concurrent: 1 });
    expect((await call(bench.server.url, `/providers/explain?model=${model}`)).body).toContain("max_concurrent of 1");
    expect((await call(bench.server.url, "/metrics")).body).toMatch(/^ccpb_calls_waiting 1$/m);
    expect((await waiting).status).toBe(503);
    expect((await call(bench.server.url, "/metrics")).body).toContain('limit="queue-timeout"} 1');
    bench.first.dropConnections();
    await stalled;
  });
});
