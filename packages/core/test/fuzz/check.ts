import { SseDecoder } from "../../src/sse/decode.ts";
import { createReader } from "../../src/call/create-reader.ts";
import { brokenStreamEnding } from "../../src/dialects/messages/gate.ts";
import type { ReplyReader } from "../../src/dialects/reader.ts";
import { MessageStreamChecker } from "../../src/conversation/answer/grammar.ts";
import { contextOf, counted } from "../contract/stream-run.ts";
import type { FuzzBody, FuzzDialect } from "./corpus.ts";
import type { Mutated } from "./mutate.ts";

/** What a reader made of a body. */
interface Run {
  readonly reader: ReplyReader;
  readonly out: string;
}

/** Reads a body that was tampered with in two splits, and returns what broke a promise: nothing, where all is well. */
export function check(
  body: FuzzBody,
  mutated: Mutated,
  asked: { readonly stream: boolean; readonly splits: readonly [readonly Uint8Array[], readonly Uint8Array[]] },
): readonly string[] {
  const { dialect } = body;
  const [first, second] = asked.splits.map((reads) => read(reads, dialect, asked.stream)) as [Run, Run];
  const problems = [...checkRun(first, dialect, asked.stream), ...checkRun(second, dialect, asked.stream)];
  if (first.reader.state !== second.reader.state)
    problems.push(`one split is ${first.reader.state}, another ${second.reader.state}`);
  else if (JSON.stringify(first.reader.failure) !== JSON.stringify(second.reader.failure))
    problems.push(`two splits fail in two ways: ${JSON.stringify([first.reader.failure, second.reader.failure])}`);
  else if (first.reader.state === "complete" && first.out !== second.out) problems.push("two splits give two answers");
  if (mutated.isPrefix && first.reader.state === "complete" && !hasEnd(mutated.bytes, dialect))
    problems.push("a cut answer is taken for whole");
  return problems;
}

function read(reads: readonly Uint8Array[], dialect: FuzzDialect, stream: boolean): Run {
  const reader = createReader({
    stream,
    dialect: dialect === "native" ? "messages" : dialect,
    requestedModel: "m",
    client: undefined,
    answerModel: undefined,
    translation:
      dialect === "native" ? undefined : contextOf({ stream, dialect, serverTools: new Set(["web_search"]) }),
    generateId: counted(),
  });
  const parts: Uint8Array[] = [];
  for (const bytes of reads) {
    const out = reader.push(bytes);
    if (out) parts.push(out);
  }
  const last = reader.end();
  if (last) parts.push(last);
  return { reader, out: Buffer.concat(parts).toString("utf8") };
}

function checkRun({ reader, out }: Run, dialect: FuzzDialect, stream: boolean): readonly string[] {
  const { state, usage } = reader;
  const problems: string[] = [];
  if (state !== "complete" && state !== "failed") problems.push(`the reader ends in the state ${state}`);
  if (state === "failed" && !reader.failure) problems.push("a failed reader names no failure");
  for (const count of Object.values(usage ?? {}))
    if (!Number.isInteger(count) || count < 0 || count > 2 ** 54) problems.push(`a count is ${count}`);
  if (!stream) return [...problems, ...checkMessage(out, state, dialect)];
  if (out === "") return state === "complete" ? [...problems, "a whole answer without a byte"] : problems;
  return [...problems, ...(dialect === "native" ? checkNative(out, state) : checkTranslated(out, state))];
}

/** A whole answer: one message, whose calls have objects for input; nothing of one that failed. */
function checkMessage(out: string, state: string, dialect: FuzzDialect): readonly string[] {
  if (state === "failed") return out === "" ? [] : ["bytes of an answer that failed"];
  const message = JSON.parse(out) as { readonly type?: unknown; readonly content?: unknown };
  if (message.type !== "message" || !Array.isArray(message.content)) return ["a whole answer that is no message"];
  const content = message.content as readonly { readonly type?: unknown; readonly input?: unknown }[];
  // A provider's own message is passed on as it is, also where a name in it is not what it was.
  if (dialect === "native") return [];
  return content.some(({ type, input }) => type === "tool_use" && (typeof input !== "object" || input === null))
    ? ["a call without an input"]
    : [];
}

function eventsOf(text: string) {
  const decoder = new SseDecoder();
  return [...decoder.push(new TextEncoder().encode(text)), ...decoder.end()];
}

/** Our own events follow the grammar to the letter, also where the answer broke and the `error` event is added. */
function checkTranslated(out: string, state: string): readonly string[] {
  const checker = new MessageStreamChecker();
  const ending =
    state === "failed" ? new TextDecoder().decode(brokenStreamEnding({ type: "api_error", message: "m" })) : "";
  const problems: string[] = [];
  for (const item of eventsOf(out + ending)) {
    if (item.type === "event") checker.push(JSON.parse(item.data) as { readonly type: string }, item.event);
    else problems.push(`our stream holds ${item.type}`);
  }
  if (state === "failed" && out.includes("event: message_stop")) problems.push("a broken answer has a clean end");
  return [...problems, ...checker.end().map(({ rule, detail }) => `${rule}: ${detail}`)];
}

/** A native stream is passed on in whole events; a clean end has its stop reason before it, and data that a client can read. */
function checkNative(out: string, state: string): readonly string[] {
  if (!/(?:\r\n|\n|\r){2}$/.test(out)) return ["a part of an event"];
  const names = eventsOf(out).map((item) => (item.type === "event" ? item.event : undefined));
  const isEnded = names.at(-1) === "message_stop" || names.includes("message_stop");
  if (isEnded !== (state === "complete")) return [`a stream that is ${state} ${isEnded ? "has" : "has not"} an end`];
  return isEnded && !names.includes("message_delta") ? ["an end without a stop reason"] : [];
}

/** Whether what is left of a body says, to a reader of single lines, that the answer has ended. */
export function hasEnd(bytes: Uint8Array, dialect: FuzzDialect): boolean {
  const text = new TextDecoder().decode(bytes).replace(/^[\uFEFF\s]+/, "");
  if (text.startsWith("{") || text.startsWith("[")) return parse(text) !== undefined;
  return text.split(/\r\n|\n|\r/).some((line) => {
    const data = line.startsWith("data:") ? line.slice(5).trim() : "";
    if (data === "[DONE]") return true;
    const event = parse(data);
    if (typeof event !== "object" || event === null) return false;
    const { type, choices } = event as { readonly type?: unknown; readonly choices?: unknown };
    if (dialect === "native") return type === "message_stop";
    if (dialect === "responses" && /^response\.(?:completed|incomplete|failed|done)$/.test(String(type))) return true;
    return (
      Array.isArray(choices) &&
      choices.some(
        (choice: { readonly finish_reason?: unknown }) =>
          typeof choice?.finish_reason === "string" && choice.finish_reason !== "",
      )
    );
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
