import { expect, it } from "vitest";
import {
  ClientStreamReader,
  inClientDialect,
  PassedEvents,
  TranslatedEvents,
} from "../../src/dialects/client-reader.ts";
import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import { NativeStreamReader } from "../../src/dialects/messages/stream.ts";
import type { ReplyReader } from "../../src/dialects/reader.ts";
import { responsesClient } from "../../src/dialects/responses/client-dialect.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { readTranslatedWhole } from "../../src/dialects/translated.ts";
import { readNativeWhole } from "../../src/dialects/messages/whole.ts";
import { SseDecoder } from "../../src/sse/decode.ts";
import { answerContext, clientTools } from "../contract/responses-client-cases.ts";
import { checkResponsesStream } from "../contract/responses-stream-check.ts";
import { contextOf, counted } from "../contract/stream-run.ts";
import { corpus, type FuzzBody } from "./corpus.ts";
import { mutate, split } from "./mutate.ts";
import { Random } from "./random.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes more. A case is repeated with CCPB_FUZZ_SEED and CCPB_FUZZ_FROM.
const cases = Number(process.env["CCPB_FUZZ_CASES"] ?? 1_000);
const seed = Number(process.env["CCPB_FUZZ_SEED"] ?? 1);
const from = Number(process.env["CCPB_FUZZ_FROM"] ?? 0);

const bodies = corpus();

/** The answer of a provider of any API, on its way to a Responses client. */
function open({ dialect }: FuzzBody): ReplyReader {
  const answer = { dialect: responsesClient, context: answerContext(clientTools) };
  if (dialect === "native")
    return new ClientStreamReader(new PassedEvents(new NativeStreamReader({ answerModel: undefined })), answer);
  const context = contextOf({ stream: true, dialect, serverTools: new Set(["web_search"]) });
  const options = { generateId: counted() };
  const translator =
    dialect === "chat" ? new ChatStreamTranslator(context, options) : new ResponsesStreamTranslator(context, options);
  return new ClientStreamReader(new TranslatedEvents(translator), answer);
}

interface Run {
  readonly state: string;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

function run(body: FuzzBody, reads: readonly Uint8Array[]): Run {
  const reader = open(body);
  const parts: Uint8Array[] = [];
  for (const bytes of reads) {
    const out = reader.push(bytes);
    if (out) parts.push(out);
  }
  const last = reader.end();
  if (last) parts.push(last);
  const decoder = new SseDecoder();
  const items = [...decoder.push(Buffer.concat(parts)), ...decoder.end()];
  const events = items.map((item) =>
    item.type === "event" ? (JSON.parse(item.data) as Record<string, unknown>) : { type: item.type },
  );
  return { state: reader.state, events };
}

function problemsOf({ state, events }: Run): readonly string[] {
  const problems = events.length === 0 ? [] : [...checkResponsesStream(events)];
  const isClean = events.some(({ type }) => type === "response.completed" || type === "response.incomplete");
  const isOver = isClean || events.some(({ type }) => type === "response.failed");
  if (state === "failed" && isClean) problems.push("a broken answer has a clean end");
  if (state === "complete" && !isOver) problems.push("a whole answer has no end");
  if (state !== "failed" && state !== "complete") problems.push(`the reader ends in the state ${state}`);
  return problems;
}

/** A whole answer becomes a response object, or is refused as none. */
function wholeProblems({ dialect, bytes }: FuzzBody): readonly string[] {
  const read = (body: Uint8Array) =>
    dialect === "native"
      ? readNativeWhole(body, { answerModel: undefined, framing: "json" })
      : readTranslatedWhole(body, contextOf({ stream: false, dialect }), counted());
  const answer = inClientDialect(
    read,
    { dialect: responsesClient, context: answerContext(clientTools) },
    "json",
  )(bytes);
  if (answer.type === "failure") return [];
  const response = JSON.parse(new TextDecoder().decode(answer.bytes)) as {
    readonly object?: unknown;
    readonly status?: unknown;
  };
  return response.object === "response" && response.status !== "in_progress"
    ? []
    : ["a whole answer that is no response"];
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
      const [first, second] = runs.map((one) => JSON.stringify(one));
      if (runs.every(({ state }) => state === "complete") && first !== second)
        problems.push("two splits give two answers");
    } else for (const problem of wholeProblems({ ...body, bytes: mutated.bytes })) problems.push(problem);
  } catch (error) {
    problems.push(`a throw: ${error instanceof Error ? error.stack : String(error)}`);
  }
  if (problems.length === 0) return undefined;
  return `CCPB_FUZZ_SEED=${seed} CCPB_FUZZ_FROM=${number} CCPB_FUZZ_CASES=1\n${body.id}, ${mutated.steps.join(", ")}: ${problems.join("; ")}`;
}

it(`keeps every promise to Responses clients in ${cases} tampered answers`, () => {
  const found: string[] = [];
  for (let number = from; number < from + cases && found.length < 20; number += 1) {
    const problem = check(number);
    if (problem !== undefined) found.push(problem);
  }
  expect(found.join("\n\n")).toBe("");
}, 3_600_000);
