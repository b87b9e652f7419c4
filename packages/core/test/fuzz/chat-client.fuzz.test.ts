import { expect, it } from "vitest";
import { chatClient } from "../../src/dialects/chat/client-dialect.ts";
import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import {
  ClientStreamReader,
  inClientDialect,
  PassedEvents,
  TranslatedEvents,
} from "../../src/dialects/client-reader.ts";
import type { ClientAnswerContext } from "../../src/dialects/dialect.ts";
import { NativeStreamReader } from "../../src/dialects/messages/stream.ts";
import { readNativeWhole } from "../../src/dialects/messages/whole.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { readTranslatedWhole } from "../../src/dialects/translated.ts";
import { checkChatStream } from "../contract/chat-stream-check.ts";
import { contextOf, counted } from "../contract/stream-run.ts";
import { corpus, type FuzzBody } from "./corpus.ts";
import { mutate, split } from "./mutate.ts";
import { Random } from "./random.ts";

// A sample in each run of the tests. A case is repeated with CCPB_FUZZ_SEED and CCPB_FUZZ_FROM.
const cases = Number(process.env["CCPB_FUZZ_CASES"] ?? 1_000);
const seed = Number(process.env["CCPB_FUZZ_SEED"] ?? 1);
const from = Number(process.env["CCPB_FUZZ_FROM"] ?? 0);

const bodies = corpus();
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

function check(number: number): string | undefined {
  const random = new Random(Math.imul(seed, 0x9e3779b1) + Math.imul(number, 0x85ebca6b));
  const body = random.pick(bodies);
  const mutated = mutate(body.bytes, random);
  const problems: string[] = [];
  try {
    if (body.stream) {
      const runs = [split(mutated.bytes, random), split(mutated.bytes, random)].map((reads) => run(body, reads));
      for (const one of runs) for (const problem of problemsOf(one)) problems.push(problem);
      const [first, second] = runs.map(({ wire }) => wire);
      if (runs.every(({ state }) => state === "complete") && first !== second)
        problems.push("two splits give two answers");
    } else for (const problem of wholeProblems({ ...body, bytes: mutated.bytes })) problems.push(problem);
  } catch (error) {
    problems.push(`a throw: ${error instanceof Error ? error.stack : String(error)}`);
  }
  if (problems.length === 0) return undefined;
  const where = `CCPB_FUZZ_SEED=${seed} CCPB_FUZZ_FROM=${number} CCPB_FUZZ_CASES=1`;
  return `${where}\n${body.id}, ${mutated.steps.join(", ")}: ${problems.join("; ")}`;
}

it(`keeps every promise to Chat clients in ${cases} tampered answers`, () => {
  const found: string[] = [];
  for (let number = from; number < from + cases && found.length < 20; number += 1) {
    const problem = check(number);
    if (problem !== undefined) found.push(problem);
  }
  expect(found.join("\n\n")).toBe("");
}, 3_600_000);
