/** Reason why an answer of Chat Completions ended. */
export type ChatFinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "function_call";

/**
 * Token counts of an answer; `prompt_tokens` holds the cached tokens too.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}

/**
 * A page that an answer cites. Positions are characters (UTF-16 units) of `content`.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export interface ChatAnnotation {
  type: "url_citation";
  url_citation: { start_index: number; end_index: number; url: string; title: string };
}

/**
 * Thinking as a client sends it back: the text with the signature that its provider checks, or data that only the provider can read.
 * `position` says behind how many characters of `content` and how many calls it stood; absent: in front of both.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export interface ChatReasoningDetail {
  type: "reasoning.text" | "reasoning.encrypted";
  format: "anthropic-claude-v1";
  index: number;
  text?: string;
  signature?: string;
  data?: string;
  position?: { content_length: number; tool_calls: number };
}

/** A call of a function or of a custom tool, in a whole answer. */
export type ChatAnswerCall =
  | { id: string; type: "function"; function: { name: string; arguments: string } }
  | { id: string; type: "custom"; custom: { name: string; input: string } };

/**
 * A piece of a call: the first has `id`, `type` and `name`, the later ones more of `arguments` or `input`.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/streaming
 */
export interface ChatCallDelta {
  index: number;
  id?: string;
  type?: "function" | "custom";
  function?: { name?: string; arguments: string };
  custom?: { name?: string; input: string };
}

/**
 * Adds to the message: the `delta` of one chunk's choice.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/streaming
 */
export interface ChatDelta {
  role?: "assistant";
  /** null only beside the role. */
  content?: string | null;
  reasoning_content?: string;
  reasoning_details?: ChatReasoningDetail[];
  annotations?: ChatAnnotation[];
  tool_calls?: ChatCallDelta[];
  /** For a client that sent `functions`. */
  function_call?: { name?: string; arguments: string };
}

/**
 * One chunk of a stream as ccpb writes it. `usage` is there where the client asked for it, and null in all chunks but the last.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/streaming
 */
export interface ChatChunk {
  id: string;
  object: "chat.completion.chunk";
  created: number;
  model: string;
  choices: { index: 0; delta: ChatDelta; logprobs: null; finish_reason: ChatFinishReason | null }[];
  usage?: ChatUsage | null;
}

/**
 * The message of a whole answer.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export interface ChatAnswerMessage {
  role: "assistant";
  /** null where the answer holds no text. */
  content: string | null;
  refusal: null;
  reasoning_content?: string;
  reasoning_details?: ChatReasoningDetail[];
  annotations?: ChatAnnotation[];
  tool_calls?: ChatAnswerCall[];
  function_call?: { name: string; arguments: string };
}

/**
 * A whole answer as ccpb writes it.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: { index: 0; message: ChatAnswerMessage; logprobs: null; finish_reason: ChatFinishReason }[];
  usage: ChatUsage;
}

/**
 * The body of an error answer, and the last chunk of a stream that broke.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export interface ChatErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}
