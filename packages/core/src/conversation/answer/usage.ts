import type { TokenUsage } from "../../base/events.ts";
import { isTokenCount, maxTokenCount, isObject, type JsonObject } from "../../base/json.ts";
import type { Usage } from "../../protocol/anthropic.ts";

/** Usage of an answer for which the upstream reported none. */
export const noUsage: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
};

/**
 * Decides whether a `usage` object of an answer counts anything. Vendors also send null, `{}`, strings for numbers,
 * and zeros where they do not know.
 */
export function isUsage(usage: unknown): usage is JsonObject {
  return isObject(usage) && [promptOf(usage), outputOf(usage), readCount(usage["total_tokens"])].some(Boolean);
}

/**
 * Combines the usage of a stream with that of a later chunk: the later one counts, and where it does not count both
 * sides, the earlier value of the other stays.
 */
export function laterUsage(before: JsonObject | undefined, usage: JsonObject): JsonObject {
  const isWhole = Boolean(promptOf(usage)) && outputOf(usage) !== undefined; // no prompt is empty
  if (before === undefined || isWhole) return usage;
  const later: Record<string, unknown> = {};
  // The members that are read, and no others: a stream that adds one in every chunk must not make each merge longer.
  for (const name of countMembers) {
    const value = usage[name];
    const isSaid = (isObject(value) || readCount(value) !== undefined) && !(value === 0 && promptMembers.has(name));
    const counted = isSaid ? value : name === "total_tokens" ? undefined : before[name];
    if (counted !== undefined) later[name] = counted;
  }
  return later;
}

const promptMembers: ReadonlySet<string> = new Set(["prompt_tokens", "input_tokens"]);

// Members that `toMessageUsage` reads.
const countMembers = [
  "prompt_tokens",
  "input_tokens",
  "completion_tokens",
  "output_tokens",
  "total_tokens",
  "prompt_tokens_details",
  "input_tokens_details",
  "completion_tokens_details",
  "output_tokens_details",
  "reasoning_tokens",
  "prompt_cache_hit_tokens",
  "cached_tokens",
  "num_cached_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
];

/**
 * Reads the `usage` of either dialect: Responses says `input_tokens` for `prompt_tokens`, and so on. Cached tokens are taken out of the prompt, except where they exceed it (then the vendor never counted them
 * in); reasoning tokens are added to the output where the total shows that they are not in it (xAI, Gemini).
 */
export function toMessageUsage(usage: JsonObject): Usage {
  const promptDetails = objectOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
  const completionDetails = objectOf(usage["completion_tokens_details"] ?? usage["output_tokens_details"]);
  const total = readCount(usage["total_tokens"]);
  const completion = outputOf(usage);
  const prompt = promptOf(usage) ?? Math.max(0, (total ?? 0) - (completion ?? 0));
  const reasoning = readCount(completionDetails["reasoning_tokens"]) ?? readCount(usage["reasoning_tokens"]);

  const cacheRead =
    readCount(usage["prompt_cache_hit_tokens"]) ?? // DeepSeek
    readCount(promptDetails["cached_tokens"]) ??
    readCount(usage["cached_tokens"]) ?? // Moonshot
    readCount(usage["num_cached_tokens"]) ?? // Mistral
    readCount(usage["cache_read_input_tokens"]) ??
    0;
  const cacheCreation =
    readCount(promptDetails["cache_write_tokens"]) ?? // OpenAI, OpenRouter
    readCount(promptDetails["cache_creation_input_tokens"]) ?? // Alibaba
    readCount(usage["cache_creation_input_tokens"]) ?? // Vercel's gateway
    0;
  const cached = cacheRead + cacheCreation;

  const told = completion ?? Math.max(0, (total ?? prompt) - prompt);
  const hidden = hiddenReasoning({ prompt, cached, total, told, reasoning });
  const thinking = reasoning ?? (hidden > 0 ? hidden : undefined);
  return {
    input_tokens: cached > prompt ? prompt : prompt - cached,
    output_tokens: Math.min(told + hidden, maxTokenCount),
    cache_creation_input_tokens: cacheCreation,
    cache_read_input_tokens: cacheRead,
    ...(thinking !== undefined && { output_tokens_details: { thinking_tokens: thinking } }),
  };
}

interface ToldCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly total: number | undefined;
  /** The output as the vendor counts it. */
  readonly told: number;
  readonly reasoning: number | undefined;
}

/**
 * Returns the reasoning tokens that a vendor counts in the total alone. xAI says how many they are; Gemini's compatible API does not, so that the
 * difference is taken. Where the difference is the cached tokens, the vendor counts these beside the prompt, and 0 is returned.
 */
function hiddenReasoning({ prompt, cached, total, told, reasoning }: ToldCounts): number {
  const beyond = (total ?? 0) - prompt - told;
  if (beyond <= 0) return 0;
  const isReasoning = reasoning === undefined ? beyond !== cached : beyond === reasoning;
  return isReasoning ? beyond : 0;
}

/** Returns the same counts in the balancer's words. */
export function toTokenUsage(usage: Usage): TokenUsage {
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens,
    cacheCreationTokens: usage.cache_creation_input_tokens,
    ...(usage.output_tokens_details && { thinkingTokens: usage.output_tokens_details.thinking_tokens }),
  };
}

function promptOf(usage: JsonObject): number | undefined {
  return readCount(usage["prompt_tokens"]) ?? readCount(usage["input_tokens"]);
}

function outputOf(usage: JsonObject): number | undefined {
  return readCount(usage["completion_tokens"]) ?? readCount(usage["output_tokens"]);
}

/** Reads a count that may come as a number or a string; undefined where it is not finite, whole and from 0 to 2^53. */
function readCount(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return isTokenCount(number) ? number : undefined;
}

const details = ["prompt_tokens_details", "input_tokens_details", "completion_tokens_details", "output_tokens_details"];
const detailMembers = ["cached_tokens", "cache_write_tokens", "cache_creation_input_tokens", "reasoning_tokens"];

/** Returns the names of the counts in a `usage` object that are numbers or text, but not finite, whole and from 0 to 2^53. They count as not told. */
export function oddCounts(usage: unknown): readonly string[] {
  if (!isObject(usage)) return [];
  const odd = countMembers.filter((name) => isOdd(usage[name]));
  for (const name of details) {
    const holder = objectOf(usage[name]);
    for (const member of detailMembers) if (isOdd(holder[member])) odd.push(`${name}.${member}`);
  }
  return odd;
}

function isOdd(value: unknown): boolean {
  const isSaid = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
  return isSaid && readCount(value) === undefined;
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
