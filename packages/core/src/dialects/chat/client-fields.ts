/**
 * Says what becomes of a member of a Chat Completions request on its way into the neutral model.
 * `carried`: the Messages request says the same. `extra`: only providers of OpenAI's APIs can be told; others leave it out with a warning.
 * `warned`: left out with a warning. `refused`: a 400 that names the member, because the answer would be another one without it. `left out`: of an
 * answer, which has no place for a warning.
 */
export type FieldTreatment = "carried" | "extra" | "warned" | "refused" | "left out";

/** One member of a Chat Completions request, or one part of an answer. */
export interface ChatField {
  /** Its path, list positions as `[]`. */
  readonly path: string;
  readonly treatment: FieldTreatment;
  /** Member that it becomes, or the reason why it is left out or refused. */
  readonly note: string;
  /**
   * Decides whether a value asks for nothing, so that it is ignored without a warning. `null` and absence always do.
   */
  readonly asksNothing?: (value: unknown) => boolean;
}

const isZero = (value: unknown): boolean => value === 0;
const isFalse = (value: unknown): boolean => value === false;
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/**
 * Lists every member of a Chat Completions request body (openai 7.59.0, `ChatCompletionCreateParams`) and the extensions of other vendors that are
 * understood. The reader, its tests and docs/doors/chat-fields.md derive from it.
 */
export const chatRequestFields: readonly ChatField[] = [
  { path: "model", treatment: "carried", note: "`model`; answers repeat it as the client wrote it" },
  { path: "messages", treatment: "carried", note: "`system` and `messages`" },
  { path: "max_completion_tokens", treatment: "carried", note: "`max_tokens`" },
  { path: "max_tokens", treatment: "carried", note: "`max_tokens`, where `max_completion_tokens` is absent" },
  { path: "temperature", treatment: "carried", note: "`temperature`; above 1 becomes 1, with a warning" },
  { path: "top_p", treatment: "carried", note: "`top_p`" },
  { path: "top_k", treatment: "carried", note: "`top_k` (vLLM, OpenRouter)" },
  { path: "stop", treatment: "carried", note: "`stop_sequences`" },
  { path: "stream", treatment: "carried", note: "`stream`" },
  { path: "stream_options", treatment: "carried", note: "`include_usage` decides about the usage chunk" },
  { path: "tools", treatment: "carried", note: "`tools`; a custom tool as a function with one string member, `input`" },
  { path: "functions", treatment: "carried", note: "`tools`; calls come back as `function_call`" },
  {
    path: "tool_choice",
    treatment: "carried",
    note: "`tool_choice`, also as the Messages API writes it; `allowed_tools` leaves the other tools out",
  },
  { path: "function_call", treatment: "carried", note: "`tool_choice`" },
  {
    path: "parallel_tool_calls",
    treatment: "carried",
    note: "`tool_choice.disable_parallel_tool_use`",
  },
  {
    path: "response_format",
    treatment: "carried",
    note: "`output_config.format` for a schema; an instruction in the system prompt for `json_object`",
  },
  { path: "reasoning_effort", treatment: "carried", note: "`output_config.effort` and `thinking`; `minimal` as `low`" },
  { path: "reasoning", treatment: "carried", note: "as `reasoning_effort`; `max_tokens` as a budget (OpenRouter)" },
  { path: "thinking", treatment: "carried", note: "`thinking` (DeepSeek, Z.AI, Anthropic's compatible API)" },
  { path: "enable_thinking", treatment: "carried", note: "`thinking` (Alibaba)" },
  { path: "thinking_budget", treatment: "carried", note: "`thinking.budget_tokens` (Alibaba)" },
  { path: "cache_control", treatment: "carried", note: "`cache_control` (gateways to Claude)" },
  { path: "web_search_options", treatment: "carried", note: "the server tool `web_search`, with `user_location`" },
  { path: "user", treatment: "carried", note: "`metadata.user_id`" },
  { path: "safety_identifier", treatment: "carried", note: "`metadata.user_id`, before `user`" },
  { path: "seed", treatment: "extra", note: "Messages has no seed" },
  { path: "frequency_penalty", treatment: "extra", note: "Messages has no penalties", asksNothing: isZero },
  { path: "presence_penalty", treatment: "extra", note: "Messages has no penalties", asksNothing: isZero },
  { path: "logit_bias", treatment: "extra", note: "Messages has no bias", asksNothing: isEmptyObject },
  { path: "verbosity", treatment: "extra", note: "Messages has no verbosity" },
  { path: "service_tier", treatment: "extra", note: "tiers of OpenAI's", asksNothing: (value) => value === "auto" },
  { path: "prompt_cache_key", treatment: "extra", note: "Messages caches by content" },
  { path: "prompt_cache_retention", treatment: "extra", note: "Messages has its own lifetimes" },
  { path: "metadata", treatment: "extra", note: "labels of a stored answer", asksNothing: isEmptyObject },
  { path: "store", treatment: "extra", note: "nothing is stored", asksNothing: isFalse },
  { path: "prompt_cache_options", treatment: "warned", note: "the provider's own caching decides" },
  { path: "prediction", treatment: "warned", note: "it only makes answers faster" },
  { path: "n", treatment: "refused", note: "one answer is made; 1 is accepted", asksNothing: (value) => value === 1 },
  { path: "logprobs", treatment: "refused", note: "no probabilities are known", asksNothing: isFalse },
  { path: "top_logprobs", treatment: "refused", note: "no probabilities are known", asksNothing: isZero },
  { path: "audio", treatment: "refused", note: "no sound is made" },
  {
    path: "modalities",
    treatment: "refused",
    note: 'only text is made; `["text"]` is accepted',
    asksNothing: (value) => isEmptyList(value) || (Array.isArray(value) && value.every((one) => one === "text")),
  },
  { path: "moderation", treatment: "refused", note: "nothing is moderated, and the answer would pass for moderated" },
];

