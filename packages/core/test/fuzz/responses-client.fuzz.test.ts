import { expect, it } from "vitest";
import { ClientStreamReader, inClientDialect } from "../../src/dialects/client-reader.ts";
import { TranslatedEvents } from "../../src/dialects/event-reader.ts";
import { PassedEvents } from "../../src/dialects/passed-events.ts";
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
import { hasEnd } from "./check.ts";
import type { FuzzBody } from "./corpus.ts";
import { drive, type FuzzCase, fuzzCases } from "./drive.ts";
import { split } from "./mutate.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes more.
const cases = fuzzCases(1_000);

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

function check({ body, mutated, random }: FuzzCase): readonly string[] {
  if (!body.stream) return wholeProblems({ ...body, bytes: mutated.bytes });
  const runs = [split(mutated.bytes, random), split(mutated.bytes, random)].map((reads) => run(body, reads));
  const problems = runs.flatMap((one) => problemsOf(one));
  const [first, second] = runs.map((one) => JSON.stringify(one));
  const isWhole = runs.every(({ state }) => state === "complete");
  if (isWhole && first !== second) problems.push("two splits give two answers");
  if (isWhole && mutated.isPrefix && !hasEnd(mutated.bytes, body.dialect))
    problems.push("a cut answer is taken for whole");
  return problems;
}

it(`keeps every promise to Responses clients in ${cases} tampered answers`, () => {
  expect(drive(cases, ["native", "chat", "responses"], check)).toBe("");
}, 3_600_000);
