import {
  body,
  closedPort,
  connectionFaults,
  inOtherForm,
  malformedHttp,
  notAnswers,
  silences,
  startBlackhole,
  startFakeUpstream,
  text,
  tools,
  emptyAnswer,
  type BehaviourSource,
} from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, provider, startTestServer } from "../running-server.ts";
import {
  askServer,
  expectServed,
  expectUnavailable,
  forms,
  healthyWords,
  shortBeforeContent,
  startBench,
  timeouts,
  typeOf,
  upstreamDialect,
  wordsOf,
} from "./fault-bench.ts";

describe.each(forms)("before the content, $dialect, stream: $stream:", ({ dialect, stream }) => {
  const faults = { ...connectionFaults, ...silences, ...notAnswers };
  const isPassedOver = async (name: string): Promise<void> => {
    const first = faults[name] as BehaviourSource;
    const own = name in silences ? { timeouts: shortBeforeContent } : {};
    await using bench = await startBench({ dialect, first, provider: own });
    const reply = await bench.ask(stream);
    expectServed(reply, "second", stream);
    expect(reply.headers["x-ccpb-attempts"]).toBe("2");
    expect(reply.body).not.toContain("never said");
    // A deadline may pass before the request is there, if this process stands still.
    if (!(name in silences)) expect(bench.first.requests.length).toBe(1);
    expect(bench.second.requests.length).toBe(1);
    const view = await bench.providerView("first");
    expect(view).toMatchObject({ healthy: false, status: "open", failure_count: 1 });
    expect(view.cooldown_remaining).toBeGreaterThan(30);
    expect(view.cooldown_remaining).toBeLessThanOrEqual(60);
    expect(await bench.providerView("second")).toMatchObject({ healthy: true, failure_count: 0 });
    expect(bench.completed()).toMatchObject([{ state: "complete", status: 200, provider: "second" }]);
    expect(bench.server.lines("provider_request_failed").length).toBe(1);
    // The next request goes past it, without asking.
    const next = await bench.ask(stream);
    expectServed(next, "second", stream);
    expect(next.headers["x-ccpb-attempts"]).toBe("1");
    expect(bench.first.requests.length).toBeLessThanOrEqual(1);
    expect(bench.server.lines("server_error")).toEqual([]);
  };
  const what = "%s is not seen: the next provider serves, and the first is cooled";
  it.each(Object.keys({ ...connectionFaults, ...notAnswers }))(what, isPassedOver);
  // Concurrent here and below where tests do little but wait for a deadline.
  it.concurrent.each(Object.keys(silences))(what, isPassedOver);

  it.each(Object.keys({ ...connectionFaults, ...notAnswers }))(
    "%s everywhere is a 503, and charged only where no request can cause it or a second request fails too",
    async (name) => {
      const first = faults[name] as BehaviourSource;
      await using bench = await startBench({ dialect, first, second: first, settings: { lastResort: false } });
      const asked = (): readonly number[] => [bench.first.requests.length, bench.second.requests.length];
      const health = async (): Promise<number> => (await call(bench.server.url, "/health")).status;
      const { message, retryAfter } = expectUnavailable(await bench.ask(stream));
      expect(retryAfter).toBeGreaterThanOrEqual(1);
      expect(message).toMatch(/first: [a-z-]+; second: [a-z-]+/);
      expect(asked()).toEqual([1, 1]);
      expect(bench.completed()).toMatchObject([{ state: "error", status: 503 }]);
      if ((await health()) === 200) {
        // It may be the request's own fault: the same one may try again, and takes the providers from no other request.
        expectUnavailable(await bench.ask(stream));
        expect([asked(), await health()]).toEqual([[2, 2], 200]);
        expectUnavailable(await bench.ask(stream, { messages: [{ role: "user", content: "another request" }] }));
        expect(asked()).toEqual([3, 3]);
      } else {
        // What no request can cause, and what the provider itself says of its load.
        expect(name in malformedHttp || /first: overloaded; second: overloaded/.test(message)).toBe(true);
      }
      // Now all are cooling: none is asked.
      const before = asked();
      expectUnavailable(await bench.ask(stream));
      expect([asked(), await health()]).toEqual([before, 503]);
    },
  );

  it.concurrent.each(["refused", "reset", "fin", "ignore"] as const)(
    "a connection that is %s is not seen",
    async (mode) => {
      await using bench = await startBench({
        dialect,
        first: text("down"),
        provider: { timeouts: shortBeforeContent },
      });
      if (mode === "refused") await bench.first.goDown();
      else bench.first.setConnectionMode(mode);
      const replies = await Promise.all(Array.from({ length: 8 }, () => bench.ask(stream)));
      for (const reply of replies) expectServed(reply, "second", stream);
      expect(await bench.providerView("first")).toMatchObject({ status: "open" });
    },
  );

  it.concurrent("a host that does not exist, a port without TLS and a blackhole are not seen", async () => {
    await using second = await startFakeUpstream({
      dialect: upstreamDialect(dialect),
      defaultBehaviour: text(healthyWords),
    });
    await using hole = await startBlackhole();
    const port = await closedPort();
    const addresses = [
      "http://no-such-host.invalid",
      `http://127.0.0.1:${port}`,
      second.url.replace("http:", "https:"),
      hole.url,
    ];
    const providers = addresses.map((url, index) =>
      provider(`bad-${index}`, url, { ...typeOf(dialect), timeouts: shortBeforeContent }),
    );
    providers.push(provider("second", second.url, typeOf(dialect)));
    await using server = await startTestServer({ providers, settings: { timeouts } });
    expectServed(await askServer(server.url, { stream }), "second", stream);
    const { json } = await call(server.url, "/providers");
    const { providers: seen } = json() as { providers: readonly { name: string; healthy: boolean; status: string }[] };
    // A machine without a resolver answers EAI_AGAIN for the unknown host, and that is no fault of the provider's.
    expect(seen.slice(1, 4).map(({ status }) => status)).toEqual(["open", "open", "open"]);
    expect(seen.at(-1)).toMatchObject({ name: "second", healthy: true });
  });

  it("an answer in the other form is taken and re-framed", async () => {
    await using bench = await startBench({ dialect, first: inOtherForm(text("In the other form.")) });
    expectServed(await bench.ask(stream), "first", stream, "In the other form.");
    expect((await bench.providerView("first")).failure_count).toBe(0);
  });

  it.each(["text/plain", "application/octet-stream", "text/html", null])(
    "content type %s is not believed",
    async (type) => {
      const first = { ...text("Lied about."), headers: { "content-type": type } };
      await using bench = await startBench({ dialect, first });
      expectServed(await bench.ask(stream), "first", stream, "Lied about.");
    },
  );

  it.each(["gzip", "deflate", "br"] as const)(
    "a body in %s is decoded, though it was not asked for",
    async (encoding) => {
      await using bench = await startBench({ dialect, first: { ...text("Compressed."), encoding } });
      const reply = await bench.ask(stream);
      expectServed(reply, "first", stream, "Compressed.");
      expect(reply.headers["content-encoding"]).toBeUndefined();
      expect(bench.first.requests[0]?.headers["accept-encoding"]).toBe("identity");
    },
  );

  it.each(["gzip", "br", "zstd", "gzip, gzip", "nonsense"])(
    "a damaged or unknown body in %s is a failure",
    async (encoding) => {
      const first = body('{"type":"message"}', { headers: { "content-encoding": encoding } });
      await using bench = await startBench({ dialect, first });
      expectServed(await bench.ask(stream), "second", stream);
      expect(await bench.providerView("first")).toMatchObject({ status: "open" });
    },
  );

  it("an answer that says nothing but ends in order is whole, and cools nobody", async () => {
    await using bench = await startBench({ dialect, first: emptyAnswer() });
    const reply = await bench.ask(stream);
    expect(reply).toMatchObject({ status: 200, end: "whole" });
    expect(reply.headers["x-ccpb-provider"]).toBe("first");
    expect(wordsOf(reply)).toBe("");
    expect((await bench.providerView("first")).failure_count).toBe(0);
  });

  it("an answer that quotes errors is no error", async () => {
    const words =
      'insufficient_quota {"type":"error","error":{"type":"overloaded_error"}} rate limit 429 credit balance';
    await using bench = await startBench({ dialect, first: text(words) });
    expectServed(await bench.ask(stream), "first", stream, words);
  });

  it.each([[[100]], [[103, 103]], [[100, 103]]])(
    "1xx responses %j before the answer are passed over",
    async (informational) => {
      await using bench = await startBench({ dialect, first: { ...text("After 1xx."), head: { informational } } });
      expectServed(await bench.ask(stream), "first", stream, "After 1xx.");
    },
  );

  it("tool calls of any cut of the bytes arrive whole", async () => {
    const first = { ...tools({ name: "Read", input: { file_path: "/a/ä🙂.txt" } }), delivery: { size: 1 } };
    await using bench = await startBench({ dialect, first });
    const tool = { name: "Read", input_schema: { type: "object" } };
    const reply = await bench.ask(stream, { tools: [tool] });
    expect(reply).toMatchObject({ status: 200, end: "whole" });
    expect(reply.headers["x-ccpb-provider"]).toBe("first");
    expect(reply.body).toContain("Read");
  });
});
