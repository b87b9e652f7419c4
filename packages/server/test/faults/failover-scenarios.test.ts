import { readFile } from "node:fs/promises";
import { type BehaviourSource, cut, drop, frames, inserted, refuse, stall, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { door } from "./client-doors.ts";
import { healthyWords, saidOf, shortAfterContent, startBench, wordsOf } from "./fault-bench.ts";

const long = text("one two three four five six", { deltaLength: 4 });
const overflow = refuse(400, {
  errorType: "invalid_request_error",
  message: "prompt is too long: 210000 tokens > 200000 maximum",
});
const policy = refuse(400, {
  errorType: "invalid_request_error",
  message: "Output blocked by content filtering policy",
});
const roleOnly = frames(
  'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
);

interface Scenario {
  readonly name: string;
  readonly first: BehaviourSource;
  readonly second?: BehaviourSource;
  /** Default: of the preferred provider none, of the other 1,000,000 tokens. */
  readonly window?: number;
}

/** The sixteen scenarios; the preferred provider fails on the first attempt, and another one stands behind it. */
const scenarios: readonly Scenario[] = [
  { name: "429 with a wait", first: refuse(429, {}, { "retry-after": "30" }) },
  { name: "429 without a wait", first: refuse(429) },
  { name: "500", first: refuse(500) },
  { name: "connection reset", first: drop("reset") },
  { name: "silence before the headers", first: drop("stall") },
  { name: "silence after the role chunk", first: stall(roleOnly, "end") },
  { name: "cut after content", first: cut(long, "mid-content") },
  { name: "stall after content", first: stall(long, "mid-content") },
  { name: "malformed chunk", first: inserted(long, "mid-content", "data: {not json\n\n") },
  { name: "missing terminator", first: cut(long, "before-terminal", "end") },
  { name: "context length", first: overflow, window: 200_000 },
  { name: "content policy", first: policy },
  { name: "outage", first: drop("reset") },
  { name: "recovery", first: text("Recovered.") },
  { name: "all down: 500", first: refuse(500), second: refuse(500) },
  { name: "all down: no connection", first: drop("reset"), second: drop("reset") },
];

/** Plays a scenario; returns its row: what the client gets, the attempts, and which provider is out afterwards. */
async function play({ name, first, second, window }: Scenario): Promise<string> {
  await using bench = await startBench({
    dialect: "anthropic",
    first,
    ...(second !== undefined && { second }),
    ...(name === "recovery" && { script: [refuse(500)] }),
    settings: { failureCooldownMs: name === "recovery" ? 30 : 60_000 },
    provider: {
      ...(window !== undefined && { contextWindow: window }),
      ...(name.startsWith("silence") && { timeouts: { responseMs: 1_000, firstContentMs: 1_000 } }),
      // Its content has to come before a deadline passes.
      ...(name.startsWith("stall") && { timeouts: shortAfterContent }),
    },
    ...(window !== undefined && { secondProvider: { contextWindow: 1_000_000 } }),
  });
  let reply = await bench.ask(true);
  if (name === "outage") reply = await bench.ask(true);
  for (let round = 0; name === "recovery" && round < 100 && reply.headers["x-ccpb-provider"] !== "first"; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    reply = await bench.ask(true);
  }
  const states = new Map(bench.server.lines("circuit_change").map((line) => [String(line["provider"]), line["to"]]));
  const out = [...states].filter(([, to]) => to !== "closed").map(([provider]) => provider);
  const given =
    reply.status !== 200
      ? `${reply.status}`
      : reply.end === "aborted" || !isWholeStream(reply.body)
        ? "the part that came, then an `error` event"
        : `the whole answer of \`${String(reply.headers["x-ccpb-provider"])}\``;
  if (given.includes("second")) expect(wordsOf(reply)).toBe(healthyWords);
  const cooled = out.length === 0 ? "none" : out.map((one) => `\`${one}\``).join(", ");
  return `| ${name} | ${given} | ${String(reply.headers["x-ccpb-attempts"])} | ${cooled} |`;
}

/** Whether a stream is one that its client takes for a whole answer. */
function isWholeStream(body: string): boolean {
  try {
    door.expectWholeStream(saidOf(body));
    return true;
  } catch {
    return false; // an expectation that does not hold
  }
}

describe("the scenarios of a failover benchmark", () => {
  it("come out as the documentation says", async () => {
    const rows: string[] = [];
    for (const scenario of scenarios) rows.push(await play(scenario));
    const documented = await readFile(
      new URL("../../../../docs/benchmarks/failover-scenarios.md", import.meta.url),
      "utf8",
    );
    const table = documented.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:-|Scenario)/.test(line));
    expect(table.map(squeezed)).toEqual(rows.map(squeezed));
  });
});

/** The formatter pads the cells of a table. */
function squeezed(row: string): string {
  return row.replace(/ +/g, " ");
}
