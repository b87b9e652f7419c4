import { BodyBytes } from "../../bytes/body-bytes.ts";
import { type ScanBody, scanMembers } from "../../bytes/scan-body.ts";
import { clientApis } from "../client-apis.ts";
import type { DialectName } from "../dialect.ts";
import { CcpbError } from "../../base/errors.ts";
import { type ByteRange, JsonWalkError, skipSpace, walkObject } from "../../bytes/json-walk.ts";
import { isModelTooLong, maxModelBytes, modelTooLong } from "./model-length.ts";
import { decodeString, isKey } from "../../bytes/splice-model.ts";

/** Facts about a raw request body that one walk finds without decoding. */
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
  /** Chat, Responses: the value of `prompt_cache_key`, where there is one. */
  readonly cacheKey?: ByteRange;
  /** Responses: the values of `previous_response_id` and `conversation` (server-side state), where they are not null. */
  readonly previousResponse?: ByteRange;
  readonly conversation?: ByteRange;
}

type Facts = { -readonly [name in keyof RequestFacts]?: RequestFacts[name] } & {
  modelRanges: ByteRange[];
  hasPrompt: boolean;
  members: number;
};

// The Messages API has about 30. Each duplicate of `model` becomes a piece of the upstream's body, and each unknown one a warning.
const maxMembers = 1_000;

/** Options for reading a request. */
export interface FactsOptions {
  /** Finds the members of the body. Default: core's own walk over the bytes. */
  readonly scan?: ScanBody | undefined;
  /** The API of the request; default: Messages. */
  readonly dialect?: DialectName;
}

/**
 * Checks that `body` is one JSON object in UTF-8 with nothing after it, whose `model` is a string of 1 to 512 bytes, whose `messages` is an array
 * (Responses: whose `input` is a string or an array), and which has at most 1,000 members.
 * Throws `CcpbError` `invalid_request` (status 400) that says what is wrong and where.
 */
export function readRequestFacts(body: Uint8Array | BodyBytes, options: FactsOptions = {}): RequestFacts {
  const { scan, dialect = "messages" } = options;
  const bytes = body instanceof BodyBytes ? body : new BodyBytes(body);
  const facts: Facts = { modelRanges: [], hasPrompt: false, members: 0 };
  const noteOther = otherMembers[dialect] ?? notePrompt;
  const note = (key: ByteRange, value: ByteRange): void => noteMember(bytes, facts, { key, value, noteOther });
  if (!scanMembers(bytes, scan, note)) walkWhole(bytes.whole(), note);
  const { model, hasPrompt, members: _members, stream = false, ...rest } = facts;
  if (model === undefined || model === "") throw invalidRequest("model: a non-empty string is required");
  if (!hasPrompt) throw invalidRequest(clientApis[dialect].promptDemand);
  return { ...rest, model, stream };
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
const longestKey = 6 * "previous_response_id".length + 2;

/** Takes note of a member: `is` tells its name, `first` is the first byte of its value. */
type NoteOther = (is: (name: string) => boolean, facts: Facts, value: ByteRange, first: number | undefined) => void;

/** Holds the byte ranges that are noted of a request whose prompt is `messages`. */
const notePrompt: NoteOther = (is, facts, _value, first) => {
  if (is("messages")) facts.hasPrompt = first === OPEN_ARRAY;
};

/** Lists the further members whose byte ranges are noted, for each API whose prompt is not `messages`. */
const otherMembers: Readonly<Partial<Record<DialectName, NoteOther>>> = {
  messages: (is, facts, value, first) => {
    if (is("messages")) facts.hasPrompt = first === OPEN_ARRAY;
    else if (is("metadata")) facts.metadata = value;
    else if (is("thinking")) facts.thinking = value;
    else if (is("thread") && first === OPEN_OBJECT) facts.thread = value;
  },
  chat: (is, facts, value, first) => {
    if (is("messages")) facts.hasPrompt = first === OPEN_ARRAY;
    else if (is("prompt_cache_key") && first === QUOTE) facts.cacheKey = value;
  },
  responses: (is, facts, value, first) => {
    const isGiven = first !== FIRST_OF_NULL;
    if (is("input")) facts.hasPrompt = first === OPEN_ARRAY || first === QUOTE;
    else if (is("prompt") && isGiven) facts.hasPrompt = true; // a prompt that is stored at OpenAI
    else if (is("prompt_cache_key") && first === QUOTE) facts.cacheKey = value;
    else if (is("previous_response_id") && isGiven) facts.previousResponse = value;
    else if (is("conversation") && isGiven) facts.conversation = value;
  },
};

const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const QUOTE = 0x22;
const FIRST_OF_NULL = 0x6e;

interface Member {
  readonly key: ByteRange;
  readonly value: ByteRange;
  readonly noteOther: NoteOther;
}

function noteMember(bytes: BodyBytes, facts: Facts, { key, value, noteOther }: Member): void {
  facts.members += 1;
  if (facts.members > maxMembers) throw invalidRequest(`The request body has more than ${maxMembers} members.`);
  if (key.end - key.start > longestKey) return;
  const first = bytes.at(value.start);
  const body = bytes.slice(key.start, key.end);
  const name = { start: 0, end: body.length };
  if (isKey(body, name, "model")) {
    facts.modelRanges.push(value);
    // A model that is no string must not be spliced over: it is refused, as the last of duplicate keys counts.
    facts.model = first === QUOTE ? modelOf(bytes, value) : "";
  } else if (isKey(body, name, "stream")) facts.stream = first === 0x74;
  else noteOther((other) => isKey(body, name, other), facts, value, first);
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
