import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import { type ClientAnswer, ClientStreamReader, inClientDialect } from "../../src/dialects/client-reader.ts";
import { TranslatedEvents } from "../../src/dialects/event-reader.ts";
import { NativeStreamReader } from "../../src/dialects/messages/stream.ts";
import { readNativeWhole } from "../../src/dialects/messages/whole.ts";
import { PassedEvents } from "../../src/dialects/passed-events.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { readTranslatedWhole } from "../../src/dialects/translated.ts";
import { contextOf, counted } from "../contract/stream-run.ts";
import { hasEnd } from "./check.ts";
import type { FuzzBody } from "./corpus.ts";
import type { FuzzCase } from "./drive.ts";
import { split } from "./mutate.ts";

/** A client of an API of OpenAI's. */
export interface FuzzClient {
  readonly answer: ClientAnswer;
  /** Returns the promises that a streamed answer breaks. */
  readonly problemsOf: (run: ClientRun) => readonly string[];
  /** Returns the promises that a whole answer breaks. */
  readonly wholeProblems: (answer: Readonly<Record<string, unknown>>) => readonly string[];
}

/** What a client was sent of a stream, and how the reader ended. */
export interface ClientRun {
  readonly state: string;
  readonly wire: string;
}

/** Reads an answer that was tampered with, of a provider of any API, for a client; a stream in two splits. Returns the promises that are broken. */
export function checkForClient(client: FuzzClient, { body, mutated, random }: FuzzCase): readonly string[] {
  if (!body.stream) return wholeProblems(client, { ...body, bytes: mutated.bytes });
  const reads = [split(mutated.bytes, random), split(mutated.bytes, random)];
  const runs = reads.map((one) => run(client.answer, body, one));
  const problems = runs.flatMap((one) => [...client.problemsOf(one)]);
  for (const { state } of runs)
    if (state !== "failed" && state !== "complete") problems.push(`the reader ends in the state ${state}`);
  const [first, second] = runs.map(({ wire }) => wire);
  const isWhole = runs.every(({ state }) => state === "complete");
  if (isWhole && first !== second) problems.push("two splits give two answers");
  if (isWhole && mutated.isPrefix && !hasEnd(mutated.bytes, body.dialect))
    problems.push("a cut answer is taken for whole");
  return problems;
}

/** Reads a body as the delivery does: a stream that breaks after its first content is broken off. */
function run(answer: ClientAnswer, body: FuzzBody, reads: readonly Uint8Array[]): ClientRun {
  const reader = open(answer, body);
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

function open(answer: ClientAnswer, { dialect }: FuzzBody): ClientStreamReader {
  if (dialect === "native") return new ClientStreamReader(new PassedEvents(new NativeStreamReader()), answer);
  const context = contextOf({ stream: true, dialect, serverTools: new Set(["web_search"]) });
  const options = { generateId: counted() };
  const translator =
    dialect === "chat" ? new ChatStreamTranslator(context, options) : new ResponsesStreamTranslator(context, options);
  return new ClientStreamReader(new TranslatedEvents(translator), answer);
}

function wholeProblems(client: FuzzClient, { dialect, bytes }: FuzzBody): readonly string[] {
  const read = (body: Uint8Array) =>
    dialect === "native"
      ? readNativeWhole(body, { answerModel: undefined, framing: "json" })
      : readTranslatedWhole(body, contextOf({ stream: false, dialect }), counted());
  const whole = inClientDialect(read, client.answer, "json")(bytes);
  if (whole.type === "failure") return [];
  return client.wholeProblems(JSON.parse(new TextDecoder().decode(whole.bytes)));
}
