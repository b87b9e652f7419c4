import type { UpstreamErrorText } from "../base/outcome.ts";
import { readMaxTokensLimit } from "./max-tokens-limit.ts";
import {
  answerTooLongWordings,
  limitWordings,
  numberWordings,
  otherLimitWording,
  overflowWordings,
} from "./overflow-wordings.ts";
import { readProse } from "./prose.ts";

/** Numbers of a context-overflow error, as far as its wording has them; tokens. */
export interface ContextOverflow {
  readonly actual?: number;
  readonly limit?: number;
}

/**
 * Reads a context overflow in any vendor's wording; undefined where the text is about something else. Claude Code compacts a conversation only
 * when it recognises one, so a missed wording costs the user the session.
 */
export function readContextOverflow(
  error: UpstreamErrorText,
  outline: string = readProse(error).outline,
): ContextOverflow | undefined {
  const text = `${error.type ?? ""} ${error.code ?? ""} ${outline}`;
  if (otherLimitWording.test(text) || !overflowWordings.some((wording) => wording.test(text))) return undefined;
  const isAnswerTooLong = readAnswerTooLong(text) !== undefined;
  for (const wording of isAnswerTooLong ? [] : numberWordings) {
    const groups = wording.exec(text)?.groups;
    const actual = toCount(groups?.["a"]);
    const limit = toCount(groups?.["l"]);
    if (actual !== undefined && limit !== undefined && actual > limit) return { actual, limit };
  }
  // vLLM and SGLang name the window too where it is `max_tokens` that does not fit in beside the prompt.
  if (isAnswerTooLong || readMaxTokensLimit(text) !== undefined) return undefined;
  for (const wording of limitWordings) {
    const limit = toCount(wording.exec(text)?.groups?.["l"]);
    if (limit !== undefined) return { limit };
  }
  return {};
}

interface AnswerTooLong {
  readonly prompt: number;
  readonly maxTokens: number;
  readonly limit: number;
}

// Room that Claude Code needs for the answer, its reserve included. With less it gives up instead of asking for a shorter answer.
const smallestAnswer = 4_000;

/** A prompt that fits, but not together with the answer that was asked for. */
function readAnswerTooLong(text: string): AnswerTooLong | undefined {
  for (const wording of answerTooLongWordings) {
    const groups = wording.exec(text)?.groups;
    const [prompt, maxTokens, limit] = ["p", "m", "l"].map((name) => toCount(groups?.[name]));
    if (prompt === undefined || maxTokens === undefined || limit === undefined) continue;
    if (prompt + smallestAnswer <= limit && prompt + maxTokens > limit) return { prompt, maxTokens, limit };
  }
  return undefined;
}

// Anthropic's own words, also through a gateway that puts some of its own in front. At the second Claude Code lowers its max_tokens itself.
const understood = /prompt is too long|input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+/i;

/**
 * Returns an error's message in the words by which Claude Code knows a context overflow, with the vendor's own after them; undefined where it tells of none,
 * or tells it in those words already.
 */
export function overflowMessage(error: UpstreamErrorText): string | undefined {
  const { message } = error;
  const { outline } = readProse(error);
  const answer = readAnswerTooLong(outline);
  if (answer && !understood.test(message)) {
    const { prompt, maxTokens, limit } = answer;
    return `input length and \`max_tokens\` exceed context limit: ${prompt} + ${maxTokens} > ${limit} (${message})`;
  }
  const overflow = readContextOverflow(error, outline);
  if (!overflow) return undefined;
  const { actual, limit } = overflow;
  if (actual === undefined || limit === undefined) {
    return understood.test(message) ? undefined : `prompt is too long: ${message}`;
  }
  const words = `prompt is too long: ${actual} tokens > ${limit} maximum`;
  return message.includes(words) ? undefined : `${words} (${message})`;
}

function toCount(text: string | undefined): number | undefined {
  const number = Number(text?.replaceAll(",", ""));
  return text !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
