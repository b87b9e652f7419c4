import type { ScanBody } from "../../bytes/scan-body.ts";
import { isObject, parseJson } from "../../base/json.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import { SseDecoder } from "../../sse/decode.ts";
import { encodeEvents } from "../../sse/encode.ts";
import { errorFailure } from "../../conversation/answer/answer-body.ts";
import { type AnyStreamEvent, MessageAssembler } from "../../conversation/answer/message-assembler.ts";
import { messageToEvents } from "../../conversation/answer/message-events.ts";
import type { Message } from "../../protocol/anthropic.ts";
import { skipSpace } from "../../bytes/json-walk.ts";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { spliceModel } from "../../bytes/splice-model.ts";
import { readMessageSigns } from "./message-signs.ts";
import { NativeStreamReader } from "./stream.ts";
import { mergeNativeUsage } from "./usage.ts";
import { SignatureWatch } from "./signature-watch.ts";
import type { WholeAnswer } from "../whole-answer.ts";

export interface NativeWholeOptions {
  readonly answerModel: string | undefined;
  /** Form that the client asked for. */
  readonly framing: "json" | "events";
  /** Called with the proof of the answer's thinking: a signature, or redacted data. */
  readonly onSignature?: ((proof: string) => void) | undefined;
  readonly scanBody?: ScanBody | undefined;
}

/** Judges a whole body of an anthropic provider: its bytes go to the client as they are, but for the model's name; what came in the other framing is re-framed. */
export function readNativeWhole(body: Uint8Array, options: NativeWholeOptions): WholeAnswer {
  const first = body[skipSpace(body, 0)];
  if (first === undefined) return failure({ type: "not-an-answer", detail: "an empty body" });
  if (first === 0x7b || first === 0x5b) return readJson(body, options);
  return readEvents(body, options);
}

function readJson(body: Uint8Array, options: NativeWholeOptions): WholeAnswer {
  const { answerModel, framing, onSignature } = options;
  const signs = readMessageSigns(body, options.scanBody);
  if (signs?.isMessage !== true) return failure(notAMessage(parse(body)));
  if (onSignature) tellSignatures(parse(body) as Message, onSignature); // checked above
  const named = answerModel === undefined ? body : concatBytes(spliceModel(body, signs.models, answerModel));
  const bytes = framing === "json" ? named : encodeEvents(messageToEvents(parse(named) as Message)); // checked above
  return {
    type: "answer",
    bytes,
    ...(signs.usage && { usage: signs.usage }),
    ...(signs.stopReason !== undefined && { stopReason: signs.stopReason }),
    warnings: signs.warnings,
  };
}

function tellSignatures({ content }: Message, onSignature: (proof: string) => void): void {
  const watch = new SignatureWatch(onSignature);
  for (const block of content) watch.note({ content_block: block });
}

function notAMessage(message: unknown): StreamFailure {
  if (message === undefined) return { type: "not-an-answer", detail: "the body is no complete JSON" };
  const holder: unknown = Array.isArray(message) ? message[0] : message;
  if (isObject(holder) && ("error" in holder || holder["type"] === "error")) {
    return errorFailure(holder);
  }
  return { type: "not-an-answer", detail: "the body is JSON, but no message" };
}

function readEvents(body: Uint8Array, { answerModel, onSignature }: NativeWholeOptions): WholeAnswer {
  const reader = new NativeStreamReader({ answerModel, onSignature });
  const parts = [reader.push(body), reader.end()].filter((part) => part !== undefined);
  if (reader.state !== "complete") return failure(reader.failure ?? { type: "truncated" });
  const assembler = new MessageAssembler();
  const decoder = new SseDecoder();
  for (const item of [...decoder.push(concatBytes(parts)), ...decoder.end()]) {
    if (item.type === "comment" || (item.type === "event" && item.data === "")) continue;
    const event = item.type === "event" ? parseJson(item.data) : undefined;
    if (!isObject(event)) return failure({ type: "junk", detail: "an event whose data is no JSON object in UTF-8" });
    assembler.push(event as Readonly<Record<string, unknown>> & AnyStreamEvent); // the assembler skips an event without a type
  }
  const message = assembler.message();
  if (message?.type !== "message")
    return failure({ type: "not-an-answer", detail: "an event stream without a message" });
  // A limit may have cut a call: it is left out. Without one, its arguments are no JSON, or its end was lost.
  if (assembler.hasBrokenCall && !isLimit(message.stop_reason))
    return failure({ type: "junk", detail: "the arguments of a tool call are cut or are no JSON" });
  const usage = mergeNativeUsage(undefined, { ...message });
  return {
    type: "answer",
    bytes: new TextEncoder().encode(JSON.stringify(message)),
    ...(usage && { usage }),
    ...(typeof message.stop_reason === "string" && { stopReason: message.stop_reason }),
    warnings: reader.warnings,
  };
}

function isLimit(stopReason: unknown): boolean {
  return stopReason === "max_tokens" || stopReason === "model_context_window_exceeded";
}

function failure(reason: StreamFailure): WholeAnswer {
  return { type: "failure", failure: reason };
}

/** The parsed body; undefined where it is no JSON in UTF-8. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined; // the caller makes this a failure of the answer
  }
}
