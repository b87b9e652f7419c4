import { BodyBytes } from "../../bytes/body-bytes.ts";
import { type ScanBody, scanMembers } from "../../bytes/scan-body.ts";
import { CcpbError } from "../../base/errors.ts";
import { type ByteRange, JsonWalkError, skipSpace, walkObject } from "../../bytes/json-walk.ts";
import { isModelTooLong, maxModelBytes, modelTooLong } from "./model-length.ts";
import { decodeString, isKey } from "../../bytes/splice-model.ts";

/** What one walk over a raw request body tells, without decoding it. */
export interface RequestFacts {
  readonly model: string;
  /** Every top-level `model` value; parsers take the last of duplicate keys, and which one an upstream takes is its own affair. */
  readonly modelRanges: readonly ByteRange[];
  readonly stream: boolean;
  /** The value of `metadata`, where there is one: the session is in it. */
  readonly metadata?: ByteRange;
  /** The value of `thinking`, where there is one. */
  readonly thinking?: ByteRange;
  /** The value of `thread` (server-side state), where there is one. */
  readonly thread?: ByteRange;
}

type Facts = { -readonly [name in keyof RequestFacts]?: RequestFacts[name] } & {
  modelRanges: ByteRange[];
  hasMessages: boolean;
  members: number;
};

// The Messages API has about 30. Each duplicate of `model` becomes a piece of the upstream's body, and each unknown one a warning.
const maxMembers = 1_000;

/**
 * Checks that `body` is one JSON object in UTF-8 with nothing after it, whose `model` is a string of 1 to 512 bytes and whose `messages` is an array,
 * and which has at most 1,000 members.
 * Throws `CcpbError` `invalid_request` (status 400) that says what is wrong and where.
 */
export function readRequestFacts(body: Uint8Array | BodyBytes, scan?: ScanBody): RequestFacts {
  const bytes = body instanceof BodyBytes ? body : new BodyBytes(body);
  const facts: Facts = { modelRanges: [], hasMessages: false, members: 0 };
  const note = (key: ByteRange, value: ByteRange): void => noteMember(bytes, facts, key, value);
  if (!scanMembers(bytes, scan, note)) walkWhole(bytes.whole(), note);
  const { model, hasMessages, modelRanges, stream = false, metadata, thinking, thread } = facts;
  if (model === undefined || model === "") throw invalidRequest("model: a non-empty string is required");
  if (!hasMessages) throw invalidRequest("messages: an array is required");
  return {
    model,
    modelRanges,
    stream,
    ...(metadata && { metadata }),
    ...(thinking && { thinking }),
    ...(thread && { thread }),
  };
}

function walkWhole(body: Uint8Array, onMember: (key: ByteRange, value: ByteRange) => void): void {
  try {
    const end = walkObject(body, 0, onMember);
    const rest = skipSpace(body, end);
    if (rest < body.length) throw new JsonWalkError("unexpected data after the object", rest);
  } catch (error) {
    if (!(error instanceof JsonWalkError)) throw error;
    throw invalidRequest(`The request body is not a JSON object: ${error.message} at byte ${error.offset}`, error);
  }
}

// An escaped character takes six bytes at most: a longer key is none of those that are looked for, and is not copied where it crosses chunks.
const longestKey = 6 * "metadata".length + 2;

function noteMember(bytes: BodyBytes, facts: Facts, key: ByteRange, value: ByteRange): void {
  facts.members += 1;
  if (facts.members > maxMembers) throw invalidRequest(`The request body has more than ${maxMembers} members.`);
  if (key.end - key.start > longestKey) return;
  const first = bytes.at(value.start);
  const body = bytes.slice(key.start, key.end);
  const name = { start: 0, end: body.length };
  if (isKey(body, name, "model")) {
    facts.modelRanges.push(value);
    // A model that is no string must not be spliced over: it is refused, as the last of duplicate keys counts.
    facts.model = first === 0x22 ? modelOf(bytes, value) : "";
  } else if (isKey(body, name, "stream")) facts.stream = first === 0x74;
  else if (isKey(body, name, "messages")) facts.hasMessages = first === 0x5b;
  else if (isKey(body, name, "metadata")) facts.metadata = value;
  else if (isKey(body, name, "thinking")) facts.thinking = value;
  else if (isKey(body, name, "thread") && first === 0x7b) facts.thread = value;
}

// An escaped unit takes six bytes at most, and stands for at least one: a longer value is refused without being decoded.
const maxModelRange = 6 * maxModelBytes + 2;

function modelOf(bytes: BodyBytes, value: ByteRange): string {
  const length = value.end - value.start;
  if (length > maxModelRange) throw modelTooLong();
  const model = decodeString(bytes.slice(value.start, value.end), { start: 0, end: length });
  if (isModelTooLong(model)) throw modelTooLong();
  return model;
}

function invalidRequest(message: string, cause?: unknown): CcpbError {
  return new CcpbError("invalid_request", message, { status: 400, type: "invalid_request_error", cause });
}
