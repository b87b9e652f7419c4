import { isDispensable } from "../base/dispensable.ts";
import { isObject } from "../base/json.ts";
import { type Lesson, lessonId, rowOf } from "../base/lesson.ts";

type IsAllowed = (value: unknown) => boolean;

/**
 * The members of a profile that another process may change here, and the values that the table of refusals can teach. Each only takes something away
 * from requests or says it otherwise; none adds a text of its own, a header or a member, or changes where a request goes.
 */
const allowed: Readonly<Record<string, IsAllowed>> = {
  maxOutputTokens: wholeFrom(1_024),
  contextWindow: wholeFrom(1_024),
  maxTokensField: oneOf("max_tokens", "max_completion_tokens"),
  streamUsage: oneOf(false),
  topK: oneOf(false),
  temperatureRange: isRange,
  stopLimit: wholeFrom(0),
  systemRole: oneOf("system", "user"),
  midSystem: oneOf("user"),
  contentParts: oneOf(false),
  images: oneOf(false),
  imageUrls: oneOf(false),
  files: oneOf(false),
  toolResultImages: oneOf("user-message"),
  toolIdFormat: oneOf("plain", "mistral"),
  toolIdLimit: wholeFrom(9),
  alternate: oneOf(true),
  prefill: oneOf("pass", "prefix", "drop"),
  bridgeAfterTools: oneOf(true),
  cacheControl: oneOf("strip"),
  maxTools: wholeFrom(8),
  toolSchema: oneOf("common"),
  omitSchema: listOf(/^\$?[A-Za-z]{1,40}$/),
  strictTools: oneOf(false),
  toolChoice: oneOf("required", "auto"),
  toolStream: oneOf(false),
  parallelToolCalls: oneOf(false),
  jsonSchema: oneOf(true, false),
  reasoning: oneOf("none", "qwen"),
  thinkingOff: oneOf(false),
  efforts: listOf(/^(?:none|minimal|low|medium|high|xhigh|max)$/),
  reasoningHistory: oneOf("drop", "reasoning_content"),
  thoughtSignatures: oneOf("drop", "google", "vertex", "openrouter"),
  user: oneOf("drop"),
  promptCacheKey: oneOf(false),
  serviceTier: oneOf(false),
  webSearch: oneOf(false),
  encryptedReasoning: oneOf(false),
  reasoningSummary: oneOf(false),
  toolIds: oneOf("unique"),
  forcedCalls: oneOf("without-thinking", "never"),
  toolReferences: oneOf(false),
  betas: (value) => Array.isArray(value) && value.length === 0,
  omitBetas: listOf(/^[\w.-]{1,64}$/),
  omit: (value) => isShortList(value, (path) => path.length <= 200 && isOmissible(path)),
};

const rowName = /^[a-z][a-z-]{0,39}$/;

/**
 * Reads a lesson that another process has learned.
 *
 * @returns a lesson with the id that this process would give it; undefined for anything that the table of refusals cannot teach.
 */
export function readForeignLesson(value: unknown): Lesson | undefined {
  if (!isObject(value)) return undefined;
  const { id, profile } = value;
  if (typeof id !== "string" || !isObject(profile)) return undefined;
  const members = Object.entries(profile);
  if (members.length === 0 || members.length > 4) return undefined;
  if (!members.every(([name, member]) => Object.hasOwn(allowed, name) && allowed[name]?.(member) === true)) {
    return undefined;
  }
  const row = rowOf({ id, profile });
  return rowName.test(row) ? { id: lessonId(row, profile), profile } : undefined;
}

function isOmissible(path: string): boolean {
  const steps = path.split(".");
  return steps.length <= 12 && steps.every((step) => /^(?:\*|[\w$-]{1,80})$/.test(step)) && isDispensable(steps);
}

function oneOf(...values: readonly unknown[]): IsAllowed {
  return (value) => values.includes(value);
}

function wholeFrom(least: number): IsAllowed {
  return (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function listOf(form: RegExp): IsAllowed {
  return (value) => isShortList(value, (one) => form.test(one));
}

function isShortList(value: unknown, isElement: (one: string) => boolean): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > 16) return false;
  return value.every((one) => typeof one === "string" && isElement(one));
}

function isRange(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [least, largest]: readonly unknown[] = value;
  return typeof least === "number" && typeof largest === "number" && least >= 0 && largest <= 2 && least < largest;
}
