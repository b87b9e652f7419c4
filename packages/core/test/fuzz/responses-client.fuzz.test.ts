import { expect, it } from "vitest";
import { responsesClient } from "../../src/dialects/responses/client-dialect.ts";
import { SseDecoder } from "../../src/sse/decode.ts";
import { answerContext, clientTools } from "../contract/responses-client-cases.ts";
import { checkResponsesStream } from "../contract/responses-stream-check.ts";
import { checkForClient, type ClientRun, type FuzzClient } from "./client-run.ts";
import { drive, fuzzCases } from "./drive.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes more.
const cases = fuzzCases(1_000);

const client: FuzzClient = {
  answer: { dialect: responsesClient, context: answerContext(clientTools) },
  problemsOf,
  wholeProblems,
};

function problemsOf({ state, wire }: ClientRun): readonly string[] {
  const events = eventsOf(wire);
  const problems = events.length === 0 ? [] : [...checkResponsesStream(events)];
  const isClean = events.some(({ type }) => type === "response.completed" || type === "response.incomplete");
  const hasFailed = events.some(({ type }) => type === "response.failed");
  if (state === "failed" && isClean) problems.push("a broken answer has a clean end");
  if (state === "failed" && wire !== "" && !hasFailed) problems.push("a broken answer does not say so");
  if (state === "complete" && !isClean && !hasFailed) problems.push("a whole answer has no end");
  return problems;
}

function eventsOf(wire: string): readonly Readonly<Record<string, unknown>>[] {
  const decoder = new SseDecoder();
  const items = [...decoder.push(new TextEncoder().encode(wire)), ...decoder.end()];
  return items.map((item) =>
    item.type === "event" ? (JSON.parse(item.data) as Record<string, unknown>) : { type: item.type },
  );
}

/** A whole answer becomes a response object, or is refused as none. */
function wholeProblems({ object, status }: Readonly<Record<string, unknown>>): readonly string[] {
  return object === "response" && status !== "in_progress" ? [] : ["a whole answer that is no response"];
}

it(`keeps every promise to Responses clients in ${cases} tampered answers`, () => {
  expect(drive(cases, ["native", "chat", "responses"], (one) => checkForClient(client, one))).toBe("");
}, 3_600_000);
