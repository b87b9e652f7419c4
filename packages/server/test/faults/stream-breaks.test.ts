import { brokenStreams, cut, errorWithin, paced, text, thinking, tools, type Behaviour } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { clientName, door } from "./client-doors.ts";
import { dialects, eventsOf, expectBroken, expectServed, soon, shortAfterContent, startBench } from "./fault-bench.ts";

const claudeCode = "claude-cli/2.1.330 (external, cli)";
const agents = [
  [claudeCode, "abort"],
  ["Anthropic/JS 1.12.0", "error"],
  ["claude-cli/2.0.77 (external, cli)", "abort"],
] as const;

const tenWords = "one two three four five six seven eight nine ten";

// Written event by event: what breaks in the same read as its first content has not been seen by anybody, and fails over.
const long = paced(text(tenWords), 1);
const called = paced(tools({ name: "Bash", input: { command: "rm -rf build && make all install" } }), 1);
const toolList = { tools: [{ name: "Bash", input_schema: { type: "object" } }] };

/** Whether a broken stream of that name leaves its connection open, and a deadline may have to end it. */
function isSilent(what: string): boolean {
  return what.startsWith("stall") || what.includes("silence") || what.startsWith("data that is no JSON");
}

// Concurrent, since many of them do little but wait for a deadline.
describe.each(dialects)("a stream that breaks after its first content, %s:", { concurrent: true }, (dialect) => {
  const kinds = {
    text: [long, {}, ["after-content", "mid-content", "before-end"]],
    "a tool call": [called, toolList, ["after-content", "before-end"]],
    thinking: [paced(thinking("a long thought about it", "and words"), 1), {}, ["mid-content"]],
  } as const;
  const breaks = Object.entries(kinds).flatMap(([kind, [behaviour, change, places]]) =>
    Object.entries(brokenStreams(behaviour, places)).map(([what, broken]) => ({ kind, what, broken, change })),
  );

  it.each(breaks)(
    "$kind, $what: an honest end for every client, charged, spliced with nobody",
    async ({ broken, change, kind, what }) => {
      await using bench = await startBench({
        dialect,
        first: broken,
        provider: isSilent(what) ? { timeouts: shortAfterContent } : {},
      });
      for (const [agent, ending] of agents.slice(0, 2)) {
        bench.server.balancer.reset();
        const reply = await bench.ask(true, change, { "user-agent": agent });
        expectBroken(reply, ending);
        // Claude Code runs a tool at its content_block_stop.
        if (kind !== "thinking") expect(reply.body).not.toContain("event: content_block_stop");
        expect(reply.body).not.toContain("html");
        expect(reply.body).not.toContain("oops");
        expect(await bench.providerView("first")).toMatchObject({ healthy: false, status: "open", failure_count: 1 });
      }
      expect(bench.second.requests.length).toBe(0);
      expect(bench.completed()).toMatchObject([
        { state: "truncated", status: 200 },
        { state: "truncated", status: 200 },
      ]);
      expect(bench.server.lines("stream_interrupted").length).toBe(2);
      // What ended in order may be used again.
      if (what.includes("silence") || what.startsWith("stall")) {
        await soon(() => bench.first.connections === 0, "the upstream's connection is let go of");
      }
    },
  );

  it.each(agents)("client %s gets: %s", async (agent, ending) => {
    await using bench = await startBench({ dialect, first: cut(long, "mid-content") });
    expectBroken(await bench.ask(true, {}, { "user-agent": agent }), ending);
  });

  it.each(["error", "abort"] as const)("stream_failure: %s holds for everybody", async (streamFailure) => {
    await using bench = await startBench({ dialect, first: cut(long, "mid-content"), settings: { streamFailure } });
    for (const [agent] of agents) {
      bench.server.balancer.reset();
      expectBroken(await bench.ask(true, {}, { "user-agent": agent }), streamFailure);
    }
  });

  it("ends with overloaded_error where the upstream said so, with api_error otherwise", async () => {
    for (const [error, type] of [
      [{ message: "Overloaded", errorType: "overloaded_error" }, "overloaded_error"],
      [{ message: "Internal server error", errorType: "api_error" }, "api_error"],
    ] as const) {
      await using bench = await startBench({ dialect, first: errorWithin(long, "mid-content", error) });
      const reply = await bench.ask(true);
      expectBroken(reply, "error");
      const last = door.errorOf(eventsOf(reply.body).at(-1)?.data);
      expect(last.message).toBe(error.message);
      if (clientName === "messages") expect(last.type).toBe(type);
    }
  });

  it("is not sent half an event", async () => {
    for (const bytes of [700, 900, 1_000, 1_100, 1_200]) {
      await using bench = await startBench({ dialect, first: cut(long, { bytes }, "fin") });
      const reply = await bench.ask(true);
      // Throws where the stream holds anything but whole events.
      if (reply.headers["x-ccpb-provider"] === "first") expectBroken(reply, "error");
      else expectServed(reply, "second", true);
    }
  });

  it("leads the client's next request to the next provider", async () => {
    await using bench = await startBench({ dialect, first: cut(long, "mid-content") });
    expectBroken(await bench.ask(true, {}, { "user-agent": claudeCode }), "abort");
    expectServed(await bench.ask(true, {}, { "user-agent": claudeCode }), "second", true);
    expectServed(await bench.ask(false, {}, { "user-agent": claudeCode }), "second", false);
    expect(bench.first.requests.length).toBe(1);
  });

  it("harms no other stream: sixteen at once, half of them broken", async () => {
    const first = (request: { readonly body: unknown }): Behaviour =>
      JSON.stringify(request.body).includes("break") ? cut(paced(long, 3), "mid-content") : paced(long, 3);
    await using bench = await startBench({ dialect, first, settings: { unhealthyThreshold: 100 } });
    const replies = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        bench.ask(true, { messages: [{ role: "user", content: index % 2 === 0 ? "break" : "go" }] }),
      ),
    );
    replies.forEach((reply, index) => {
      if (index % 2 === 0) expectBroken(reply, "error");
      else expectServed(reply, "first", true, tenWords);
    });
  });
});
