import { commentsOnly, paced, pingsOnly, stall, text, thinking } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { dialects, expectBroken, expectServed, soon, shortTimeouts, startBench, timeouts } from "./fault-bench.ts";

const tenWords = "one two three four five six seven eight nine ten";
// Written event by event: what breaks in the same read as its first content has not been seen by anybody, and fails over.
const long = paced(text(tenWords), 1);

describe.each(dialects)("deadlines, %s:", (dialect) => {
  const dribble = dialect === "anthropic" ? pingsOnly(10) : commentsOnly(10);

  it("first_content is not moved by pings or comments", async () => {
    await using bench = await startBench({ settings: { timeouts: shortTimeouts }, dialect, first: dribble });
    const reply = await bench.ask(true);
    expectServed(reply, "second", true);
    expect(reply.ms).toBeGreaterThan(380);
    expect(reply.ms).toBeLessThan(1_500);
    expect(bench.completed()).toMatchObject([{ attempts: [{ deadline: "content" }, { provider: "second" }] }]);
    await soon(() => bench.first.connections === 0, 5_000, "the upstream is cancelled");
  });

  it("response is the time until the headers, and a slow head counts", async () => {
    for (const head of [{ delayMs: 1_000 }, { byteDelayMs: 20 }]) {
      await using bench = await startBench({
        settings: { timeouts: shortTimeouts },
        dialect,
        first: { ...long, head },
      });
      const reply = await bench.ask(true);
      expectServed(reply, "second", true);
      expect(reply.ms).toBeLessThan(950);
      expect(bench.completed()).toMatchObject([{ attempts: [{ deadline: "response" }, {}] }]);
    }
  });

  it("a stream has no total: one that is slow but alive runs to its end", async () => {
    const words = "a b c d e f g h i j k l m n o p";
    await using bench = await startBench({
      settings: { timeouts: shortTimeouts },
      dialect,
      first: paced(text(words, { deltaLength: 1 }), 40),
    });
    const reply = await bench.ask(true);
    expectServed(reply, "first", true, words);
    expect(reply.ms).toBeGreaterThan(600);
  });

  it("idle is from byte to byte: pings and comments reset it, silence ends the stream", async () => {
    const beat = {
      text: dialect === "anthropic" ? 'event: ping\ndata: {"type": "ping"}\n\n' : ": still here\n\n",
      everyMs: 30,
    };
    await using bench = await startBench({
      settings: { timeouts: shortTimeouts },
      dialect,
      first: stall(long, "mid-content", beat),
    });
    const pending = bench.ask(true);
    const request = await bench.first.request(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(request.aborted).toBe(false);
    bench.first.dropConnections();
    expectBroken(await pending, "error");

    await using silent = await startBench({
      settings: { timeouts: shortTimeouts },
      dialect,
      first: stall(long, "mid-content"),
    });
    const reply = await silent.ask(true);
    expectBroken(reply, "error");
    expect(reply.ms).toBeGreaterThan(280);
    expect(reply.ms).toBeLessThan(1_500);
    expect(silent.completed()).toMatchObject([{ state: "truncated", attempts: [{ deadline: "idle" }] }]);
  });

  it("a thinking block may be silent until idle, without first_content", async () => {
    const first =
      dialect === "anthropic"
        ? stall(thinking("hm", "done"), { events: 2 })
        : stall(thinking("hm", "done"), "after-content");
    await using bench = await startBench({
      dialect,
      first,
      settings: {
        timeouts: { connectMs: 300, responseMs: 200, firstContentMs: 100, idleMs: 350, totalMs: 400, callMs: 3_000 },
      },
    });
    const reply = await bench.ask(true);
    expect(reply.headers["x-ccpb-provider"]).toBe("first");
    expectBroken(reply, "error");
    expect(reply.ms).toBeGreaterThan(330);
  });

  it("a call without streaming has a total, and no other deadline", async () => {
    const slow = { ...text("Slow."), head: { delayMs: 350 } };
    const deadlines = {
      connectMs: 300,
      responseMs: 100,
      firstContentMs: 100,
      idleMs: 100,
      totalMs: 900,
      callMs: 3_000,
    };
    await using bench = await startBench({ dialect, first: slow, settings: { timeouts: deadlines } });
    expectServed(await bench.ask(false), "first", false, "Slow.");
    bench.first.setDefault(paced(text("Too slow. ".repeat(10)), 120, 40));
    const reply = await bench.ask(false);
    expectServed(reply, "second", false);
    expect(reply.ms).toBeGreaterThan(880);
    expect(reply.ms).toBeLessThan(1_800);
    expect(bench.completed()[1]).toMatchObject({ attempts: [{ deadline: "total" }, {}] });
  });

  it("a provider's own deadlines go before the global ones", async () => {
    await using bench = await startBench({
      dialect,
      first: stall(long, "headers"),
      settings: { timeouts },
      provider: { timeouts: { firstContentMs: 60 } },
    });
    const reply = await bench.ask(true);
    expectServed(reply, "second", true);
    expect(reply.ms).toBeLessThan(1_500);
  });

  it.each([true, false])("the call's budget ends the walk, stream: %s", async (stream) => {
    const first = stall(long, "headers");
    await using bench = await startBench({
      dialect,
      first,
      second: first,
      settings: {
        timeouts: { connectMs: 300, responseMs: 400, firstContentMs: 400, idleMs: 400, totalMs: 400, callMs: 250 },
      },
    });
    const reply = await bench.ask(stream);
    expect(reply.status).toBe(503);
    expect(reply.ms).toBeLessThan(500);
    expect(bench.second.requests.length).toBe(0);
    await soon(() => bench.first.connections === 0, 5_000, "the upstream is cancelled");
  });

  it("the budget is over when the gate opens", async () => {
    const words = Array.from({ length: 50 }, (_, index) => `w${index}`).join(" ");
    await using bench = await startBench({
      dialect,
      first: paced(text(words), 30),
      settings: { timeouts: { ...timeouts, callMs: 1_000 } },
    });
    expectServed(await bench.ask(true), "first", true, words);
  });
});
