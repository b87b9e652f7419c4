import { commentsOnly, paced, pingsOnly, stall, text, thinking } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { dialects, expectBroken, expectServed, shortAfterContent, soon, startBench, timeouts } from "./fault-bench.ts";

const tenWords = "one two three four five six seven eight nine ten";
// Written event by event: what breaks in the same read as its first content has not been seen by anybody, and fails over.
const long = paced(text(tenWords), 1);

// Each test shortens the deadline that it is about, at the first provider alone: on a busy machine nothing else comes in time for certain.
const shortMs = 1_000;
/** Timers do not fire early, but the client's own measure begins a little later. */
const atLeastMs = shortMs - 50;
/** For what has to come in time, on a busy machine too, and then be silent for longer. */
const beforeThinkingMs = 5_000;
/** Long before any other deadline. */
const otherwiseMs = timeouts.idleMs / 2;

// Concurrent, since they do little but wait.
describe.each(dialects)("deadlines, %s:", { concurrent: true }, (dialect) => {
  const dribble = dialect === "anthropic" ? pingsOnly(10) : commentsOnly(10);

  it("first_content is not moved by pings or comments", async () => {
    await using bench = await startBench({
      dialect,
      first: dribble,
      provider: { timeouts: { firstContentMs: shortMs } },
    });
    const reply = await bench.ask(true);
    expectServed(reply, "second", true);
    expect(reply.ms).toBeGreaterThan(atLeastMs);
    expect(reply.ms).toBeLessThan(otherwiseMs);
    expect(bench.completed()).toMatchObject([{ attempts: [{ deadline: "content" }, { provider: "second" }] }]);
    await soon(() => bench.first.connections === 0, "the upstream is cancelled");
  });

  it("response is the time until the headers, and a slow head counts", async () => {
    for (const head of [{ delayMs: otherwiseMs }, { byteDelayMs: otherwiseMs / 100 }]) {
      await using bench = await startBench({
        provider: { timeouts: { responseMs: shortMs } },
        dialect,
        first: { ...long, head },
      });
      const reply = await bench.ask(true);
      expectServed(reply, "second", true);
      expect(reply.ms).toBeLessThan(otherwiseMs);
      expect(bench.completed()).toMatchObject([{ attempts: [{ deadline: "response" }, {}] }]);
    }
  });

  it("a stream has no total: one that is slow but alive runs to its end", async () => {
    const words = "a b c d e f g h i j k l m n o p";
    await using bench = await startBench({
      provider: { timeouts: { totalMs: 300 } },
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
      provider: { timeouts: { idleMs: 4_000 } },
      dialect,
      first: stall(long, "mid-content", beat),
    });
    const pending = bench.ask(true);
    const request = await bench.first.request(1);
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(request.aborted).toBe(false);
    bench.first.dropConnections();
    expectBroken(await pending, "error");

    await using silent = await startBench({
      provider: { timeouts: shortAfterContent },
      dialect,
      first: stall(long, "mid-content"),
    });
    const reply = await silent.ask(true);
    expectBroken(reply, "error");
    expect(reply.ms).toBeGreaterThan(shortAfterContent.idleMs - 50);
    expect(reply.ms).toBeLessThan(otherwiseMs);
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
      provider: { timeouts: { firstContentMs: beforeThinkingMs, idleMs: beforeThinkingMs + shortMs } },
    });
    const reply = await bench.ask(true);
    expect(reply.headers["x-ccpb-provider"]).toBe("first");
    expectBroken(reply, "error");
    expect(reply.ms).toBeGreaterThan(beforeThinkingMs + atLeastMs);
  });

  it("a call without streaming has a total, and no other deadline", async () => {
    const slow = { ...text("Slow."), head: { delayMs: 350 } };
    const deadlines = { responseMs: 100, firstContentMs: 100, idleMs: 100 };
    await using patient = await startBench({ dialect, first: slow, provider: { timeouts: deadlines } });
    expectServed(await patient.ask(false), "first", false, "Slow.");
    await using bench = await startBench({
      dialect,
      first: paced(text("Too slow. ".repeat(10)), 400, 40),
      provider: { timeouts: { ...deadlines, totalMs: shortMs } },
    });
    const reply = await bench.ask(false);
    expectServed(reply, "second", false);
    expect(reply.ms).toBeGreaterThan(atLeastMs);
    expect(reply.ms).toBeLessThan(otherwiseMs);
    expect(bench.completed()).toMatchObject([{ attempts: [{ deadline: "total" }, {}] }]);
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
    expect(reply.ms).toBeLessThan(otherwiseMs);
  });

  it.each([true, false])("the call's budget ends the walk, stream: %s", async (stream) => {
    const first = stall(long, "headers");
    await using bench = await startBench({
      dialect,
      first,
      second: first,
      settings: { timeouts: { ...timeouts, callMs: shortMs } },
    });
    const reply = await bench.ask(stream);
    expect(reply.status).toBe(503);
    expect(reply.ms).toBeLessThan(otherwiseMs);
    expect(bench.second.requests.length).toBe(0);
    await soon(() => bench.first.connections === 0, "the upstream is cancelled");
  });

  it("the budget is over when the gate opens", async () => {
    const words = Array.from({ length: 50 }, (_, index) => `w${index}`).join(" ");
    await using bench = await startBench({
      dialect,
      first: paced(text(words), 230),
      settings: { timeouts: { ...timeouts, callMs: 5_000 } },
    });
    const reply = await bench.ask(true);
    expectServed(reply, "first", true, words);
    expect(reply.ms).toBeGreaterThan(5_000);
  });
});
