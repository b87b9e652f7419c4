import { expect, it } from "vitest";
import { chatClient } from "../../src/dialects/chat/client-dialect.ts";
import type { ClientAnswerContext } from "../../src/dialects/dialect.ts";
import { checkChatStream } from "../contract/chat-stream-check.ts";
import { checkForClient, type ClientRun, type FuzzClient } from "./client-run.ts";
import { drive, fuzzCases } from "./drive.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes more.
const cases = fuzzCases(1_000);

const context: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: true,
  request: {},
  customTools: new Map(),
  id: "chatcmpl-1",
  createdAtMs: 0,
};

const client: FuzzClient = { answer: { dialect: chatClient, context }, problemsOf, wholeProblems };

function problemsOf({ state, wire }: ClientRun): readonly string[] {
  const problems = [...checkChatStream(wire, true)];
  const isClean = wire.endsWith("data: [DONE]\n\n");
  const hasError = wire.includes('data: {"error":');
  if (state === "failed" && isClean) problems.push("a broken answer has a clean end");
  if (state === "failed" && wire !== "" && !hasError) problems.push("a broken answer does not say so");
  if (state === "complete" && !isClean && !hasError) problems.push("a whole answer has no end");
  return problems;
}

/** A whole answer becomes a completion, or is refused as none. */
function wholeProblems(completion: Readonly<Record<string, unknown>>): readonly string[] {
  const choices = completion["choices"] as readonly Readonly<Record<string, unknown>>[];
  const isAnswer = completion["object"] === "chat.completion" && typeof choices[0]?.["finish_reason"] === "string";
  return isAnswer ? [] : ["a whole answer that is no completion"];
}

it(`keeps every promise to Chat clients in ${cases} tampered answers`, () => {
  expect(drive(cases, ["native", "chat", "responses"], (one) => checkForClient(client, one))).toBe("");
}, 3_600_000);