/** Lists the members inside messages, tools and options. The readers of messages and tools hold to it; tests compare them with it. */
export const chatInnerFields: readonly ChatField[] = [
  { path: "messages[].role", treatment: "carried", note: "system, developer, user, assistant, tool, function" },
  { path: "messages[].content", treatment: "carried", note: "text or parts; blank text is left out" },
  { path: "messages[].name", treatment: "warned", note: "Messages has no names of speakers" },
  { path: "messages[].refusal", treatment: "carried", note: "text" },
  {
    path: "messages[].tool_calls",
    treatment: "carried",
    note: "`tool_use`; unanswered calls are answered as interrupted",
  },
  { path: "messages[].function_call", treatment: "carried", note: "`tool_use`" },
  { path: "messages[].tool_call_id", treatment: "carried", note: "`tool_result.tool_use_id`" },
  {
    path: "messages[].reasoning_content",
    treatment: "carried",
    note: "`thinking`, replayed to providers that want it",
  },
  { path: "messages[].reasoning", treatment: "carried", note: "as `reasoning_content`" },
  { path: "messages[].reasoning_details", treatment: "carried", note: "`thinking` with its signature" },
  { path: "messages[].audio", treatment: "refused", note: "the sound is stored at OpenAI" },
  {
    path: "messages[].content[] text",
    treatment: "carried",
    note: "`text`; `prompt_cache_breakpoint` as `cache_control`",
  },
  {
    path: "messages[].content[] image_url",
    treatment: "carried",
    note: "`image` by URL or base64; `detail` is warned about",
  },
  {
    path: "messages[].content[] file",
    treatment: "carried",
    note: "`document` for PDF and plain text, `image` for an image; a `file_id` is refused",
  },
  { path: "messages[].content[] refusal", treatment: "carried", note: "text" },
  {
    path: "messages[].content[] tool_use",
    treatment: "carried",
    note: "of an assistant's message, as the Messages API has it (Cursor, for models of Claude)",
  },
  {
    path: "messages[].content[] tool_result",
    treatment: "carried",
    note: "of a user's message, as the Messages API has it (Cursor, for models of Claude); `is_error` too",
  },
  {
    path: "messages[].content[] image, document",
    treatment: "carried",
    note: "blocks of the Messages API with base64 data, a URL or text",
  },
  {
    path: "messages[].content[] input_text, input_image, input_file",
    treatment: "carried",
    note: "as the parts of this API; a `file_id` is refused",
  },
  { path: "messages[].content[] input_audio", treatment: "refused", note: "Messages takes no sound" },
  {
    path: "messages[].content[] (others)",
    treatment: "refused",
    note: "an unknown part may be what the question is about",
  },
  {
    path: "tools[] function",
    treatment: "carried",
    note: "`name`, `description`, `input_schema`; `strict` where Claude can be held to all of them; also without the member around it, and with `input_schema` as the Messages API has it",
  },
  {
    path: "tools[] custom",
    treatment: "carried",
    note: "a function; its grammar as a description; also without the member around it, as the Responses API has it",
  },
  { path: "tools[] (others)", treatment: "refused", note: "a hosted tool that nothing here can run" },
  { path: "stream_options.include_usage", treatment: "carried", note: "the usage chunk" },
  { path: "stream_options.include_obfuscation", treatment: "warned", note: "answers are not padded" },
  { path: "web_search_options.search_context_size", treatment: "warned", note: "Messages has no size of results" },
  {
    path: "response_format.json_schema",
    treatment: "carried",
    note: "the schema, in the subset that Claude compiles: other limits stand in descriptions; in the system prompt where it cannot be held to it. Messages has no `name`, `description` and `strict`",
  },
];

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Lists what becomes of the parts of a Messages answer in Chat Completions. */
export const chatAnswerFields: readonly ChatField[] = [
  {
    path: "text",
    treatment: "carried",
    note: "`content`; texts that follow each other are one, others are set apart by a blank line",
  },
  { path: "text.citations of pages", treatment: "carried", note: "`annotations` of type `url_citation`" },
  { path: "text.citations of documents", treatment: "left out", note: "Chat Completions has none" },
  { path: "thinking", treatment: "carried", note: "`reasoning_content`; with its signature in `reasoning_details`" },
  { path: "redacted_thinking", treatment: "carried", note: "`reasoning_details`" },
  {
    path: "tool_use",
    treatment: "carried",
    note: "`tool_calls`, or `function_call` for a client that sent `functions`",
  },
  {
    path: "server_tool_use and its result",
    treatment: "left out",
    note: "the provider's own work; its text and citations stay",
  },
  { path: "other blocks", treatment: "left out", note: "Chat Completions has no place for them" },
  { path: "usage", treatment: "carried", note: "`usage`; cached tokens are part of `prompt_tokens`" },
  {
    path: "stop_reason end_turn, stop_sequence, pause_turn",
    treatment: "carried",
    note: "`stop`; `tool_calls` where there is a call",
  },
  { path: "stop_reason tool_use", treatment: "carried", note: "`tool_calls`, or `function_call`" },
  { path: "stop_reason max_tokens, model_context_window_exceeded", treatment: "carried", note: "`length`" },
  { path: "stop_reason refusal", treatment: "carried", note: "`content_filter`" },
  { path: "stop_sequence", treatment: "left out", note: "Chat Completions does not say which one it was" },
];
