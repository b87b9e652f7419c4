import { cut, errorWithin, frames, inserted, paced, sized, stall, text, type HttpBehaviour } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { clientName, door } from "./client-doors.ts";
import { type Dialect, dialects, eventsOf, expectServed, soon, startBench, timeouts } from "./fault-bench.ts";

const claudeCode = "claude-cli/2.1.330 (external, cli)";
const tenWords = "one two three four five six seven eight nine ten";
// Written event by event: what breaks in the same read as its first content has not been seen by anybody, and fails over.
const long = paced(text(tenWords), 1);

/** A whole answer whose upstream does not close it, or not as it should. */
function openEnds(dialect: Dialect): Record<string, HttpBehaviour> {
  const ends: Record<string, HttpBehaviour> = {
    "with the connection left open": cut(long, "end", "stall"),
    "with pings for ever after": stall(long, "end", {
      text: dialect === "anthropic" ? 'event: ping\ndata: {"type": "ping"}\n\n' : ": ping\n\n",
      everyMs: 5,
    }),
    "with a reset after its end": cut(long, "end", "reset"),
    "with junk after its end": inserted(long, "end", "<html>bye</html>\n\n"),
    "with an error after its end": errorWithin(long, "end"),
    "with another answer after its end": {
      ...long,
      inserts: [{ at: "end", answer: { blocks: [{ type: "text", text: "again" }] } }],
    },
    "in one write": sized(long, "coalesced"),
    "byte by byte": sized(text(tenWords), 1),
    "in odd pieces": sized(text(tenWords), 7),
  };
  if (dialect === "openai") {
    ends["with a finish reason but no [DONE]"] = cut(long, "before-terminal", "end");
    ends["with a finish reason, no [DONE], and a cut"] = cut(long, "before-terminal", "reset");
    ends["with a finish reason, no [DONE], and a close"] = cut(long, "before-terminal", "fin");
  } else {
    // Nothing that follows the last event is part of the answer.
    ends["with [DONE] after its end"] = inserted(long, "end", "data: [DONE]\n\n");
  }
  return ends;
}

describe.each(dialects)("a whole stream, %s,", (dialect) => {
  const ends = openEnds(dialect);
  it.each(Object.keys(ends))("%s is whole, ends at once, and cools nobody", async (name) => {
    await using bench = await startBench({ dialect, first: ends[name] as HttpBehaviour });
    for (let round = 0; round < 2; round += 1) {
      const reply = await bench.ask(true, {}, { "user-agent": claudeCode });
      expectServed(reply, "first", true, tenWords);
      // Long before any deadline.
      expect(reply.ms).toBeLessThan(timeouts.idleMs / 2);
    }
    expect(await bench.providerView("first")).toMatchObject({ healthy: true, failure_count: 0 });
    expect(bench.second.requests.length).toBe(0);
    expect(bench.completed()).toMatchObject([{ state: "complete" }, { state: "complete" }]);
    if (name.includes("open") || name.includes("for ever")) {
      await soon(() => bench.first.connections === 0, "the open connection is let go of");
    }
  });

  it("keeps every character, however the bytes are cut", async () => {
    const words = 'äöü 漢字 🙂🙃 \\ " \n done';
    for (const size of [1, 2, 3, "split-utf8", "coalesced"] as const) {
      await using bench = await startBench({ dialect, first: sized(text(words), size) });
      expectServed(await bench.ask(true), "first", true, words);
    }
  });
});

it("[DONE] without a finish reason is an answer only where there is content", async () => {
  const chunk = (delta: unknown): string =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
  const done = "data: [DONE]\n\n";
  await using early = await startBench({ dialect: "openai", first: frames(chunk({ role: "assistant" }), done) });
  expectServed(await early.ask(true), "second", true);
  // Snowflake never gives a finish reason.
  const said = [chunk({ role: "assistant" }), chunk({ content: "Hello" }), done];
  await using late = await startBench({ dialect: "openai", first: frames(...said) });
  const reply = await late.ask(true);
  // Clients of the same API get what the provider sent.
  if (clientName === "chat") expect(reply).toMatchObject({ status: 200, end: "whole", body: said.join("") });
  else expectServed(reply, "first", true, "Hello");
});

it("a native stream that only lacks message_stop is broken; one that lacks message_delta too", async () => {
  for (const at of ["before-terminal", "before-end"] as const) {
    await using bench = await startBench({ dialect: "anthropic", first: cut(long, at, "end") });
    const reply = await bench.ask(true);
    expect(reply.end).toBe("whole");
    const { name, data } = eventsOf(reply.body).at(-1) ?? { name: "", data: {} };
    expect(door.errorOf(data).message).toMatch(/./);
    if (clientName === "messages") expect(name).toBe("error");
    expect(reply.body).not.toMatch(/message_stop|\[DONE\]|response\.completed/);
    expect(await bench.providerView("first")).toMatchObject({ status: "open" });
  }
});

it.runIf(clientName === "messages")(
  "native bytes are passed on as they came: comments, unknown events, ids, CRLF",
  async () => {
    const start = `event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-opus-5-5","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n`;
    const rest = [
      ": a comment\n\n",
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
      'id: 7\nretry: 100\nevent: content_block_delta\ndata:  {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"} }\n\n',
      'event: brand_new\ndata: {"type":"brand_new","x":[1,2]}\n\n',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
      'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","new":1},"usage":{"output_tokens":2}}\n\n',
      'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ];
    for (const whole of [[start, ...rest], [start, ...rest].map((event) => event.replaceAll("\n", "\r\n"))]) {
      for (const size of ["coalesced", 1, 13] as const) {
        await using bench = await startBench({ dialect: "anthropic", first: sized(frames(...whole), size) });
        const reply = await bench.ask(true);
        expect(reply.end).toBe("whole");
        expect(reply.body).toBe(whole.join(""));
      }
    }
  },
);
