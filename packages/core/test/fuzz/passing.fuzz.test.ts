import { expect, it } from "vitest";
import { ModelSplicer } from "../../src/dialects/model-splicer.ts";
import type { ReplyReader } from "../../src/dialects/reader.ts";
import { counted } from "../contract/stream-run.ts";
import { type PassingAnswer, passingReader } from "../passing-reader.ts";
import { hasEnd } from "./check.ts";
import type { FuzzBody } from "./corpus.ts";
import { drive, type FuzzCase, fuzzCases } from "./drive.ts";
import { split } from "./mutate.ts";

// Answers that pass through, because client and provider speak the same API of OpenAI's. A sample in each run of the tests; `pnpm run fuzz` takes more.
const cases = fuzzCases(1_500);

interface Run {
  readonly reader: ReplyReader;
  readonly out: Uint8Array;
}

function read(asked: PassingAnswer, reads: readonly Uint8Array[]): Run {
  const reader = passingReader(asked, counted());
  const { stream } = asked;
  const parts: Uint8Array[] = [];
  for (const bytes of reads) {
    const given = reader.push(bytes);
    if (given) parts.push(given);
  }
  const last = reader.end();
  if (last) parts.push(last);
  if (reader.state === "failed" && parts.length > 0 && stream)
    parts.push(reader.breakOff({ status: 502, error: { type: "api_error", message: "it broke" } }));
  return { reader, out: new Uint8Array(Buffer.concat(parts)) };
}

/** Whether a reader of single lines finds the end of a whole answer. */
function isClean(out: string): boolean {
  return out.split(/\r\n|\n|\r/).some((line) => {
    if (/^data: ?\[DONE\]/.test(line)) return true;
    if (!/^data:.*"response\.(?:completed|incomplete|done)"/.test(line) || !isJson(line)) return false;
    const { type } = JSON.parse(line.slice(line.indexOf("{"))) as { readonly type?: unknown };
    return type === "response.completed" || type === "response.incomplete" || type === "response.done";
  });
}

function runProblems({ reader, out }: Run, { stream }: PassingAnswer): readonly string[] {
  const { state, usage } = reader;
  const problems: string[] = [];
  if (state !== "complete" && state !== "failed") problems.push(`the reader ends in the state ${state}`);
  if (state === "failed" && !reader.failure) problems.push("a failed reader names no failure");
  for (const count of Object.values(usage ?? {}))
    if (!Number.isInteger(count) || count < 0 || count > 2 ** 54) problems.push(`a count is ${count}`);
  const text = Buffer.from(out).toString("latin1");
  if (state === "failed" && !stream && text !== "") problems.push("bytes of a whole answer that failed");
  if (state === "failed" && stream && isClean(text)) problems.push("a broken answer has a clean end");
  if (state === "complete" && text === "") problems.push("a whole answer without a byte");
  return problems;
}

/** Where no name is put back, every byte of a stream is the provider's own, but for an end of ours. */
function byteProblems({ reader, out }: Run, input: Uint8Array, { dialect }: PassingAnswer): readonly string[] {
  const ours = dialect === "chat" ? ["data: [DONE]\n\n", 'data: {"error"'] : ["event: response.failed\n"];
  let same = 0;
  while (same < out.length && out[same] === input[same]) same += 1;
  const rest = new TextDecoder().decode(out.subarray(same));
  // The last event may have lacked its blank line; our end may begin as what the provider sent next.
  const tail = new TextDecoder().decode(out.subarray(Math.max(0, same - 30)));
  const isOurs = rest === "" || rest === "\n\n" || ours.some((end) => tail.includes(end));
  return isOurs ? [] : [`a ${reader.state} stream was changed from byte ${same} on: ${rest.slice(0, 60)}`];
}

/** The events of a stream, a character a byte. */
function eventsOf(out: Uint8Array): readonly string[] {
  return Buffer.from(out)
    .toString("latin1")
    .split(/(?<=\r\n\r\n|\n\n|\r\r)/);
}

/** What differs between a stream with the name in it and the one without, into each event of which the name is put as if it were the first. */
function nameProblems(named: Run, plain: Run, { dialect, answerModel = "" }: PassingAnswer): readonly string[] {
  const holder = dialect === "responses" ? "response" : undefined;
  const given = eventsOf(named.out);
  const problems = eventsOf(plain.out).map((event, at) => {
    const expected = new ModelSplicer(answerModel, holder).splice(Buffer.from(event, "latin1"));
    const isSame = given[at] === Buffer.from(expected).toString("latin1");
    // What is no JSON, and tells no reader of a model, may have the name or not.
    return isSame || !isJson(event) ? undefined : `more than the name differs in ${JSON.stringify([event, given[at]])}`;
  });
  return problems.filter((problem) => problem !== undefined);
}

/** Whether the data of an event is JSON in UTF-8. */
function isJson(event: string): boolean {
  try {
    const bytes = Buffer.from(event.slice(event.indexOf("{")), "latin1");
    const data: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof data === "object" && data !== null;
  } catch {
    return false;
  }
}

function check({ body, mutated, random }: FuzzCase): readonly string[] {
  const stream = random.below(6) === 0 ? !body.stream : body.stream;
  const dialect = body.dialect === "responses" ? "responses" : "chat";
  const asked: PassingAnswer = { dialect, stream, answerModel: random.below(3) === 0 ? undefined : 'asked "model"' };
  const splits = [split(mutated.bytes, random), split(mutated.bytes, random)];
  const [first, second] = splits.map((reads) => read(asked, reads)) as [Run, Run];
  const problems = [...runProblems(first, asked), ...runProblems(second, asked)];
  const [one, other] = [first.reader, second.reader];
  if (one.state !== other.state) problems.push(`one split is ${one.state}, another ${other.state}`);
  else if (JSON.stringify(one.failure) !== JSON.stringify(other.failure))
    problems.push(`two splits fail in two ways: ${JSON.stringify([one.failure, other.failure])}`);
  else if (one.state === "complete" && Buffer.compare(first.out, second.out) !== 0)
    problems.push("two splits give two answers");
  if (mutated.isPrefix && one.state === "complete" && !hasEnd(mutated.bytes, body.dialect))
    problems.push("a cut answer is taken for whole");
  if (!stream || !isEventStream(body)) return problems;
  if (asked.answerModel === undefined) return [...problems, ...byteProblems(first, mutated.bytes, asked)];
  const plain = read({ ...asked, answerModel: undefined }, splits[0] as readonly Uint8Array[]);
  if (plain.reader.state !== one.state) problems.push(`the name makes a ${plain.reader.state} stream ${one.state}`);
  else if (one.state === "complete") problems.push(...nameProblems(first, plain, asked));
  return problems;
}

function isEventStream({ bytes }: FuzzBody): boolean {
  return /^\s*(?:data|event|:)/.test(new TextDecoder().decode(bytes.subarray(0, 100)));
}

it(`keeps every promise of streams that pass through in ${cases} tampered answers`, () => {
  expect(drive(cases, ["chat", "responses"], check)).toBe("");
}, 3_600_000);
