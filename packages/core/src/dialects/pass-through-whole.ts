import { isErrorObject } from "../failures/error-text.ts";
import type { StreamFailure } from "../base/outcome.ts";
import type { WholeAnswer } from "./whole-answer.ts";
import { errorFailure, readAnswerBody } from "../conversation/answer/answer-body.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import { type ByteRange, JsonWalkError, skipSpace, walkObject } from "../bytes/json-walk.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { isKey, spliceModel } from "../bytes/splice-model.ts";
import type { AnswerWatch } from "./answer-watch.ts";

/** Options of passing a whole answer through. */
export interface PassWholeOptions {
  /** A new watch of the dialect. */
  readonly watch: AnswerWatch;
  /** The member of a whole answer that an answer of the dialect must have as an array: `choices` or `output`. */
  readonly contentMember: "choices" | "output";
  /** The name to put into the answer; undefined where mapping did not change it. */
  readonly answerModel: string | undefined;
}

/** Decides whether a body is JSON, by its first byte that is no white space. */
export function isJsonBody(body: Uint8Array): boolean {
  const first = body[skipSpace(body, 0)];
  return first === 0x7b || first === 0x5b;
}

/** Judges a whole JSON body of an API of OpenAI's: its bytes go to the client as they are, but for the model's name. */
export function readPassedWhole(body: Uint8Array, options: PassWholeOptions): WholeAnswer {
  const text = decode(body);
  if (text === undefined) return failure({ type: "not-an-answer", detail: "the provider's answer is not valid UTF-8" });
  const read = readAnswerBody(text);
  if (read.type === "failure") return read;
  const answer: unknown = Array.isArray(read.value) ? read.value[0] : read.value;
  if (!isObject(answer)) return failure({ type: "not-an-answer", detail: "the provider sent JSON that is no answer" });
  const { watch, contentMember, answerModel } = options;
  const content = answer[contentMember];
  if (!Array.isArray(content) || (contentMember === "choices" && content.length === 0)) {
    return failure(
      isErrorObject(answer)
        ? errorFailure(answer)
        : { type: "not-an-answer", detail: `the provider sent JSON without ${contentMember}` },
    );
  }
  if (isUnfinished(answer))
    return failure({ type: "not-an-answer", detail: "the provider sent an answer that is not finished" });
  watch.note(contentMember === "choices" ? answer : { type: "response.completed", response: answer }, "");
  if (watch.failure) return failure(watch.failure);
  const { usage, stopReason } = watch;
  return {
    type: "answer",
    bytes: answerModel === undefined ? body : withModel(body, answerModel),
    ...(usage && { usage }),
    ...(stopReason !== undefined && { stopReason }),
    warnings: [],
  };
}

/** A response that goes on in the background is what its client asked for. */
function isUnfinished({ status, background }: JsonObject): boolean {
  return (status === "in_progress" || status === "queued") && background !== true;
}

function withModel(body: Uint8Array, model: string): Uint8Array {
  const ranges: ByteRange[] = [];
  try {
    walkObject(body, 0, (key, value) => {
      if (isKey(body, key, "model") && body[value.start] === 0x22) ranges.push(value);
    });
  } catch (error) {
    if (!(error instanceof JsonWalkError)) throw error;
    return body; // an array around the answer, or a byte order mark
  }
  return ranges.length === 0 ? body : concatBytes(spliceModel(body, ranges, model));
}

/** The text of the body; undefined where it is no UTF-8. */
function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined; // the caller makes this a failure of the answer
  }
}

function failure(reason: StreamFailure): WholeAnswer {
  return { type: "failure", failure: reason };
}
