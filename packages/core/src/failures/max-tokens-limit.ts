const namesMaxTokens =
  /max(?:imum)?[ _-]?(?:new|completion|output)?[ _-]?tokens?|maxOutputTokens|completion tokens|output tokens/i;

// Named groups: `l` is the largest `max_tokens` allowed; `x` is the first that is not; `t` a window that `u` tokens of the prompt take from.
const limitWordings: readonly RegExp[] = [
  // OpenAI, Azure: "This model supports at most 16384 completion tokens, whereas you provided 100000."
  /supports? at most (?<l>[\d,]+)/i,
  // Anthropic: "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens"
  /max_tokens: [\d,]+ > (?<l>[\d,]+)/i,
  // DeepSeek, Alibaba, Z.AI: "the valid range of max_tokens is [1, 8192]", "Range of max_tokens should be [1, 8192]", "请限制在 [1, 131072]"
  /max[_ ]?(?:new|completion|output)?[_ ]?tokens?[^[\]]{0,40}[[(（]\s*\d+\s*[,，]\s*(?<l>[\d,]+)\s*[\])）]/i,
  // Gemini: "maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive)"
  /range is from \d+ \(inclusive\) to (?<x>[\d,]+) \(exclusive\)/i,
  // vLLM, DeepSeek: "maximum context length is 8192 tokens. However, you requested 10000 tokens (2000 in the messages, 8000 in the completion)"
  /maximum context length is (?<t>[\d,]+).{0,120}?\((?<u>[\d,]+)(?: tokens)? (?:in|from) the (?:messages|prompt|input)[^)]{0,60}?[1-9][\d,]* (?:in|for) the (?:completion|output)/is,
  // vLLM: "is too large: 128000. This model's maximum context length is 40960 tokens and your request has 26 input tokens"
  /maximum context length is (?<t>[\d,]+) tokens and your request has (?<u>[\d,]+) input tokens/i,
  // vLLM, later: "is 40960 tokens. However, you requested 128000 output tokens and your prompt contains 26 input tokens". "at least" counts nothing.
  /maximum context length is (?<t>[\d,]+).{0,40}?requested [1-9][\d,]* output tokens and your prompt contains (?<u>[\d,]+) input tokens/is,
  // SGLang: "length of 32768 tokens. You requested a total of 128500 tokens: 500 tokens from the input messages and 128000 tokens for the completion"
  /maximum context length of (?<t>[\d,]+).{0,80}?: (?<u>[\d,]+) tokens from the input messages and [1-9][\d,]* tokens for the completion/is,
  // Together, TGI: "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 5000 `inputs` tokens and 4096 `max_new_tokens`"
  /max_new_tokens`? must be <= (?<t>[\d,]+)\. Given: (?<u>[\d,]+) `?inputs`? tokens/i,
  // Bedrock: "The maximum tokens you requested exceeds the model limit of 4096."
  // "max_completion_tokens 32000 exceeds the model's maximum 16384"
  /exceeds? the (?:model(?:['’]s)? )?(?:limit|maximum)(?: \w+){0,3}? (?:of )?\(?(?<l>[\d,]+)/i,
  // Groq, Cohere, Fireworks and others: "`max_tokens` must be less than or equal to `8192`", "max_tokens must be <= 4096", "cannot exceed 4096"
  /(?:less than or equal to|<=|at most|no more than|cannot exceed|can't exceed|not exceed|not be greater than|not greater than|maximum (?:allowed )?(?:value )?(?:for `?max_tokens`? )?(?:is|of)|up to)[^\d\n]{0,12}(?<l>[\d,]+)/i,
  // Cerebras: "max_completion_tokens is too large. Current limit is 8192."
  /max_\w{0,12}tokens['"`]? (?:value )?(?:is |was )?too (?:large|big|high)\b[^\d]{0,40}\b(?:limit|maximum|max) (?:is|of|=|:) ?`?(?<l>[\d,]+)/i,
  // "max_tokens must be less than 4097"
  /(?:must|should) be (?:less|smaller|lower) than `?(?<x>[\d,]+)/i,
];

/** The largest `max_tokens` that an upstream allows. */
export interface OutputLimit {
  readonly tokens: number;
  /** Tokens of the model's window, of which the prompt left `tokens`; undefined: `tokens` is the model's own limit. */
  readonly window?: number;
}

/**
 * Reads the largest `max_tokens` that an upstream's error "max_tokens is too large" allows.
 *
 * @param text - message of the error.
 * @returns tokens; undefined if the text is about something else (a minimum, a prompt that is too long) or names no
 *   number.
 * @example
 * ```ts
 * console.log(readMaxTokensLimit("max_tokens is too large: 99999. This model supports at most 4096 completion tokens.")); // 4096
 * ```
 */
export function readMaxTokensLimit(text: string): number | undefined {
  return readOutputLimit(text)?.tokens;
}

/** Reads the limit like `readMaxTokensLimit`, and what the limit depends on. */
export function readOutputLimit(text: string): OutputLimit | undefined {
  if (!namesMaxTokens.test(text) && !/(?:in|for) the completion/i.test(text)) return undefined;
  for (const wording of limitWordings) {
    const groups = wording.exec(text)?.groups;
    if (groups === undefined) continue;
    const tokens = limitOf(groups);
    if (tokens === undefined || !Number.isSafeInteger(tokens) || tokens <= 0) return undefined;
    const window = toNumber(groups["t"]);
    return window === undefined ? { tokens } : { tokens, window };
  }
  return undefined;
}

function limitOf(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const [limit, excluded, window, used] = ["l", "x", "t", "u"].map((name) => toNumber(groups[name]));
  if (limit !== undefined) return limit;
  if (excluded !== undefined) return excluded - 1;
  return window === undefined || used === undefined ? undefined : window - used;
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.replaceAll(",", ""));
}
