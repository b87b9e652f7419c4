import { answer, inserted, paced, sized, stall, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { dialects, expectBroken, expectServed, startBench, wordsOf } from "./fault-bench.ts";

const tenWords = "one two three four five six seven eight nine ten";
// Written event by event: what breaks in the same read as its first content has not been seen by anybody, and fails over.
const long = paced(text(tenWords), 1);

describe.each(dialects)("floods, %s:", (dialect) => {
  it("more than 2,000 events without content (Responses: 20,000) are a failure", async () => {
    const messagesPing = 'event: ping\ndata: {"type":"ping"}\n\n';
    const pings = {
      anthropic: messagesPing,
      bedrock: messagesPing,
      vertex: messagesPing,
      openai: 'data: {"choices":[]}\n\n',
      responses: 'event: response.queued\ndata: {"type":"response.queued"}\n\n',
    };
    const ping = pings[dialect];
    await using bench = await startBench({
      dialect,
      first: stall(inserted(long, "start", ping.repeat(dialect === "responses" ? 20_100 : 2_100)), "start"),
    });
    expectServed(await bench.ask(true), "second", true);
    expect(await bench.providerView("first")).toMatchObject({ status: "open" });
    expect(JSON.stringify(bench.completed()[0])).not.toContain('"deadline"');
  });

  it("more than 16 MB in one event are a failure, before content and after it", async () => {
    const event = `event: x\ndata: {"a":"${"y".repeat(17_000_000)}`;
    await using before = await startBench({
      dialect,
      first: stall(inserted(long, "start", event), "start"),
    });
    expectServed(await before.ask(true), "second", true);
    await using after = await startBench({
      dialect,
      first: stall(inserted(long, "mid-content", event), "mid-content"),
    });
    const reply = await after.ask(true);
    expectBroken(reply, "error");
    expect(reply.body.length).toBeLessThan(100_000);
    for (const bench of [before, after]) expect(JSON.stringify(bench.completed()[0])).not.toContain('"deadline"');
  });

  it("a large answer of many events arrives whole", async () => {
    const words = "word ".repeat(20_000);
    await using bench = await startBench({
      dialect,
      first: sized(answer([{ type: "text", text: words }]), "coalesced"),
    });
    expect(wordsOf(await bench.ask(true))).toBe(words);
    expect(wordsOf(await bench.ask(false))).toBe(words);
  });
});
