import { readMaxTokensLimit } from "./max-tokens-limit.ts";

/** What a context-overflow error says in numbers, as far as its wording has them; tokens. */
export interface ContextOverflow {
  readonly actual?: number;
  readonly limit?: number;
}

// The wordings of OpenAI, Azure, DeepSeek, OpenRouter, Groq, Ollama, Perplexity, xAI, Mistral, Gemini, llama.cpp, Moonshot, Alibaba, Z.AI, Cerebras,
// Together, Bedrock, LM Studio, vLLM, LiteLLM, GitHub Models, MiniMax and Anthropic.
const overflowWordings: readonly RegExp[] = [
  /maximum (?:context|prompt) length/i,
  /(?:max(?:imum)?|model'?s?|exceed(?:s|ed|ing)?|the) (?:allowed )?context (?:length|window|size)/i,
  /context[_ ]?(?:length|window|size)[_ ]?(?:is |was |has been )?exceed/i,
  /exceed[_ ]context[_ ]size/i,
  /exceeds? (?:the )?(?:available |model'?s? |model )?context/i,
  /prompt (?:is )?too long/i,
  /prompt exceeds (?:the )?max/i,
  /too_many_prompt_tokens|total length of all messages is too long/i,
  /input (?:text |prompt )?is too long|input length .{0,40}exceed|input tokens? exceeds?|range of input length should be/i,
  /(?:input )?token count .{0,40}exceeds? the maximum number of tokens/i,
  /prompt contains \d+ tokens|exceeded model token limit|tokens_limit_reached/i,
  /inputs`? (?:tokens )?must have less than|inputs`? tokens \+ `?max_new_tokens/i,
  /(?:please )?reduce the length of (?:the |your )?(?:messages|prompt|input)/i,
  /context length of only \d+ tokens|context window exceeds limit/i,
  /longer than the (?:maximum )?model(?:'s)? (?:context )?length/i,
];

// A limit of tokens per minute is a rate limit, whatever else the sentence says.
const rateWording = /tokens per (?:min|minute|day|hour)|\bTPM\b|\bTPD\b|rate limit/i;

// Named groups: `a` the actual tokens, `l` the limit.
const numberWordings: readonly RegExp[] = [
  /(?<a>[\d,]+) tokens? > (?<l>[\d,]+)/i,
  /maximum (?:context|prompt) length (?:is|of) (?<l>[\d,]+).{0,120}?(?:requested|resulted in|contains|has|got|given|provided)[^\d]{0,40}(?<a>[\d,]+)\b(?! output tokens)/is,
  /token count \((?<a>[\d,]+)\) exceeds the maximum number of tokens allowed \((?<l>[\d,]+)\)/i,
  /prompt contains (?<a>[\d,]+) tokens.{0,80}?(?<l>[\d,]+) maximum/is,
  /exceeded model token limit: (?<l>[\d,]+) \(requested: (?<a>[\d,]+)\)/i,
  /current length is (?<a>[\d,]+) while (?:the )?limit is (?<l>[\d,]+)/i,
  /less than (?<l>[\d,]+) tokens.{0,40}?given: (?<a>[\d,]+)/is,
  /configured limit of (?<l>[\d,]+) tokens.{0,80}?resulted in (?<a>[\d,]+)/is,
  /(?:request|prompt|input)[^\d]{0,40}\(?(?<a>[\d,]+) tokens?\)? (?:exceeds?|is longer than)[^\d]{0,60}\(?(?<l>[\d,]+)/i,
  /(?:prompt|input) (?:length |is too long:? ?)?\(?(?:length )?(?<a>[\d,]+)\)?[^\d]{1,60}(?:maximum|max|limit)[^\d]{0,40}(?<l>[\d,]+)/i,
  /"?n_prompt_tokens"?:\s*(?<a>[\d,]+).{0,80}?"?n_ctx"?:\s*(?<l>[\d,]+)/is,
];

/**
 * Reads a context overflow in any vendor's wording; undefined where the text is about something else. Claude Code compacts a conversation only
 * when it recognises one, so a missed wording costs the user the session.
 */
export function readContextOverflow(text: string): ContextOverflow | undefined {
  if (rateWording.test(text) || !overflowWordings.some((wording) => wording.test(text))) return undefined;
  for (const wording of numberWordings) {
    const groups = wording.exec(text)?.groups;
    const actual = toCount(groups?.["a"]);
    const limit = toCount(groups?.["l"]);
    if (actual !== undefined && limit !== undefined && actual > limit) return { actual, limit };
  }
  // vLLM and SGLang name the window too where it is `max_tokens` that does not fit in beside the prompt.
  if (readMaxTokensLimit(text) !== undefined) return undefined;
  const limit = toCount(
    /(?:maximum (?:context|prompt) length|max size|context length)[^\d]{0,20}(?<l>[\d,]+)/i.exec(text)?.groups?.["l"],
  );
  return limit === undefined ? {} : { limit };
}

// Anthropic's own words, through a gateway: at the second Claude Code lowers its max_tokens itself.
const understood = /^(?:prompt is too long|input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+)/i;

/** The message that Claude Code understands, with the vendor's own words after it. */
export function overflowMessage(overflow: ContextOverflow, original: string): string {
  const { actual, limit } = overflow;
  if (actual === undefined || limit === undefined) {
    return understood.test(original) ? original : `prompt is too long: ${original}`;
  }
  const message = `prompt is too long: ${actual} tokens > ${limit} maximum`;
  return original.startsWith(message) ? original : `${message} (${original})`;
}

function toCount(text: string | undefined): number | undefined {
  const number = Number(text?.replaceAll(",", ""));
  return text !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
