/**
 * Mark of a place where a prompt cache may end: `cache_control` for gateways that speak Anthropic's, `prompt_cache_breakpoint` for OpenAI (gpt-5.6 and later).
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatCacheMark {
  cache_control?: unknown;
  prompt_cache_breakpoint?: { mode: "explicit" };
}

/**
 * Text in a message of Chat Completions.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatTextPart extends ChatCacheMark {
  type: "text";
  text: string;
}

/**
 * An image in a message of Chat Completions.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatImagePart extends ChatCacheMark {
  type: "image_url";
  /** An http(s) or data URL. */
  image_url: { url: string };
}

/**
 * A file in a message of Chat Completions.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatFilePart extends ChatCacheMark {
  type: "file";
  /** `file_data` is a data URL. */
  file: { filename: string; file_data: string };
}

/** Part of the content of a user's message. */
export type ChatContentPart = ChatTextPart | ChatImagePart | ChatFilePart;

/**
 * Instructions; `developer` for OpenAI's reasoning models.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatSystemMessage {
  role: "system" | "developer";
  content: string | ChatTextPart[];
}

/**
 * A turn of the user.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatUserMessage {
  role: "user";
  content: string | ChatContentPart[];
}

/**
 * A call of a function, in an assistant's message.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatToolCall {
  id: string;
  type: "function";
  /** `arguments` is the JSON text of an object. */
  function: { name: string; arguments: string };
  /** Gemini's thought signature goes back in here, under `google` or `vertex`. */
  extra_content?: Record<string, { thought_signature: string }>;
}

/**
 * An earlier turn of the assistant, with the reasoning that its vendor wants back.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatAssistantMessage {
  role: "assistant";
  /** Parts only for gateways that take `cache_control` in them. */
  content: string | ChatTextPart[] | null;
  tool_calls?: ChatToolCall[];
  /** DeepSeek, Kimi, GLM and others want their own reasoning back. */
  reasoning_content?: string;
  /** vLLM, Ollama, OpenRouter. */
  reasoning?: string;
  /** OpenRouter's opaque entries, as it sent them. */
  reasoning_details?: unknown[];
  /** GitHub Copilot: what people were shown of the reasoning, beside `reasoning_opaque`. */
  reasoning_text?: string;
  /** GitHub Copilot: the reasoning as only the model that made it can read it. */
  reasoning_opaque?: string;
  /** Venice: the same. */
  reasoning_encrypted?: string;
  /** Mistral and DeepSeek: the message is the beginning of the answer. */
  prefix?: true;
}

/**
 * Answer of a tool.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatToolMessage {
  role: "tool";
  tool_call_id: string;
  /** OpenAI takes text alone. Where the profile says that a vendor takes images here too (`toolResultImages: inline`), some parts are images. */
  content: string | ChatTextPart[];
}

/** A message of Chat Completions as ccpb writes it. */
export type ChatMessage = ChatSystemMessage | ChatUserMessage | ChatAssistantMessage | ChatToolMessage;

/**
 * A function that the model may call.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatTool extends ChatCacheMark {
  type: "function";
  function: {
    name: string;
    description?: string;
    /** JSON Schema of an object. */
    parameters: Record<string, unknown>;
    strict?: true;
  };
}

/** Choice whether the model must, may or must not call a tool, and which. */
export type ChatToolChoice = "auto" | "required" | "none" | { type: "function"; function: { name: string } };

/** Amount of thinking, in OpenAI's words. Each model takes only some of them. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/**
 * Demands an answer that fits a JSON Schema.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatJsonSchemaFormat {
  type: "json_schema";
  json_schema: { name: string; schema: Record<string, unknown>; strict?: boolean };
}

/**
 * A body of `POST …/chat/completions` as ccpb writes it: a fresh value that shares no mutable part with the request it was made from, except schemas.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  max_tokens?: number;
  max_completion_tokens?: number;
  stream?: true;
  stream_options?: { include_usage: true };
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop?: string[];
  tools?: ChatTool[];
  tool_choice?: ChatToolChoice;
  parallel_tool_calls?: false;
  response_format?: ChatJsonSchemaFormat | { type: "json_object" };
  reasoning_effort?: ReasoningEffort;
  /** OpenRouter. */
  reasoning?: { effort: ReasoningEffort } | { max_tokens: number };
  /** DeepSeek, Z.AI, Kimi. */
  thinking?: { type: "enabled" | "disabled" };
  /** Alibaba. */
  tool_stream?: boolean;
  enable_thinking?: boolean;
  thinking_budget?: number;
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  service_tier?: "priority";
  /** OpenRouter: a mark at the end of the request, wherever that is. */
  cache_control?: unknown;
}

/**
 * A tool call, or a piece of one, in an answer. Vendors leave out, blank or repeat any of it.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ForeignToolCall {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly type?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
  readonly extra_content?: unknown;
}

/**
 * A message or a delta of an answer.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ForeignChatMessage {
  readonly role?: string | null;
  /** Mistral sends an array of parts. */
  readonly content?: unknown;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: unknown;
  readonly reasoning_details?: readonly unknown[] | null;
  readonly tool_calls?: readonly ForeignToolCall[] | null;
}

/**
 * One choice of an answer: `delta` in streams, `message` in whole answers.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ForeignChatChoice {
  readonly index?: number | null;
  readonly delta?: ForeignChatMessage | null;
  readonly message?: ForeignChatMessage | null;
  readonly finish_reason?: string | null;
}

/**
 * A Chat Completions answer, or one chunk of a stream, as vendors really send it.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export interface ForeignChatCompletion {
  readonly id?: string | null;
  readonly model?: string | null;
  readonly choices?: readonly ForeignChatChoice[] | null;
  readonly usage?: unknown;
  readonly error?: unknown;
}
