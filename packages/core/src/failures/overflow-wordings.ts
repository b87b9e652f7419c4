// The wordings of OpenAI, Azure, DeepSeek, OpenRouter, Groq, Ollama, Perplexity, xAI, Mistral, Gemini and Vertex, llama.cpp, Moonshot, Alibaba, Z.AI,
// Cerebras, Together, Fireworks, Bedrock, Cohere, LM Studio, vLLM, SGLang, TensorRT-LLM, LiteLLM, GitHub Models and Copilot, MiniMax, SiliconFlow,
// Volcengine and Anthropic.
export const overflowWordings: readonly RegExp[] = [
  /maximum (?:context|prompt|model|sequence|input) length/i,
  /(?:max(?:imum)?|model'?s?|exceed(?:s|ed|ing)?|the) (?:allowed )?context (?:length|window|size|limit)/i,
  /context[_ ]?(?:length|window|size|limit)[_ ]?(?:is |was |has been )?(?:exceed|overflow)/i,
  /(?:exceed[_ ]context[_ ](?:size|length|window|limit)|ContextWindowExceeded|mid-generation context overflow)/i,
  /exceeds? (?:the )?(?:available |model'?s? |model )?context/i,
  /prompt (?:is )?too long|prompt exceeds (?:the )?max/i,
  /too_many_prompt_tokens|model_max_prompt_tokens_exceeded|tokens_limit_reached|exceeded model token limit/i,
  /total (?:length of all messages is too long|tokens of .{0,40}exceed)/i,
  /input (?:text |prompt )?is too long|range of input length should be/i,
  /too many (?:input |prompt )?tokens\b(?! (?:requested|in the completion))/i,
  // A prompt's length, whatever it is called, beyond a bound, whatever that is called.
  /(?:prompt|input|messages?|conversation|context)(?:'s)?[_ ](?:token[_ ]count|tokens?|length|size)\b.{0,60}?(?:exceed|(?:greater|longer|larger|more) than|too (?:long|large|many)|is over|(?:must|should) (?:be less|not exceed))/is,
  /(?:number of (?:input |prompt )?tokens|token count)\b.{0,60}?(?:exceed|(?:greater|longer|larger|more) than|supports only|only supports)/is,
  /(?:prompt|input|request)\b.{0,40}\b(?:longer|greater|larger) than\b.{0,30}(?:context|model|maximum)/is,
  /prompt contains [\d,]+ tokens|prompt_?(?:tokens|len)\)? .{0,40}must be less than/i,
  /inputs`? (?:tokens )?must have less than|inputs`? tokens \+ `?max_new_tokens/i,
  /(?:please )?reduce the (?:length of (?:the |your )?(?:messages|prompt|input)|input token count)/i,
  /context length of only \d+ tokens|context window exceeds limit|max_seq_len/i,
  // Google AI Studio (iBUHub/AIStudioToAPI#268); the second is one that Claude Code 2.1.332 knows.
  /cannot truncate to [\d,]+, required [\d,]+|context exceeds your deployment/i,
  /(?:上下文|提示词?|输入|消息|prompt|tokens?).{0,20}(?:超长|过长|超(?:过|出).{0,24}(?:限制|上限|最大|长度|窗口))/i,
];

// A limit of tokens per minute is a rate limit, and one of bytes or pixels no window, whatever else the sentence says.
export const otherLimitWording: RegExp =
  /tokens per (?:min|minute|day|hour)|\bTPM\b|\bTPD\b|rate limit|\b(?:MB|MiB|bytes|megabytes|pixels)\b/i;

// Named groups: `a` the actual tokens, `l` the limit.
export const numberWordings: readonly RegExp[] = [
  /(?<![\d,])(?<a>[\d,]{1,20}) tokens? > (?<l>[\d,]+)/i,
  /maximum (?:context|prompt) length (?:is|of) (?<l>[\d,]+).{0,120}?(?:requested|resulted in|contains|has|got|given|provided)[^\d]{0,40}(?<a>[\d,]+)\b(?! output tokens)/is,
  /token count \((?<a>[\d,]+)\) exceeds the maximum number of tokens allowed \((?<l>[\d,]+)\)/i,
  /token count (?:is|of) (?<a>[\d,]+)[^\d]{1,60}?(?:limit|maximum|max|up to|only)[^\d]{0,24}(?<l>[\d,]+)/i,
  /max(?:imum)? input tokens: (?<l>[\d,]+), request(?:ed)? input token count: (?<a>[\d,]+)/i,
  /cannot exceed (?<l>[\d,]+)[^\d]{0,12}received (?<a>[\d,]+)/i,
  /prompt contains (?<a>[\d,]+) tokens.{0,80}?(?<l>[\d,]+) maximum/is,
  /exceeded model token limit: (?<l>[\d,]+) \(requested: (?<a>[\d,]+)\)/i,
  /current length is (?<a>[\d,]+) while (?:the )?limit is (?<l>[\d,]+)/i,
  /less than (?<l>[\d,]+) tokens.{0,40}?given: (?<a>[\d,]+)/is,
  /configured limit of (?<l>[\d,]+) tokens.{0,80}?resulted in (?<a>[\d,]+)/is,
  /n_keep: (?<a>[\d,]+)\s*>=?\s*n_ctx: (?<l>[\d,]+)/i,
  /prompt_?(?:tokens|len) \((?<a>[\d,]+)\) must be less than max_seq_len \((?<l>[\d,]+)\)/i,
  /max_seq_len \((?<l>[\d,]+)\) - \w*prompt_len \((?<a>[\d,]+)\)/i,
  /first (?<a>[\d,]+) tokens.{0,120}?context length of only (?<l>[\d,]+)/is,
  /(?:request|prompt|input)[^\d]{0,40}\(?(?<a>[\d,]+) tokens?\)? (?:exceeds?|is longer than)[^\d]{0,60}\(?(?<l>[\d,]+)/i,
  /(?:prompt|input) (?:length |is too long:? ?)?\(?(?:length )?(?:of )?(?<a>[\d,]+)\)?[^\d]{1,60}(?:maximum|max|limit|context)[^\d]{0,40}(?<l>[\d,]+)/i,
  /cannot truncate to (?<l>[\d,]+), required (?<a>[\d,]+)/i,
  /"?n_prompt_tokens"?:\s*(?<a>[\d,]+).{0,80}?"?n_ctx"?:\s*(?<l>[\d,]+)/is,
];

/** The limit alone. */
export const limitWordings: readonly RegExp[] = [
  // Anthropic: "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"
  /context limit: [\d,]+ \+ [\d,]+ > (?<l>[\d,]+)/i,
  /(?:maximum (?:context|prompt) length|max size|context length|context size|input length should be \[\d+)[^\d]{0,20}(?<l>[\d,]+)/i,
];

// Named groups: `p` the prompt's tokens, `m` those asked of the answer, `l` the window that does not hold both.
export const answerTooLongWordings: readonly RegExp[] = [
  /(?:maximum )?context (?:length|limit)(?: is| of|:) (?<l>[\d,]+).{0,120}?\((?<p>[\d,]+)(?: tokens)? (?:in|from) (?:the|your) (?:messages|prompt|input)[^)]{0,60}?(?<m>[\d,]+) (?:in|for) the (?:completion|output)/is,
  /maximum context length is (?<l>[\d,]+) tokens and your request has (?<p>[\d,]+) input tokens \((?<m>[\d,]+)/i,
  /maximum context length is (?<l>[\d,]+).{0,40}?requested (?<m>[\d,]+) output tokens and your prompt contains (?<p>[\d,]+) input tokens/is,
  /maximum context length of (?<l>[\d,]+).{0,80}?: (?<p>[\d,]+) tokens from the input messages and (?<m>[\d,]+) tokens for the completion/is,
  /max_new_tokens`? must be <= (?<l>[\d,]+)\. Given: (?<p>[\d,]+) `?inputs`? tokens and (?<m>[\d,]+)/i,
];
