import { expect, it } from "vitest";
import { chatClient } from "../../src/dialects/chat/client-dialect.ts";
import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import { ClientStreamReader, inClientDialect } from "../../src/dialects/client-reader.ts";
import { TranslatedEvents } from "../../src/dialects/event-reader.ts";
import { PassedEvents } from "../../src/dialects/passed-events.ts";
import type { ClientAnswerContext } from "../../src/dialects/dialect.ts";
import { NativeStreamReader } from "../../src/dialects/messages/stream.ts";
import { readNativeWhole } from "../../src/dialects/messages/whole.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { readTranslatedWhole } from "../../src/dialects/translated.ts";
import { checkChatStream } from "../contract/chat-stream-check.ts";
import { contextOf, counted } from "../contract/stream-run.ts";
import { hasEnd } from "./check.ts";
import type { FuzzBody } from "./corpus.ts";
import { drive, type FuzzCase, fuzzCases } from "./drive.ts";
import { split } from "./mutate.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes more.
const cases = fuzzCases(1_000);

const answerContext: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: true,
  request: {},
  customTools: new Map(),
  id: "chatcmpl-1",
  createdAtMs: 0,
};
const answer = { dialect: chatClient, context: answerContext };

/** The answer of a provider of any API, on its way to a Chat client. */
function open({ dialect }: FuzzBody): ClientStreamReader {
  if (dialect === "native") return new ClientStreamReader(new PassedEvents(new NativeStreamReader()), answer);
  const context = contextOf({ stream: true, dialect, serverTools: new Set(["web_search"]) });
  const options = { generateId: counted() };
  const translator =
    dialect === "chat" ? new ChatStreamTranslator(context, options) : new ResponsesStreamTranslator(context, options);
  return new ClientStreamReader(new TranslatedEvents(translator), answer);
}

interface Run {
  readonly state: string;
  readonly wire: string;
}

/** Reads a body as the delivery does: a stream that breaks after its first content is broken off. */
function run(body: FuzzBody, reads: readonly Uint8Array[]): Run {
  const reader = open(body);
  const parts: Uint8Array[] = [];
  for (const bytes of reads) {
    const out = reader.push(bytes);
    if (out) parts.push(out);
  }
  const last = reader.end();
  if (last) parts.push(last);
  const { state } = reader;
  if (state === "failed" && parts.length > 0)
    parts.push(reader.breakOff({ status: 502, error: { type: "api_error", message: "it broke" } }));
  return { state, wire: Buffer.concat(parts).toString("utf8") };
}

function problemsOf({ state, wire }: Run): readonly string[] {
  const problems = [...checkChatStream(wire, true)];
  const isClean = wire.endsWith("data: [DONE]\n\n");
  const hasError = wire.includes('data: {"error":');
  if (state === "failed" && isClean) problems.push("a broken answer has a clean end");
  if (state === "failed" && wire !== "" && !hasError) problems.push("a broken answer does not say so");
  if (state === "complete" && !isClean && !hasError) problems.push("a whole answer has no end");
  if (state !== "failed" && state !== "complete") problems.push(`the reader ends in the state ${state}`);
  return problems;
}

/** A whole answer becomes a completion, or is refused as none. */
function wholeProblems({ dialect, bytes }: FuzzBody): readonly string[] {
  const read = (body: Uint8Array) =>
    dialect === "native"
      ? readNativeWhole(body, { answerModel: undefined, framing: "json" })
      : readTranslatedWhole(body, contextOf({ stream: false, dialect }), counted());
  const whole = inClientDialect(read, answer, "json")(bytes);
  if (whole.type === "failure") return [];
  const completion = JSON.parse(new TextDecoder().decode(whole.bytes)) as Readonly<Record<string, unknown>>;
  const choices = completion["choices"] as readonly Readonly<Record<string, unknown>>[];
  const isAnswer = completion["object"] === "chat.completion" && typeof choices[0]?.["finish_reason"] === "string";
  return isAnswer ? [] : ["a whole answer that is no completion"];
}

function check({ body, mutated, random }: FuzzCase): readonly string[] {
  if (!body.stream) return wholeProblems({ ...body, bytes: mutated.bytes });
  const runs = [split(mutated.bytes, random), split(mutated.bytes, random)].map((reads) => run(body, reads));
  const problems = runs.flatMap((one) => problemsOf(one));
  const [first, second] = runs.map(({ wire }) => wire);
  const isWhole = runs.every(({ state }) => state === "complete");
  if (isWhole && first !== second) problems.push("two splits give two answers");
  if (isWhole && mutated.isPrefix && !hasEnd(mutated.bytes, body.dialect))
    problems.push("a cut answer is taken for whole");
  return problems;
}

it(`keeps every promise to Chat clients in ${cases} tampered answers`, () => {
  expect(drive(cases, ["native", "chat", "responses"], check)).toBe("");
}, 3_600_000);
