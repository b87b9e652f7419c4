import { BodyBytes } from "../../bytes/body-bytes.ts";
import { type ScanBody, scanMembers } from "../../bytes/scan-body.ts";
import type { TokenUsage } from "../../base/events.ts";
import { type ByteRange, JsonWalkError, skipSpace, walkObject } from "../../bytes/json-walk.ts";
import { decodeString, isKey } from "../../bytes/splice-model.ts";
import { mergeNativeUsage, oddNativeCounts } from "./usage.ts";

/** Facts about a whole JSON answer that one walk finds without parsing. */
export interface MessageSigns {
  /** A Message of Anthropic's API: `type` says so, and `content` is an array. */
  readonly isMessage: boolean;
  /** Places of its `model` values. */
  readonly models: readonly ByteRange[];
  readonly usage?: TokenUsage;
  readonly stopReason?: string;
  /** Counts that were left out. */
  readonly warnings: readonly string[];
}

interface Members {
  isTyped: boolean;
  hasContent: boolean;
  models: ByteRange[];
  usage?: ByteRange;
  stopReason?: ByteRange;
}

const decoder = new TextDecoder();

/** Undefined where `body` is not one JSON object in UTF-8 and nothing else. */
export function readMessageSigns(body: Uint8Array, scan?: ScanBody): MessageSigns | undefined {
  const members: Members = { isTyped: false, hasContent: false, models: [] };
  const note = (key: ByteRange, value: ByteRange): void => noteMember(body, members, key, value);
  if (!scanMembers(new BodyBytes(body), scan, note) && !walksWhole(body, note)) return undefined;
  const { isTyped, hasContent, models, usage, stopReason } = members;
  const counted = usage && { usage: parseRange(body, usage) };
  const counts = counted && mergeNativeUsage(undefined, counted);
  return {
    isMessage: isTyped && hasContent,
    models,
    warnings: counted ? oddNativeCounts(counted) : [],
    ...(counts && { usage: counts }),
    ...(stopReason && { stopReason: decodeString(body, stopReason) }),
  };
}

function walksWhole(body: Uint8Array, onMember: (key: ByteRange, value: ByteRange) => void): boolean {
  try {
    return skipSpace(body, walkObject(body, 0, onMember)) === body.length;
  } catch (error) {
    if (error instanceof JsonWalkError) return false;
    throw error;
  }
}

function noteMember(body: Uint8Array, members: Members, key: ByteRange, value: ByteRange): void {
  const isString = body[value.start] === 0x22;
  if (isKey(body, key, "type")) members.isTyped = isString && decodeString(body, value) === "message";
  else if (isKey(body, key, "content")) members.hasContent = body[value.start] === 0x5b;
  else if (isKey(body, key, "model")) members.models.push(value);
  else if (isKey(body, key, "usage")) members.usage = value;
  else if (isString && isKey(body, key, "stop_reason")) members.stopReason = value;
}

function parseRange(body: Uint8Array, { start, end }: ByteRange): unknown {
  return JSON.parse(decoder.decode(body.subarray(start, end)));
}
