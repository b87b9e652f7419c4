import type { ReasoningEffort } from "./chat.ts";

/**
 * Mark of a place where a prompt cache may end (gpt-5.6 and later). An assistant's `output_text` takes none.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesCacheMark {
  prompt_cache_breakpoint?: { mode: "explicit" };
}

/**
 * Text in a message of the Responses API.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesInputText extends ResponsesCacheMark {
  type: "input_text";
  text: string;
}

/**
 * An image in a message of the Responses API.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesInputImage extends ResponsesCacheMark {
  type: "input_image";
  /** An http(s) or data URL. */
  image_url: string;
  /** The API's default, said because its types require it and some servers hold to them. */
  detail: "auto";
}

/**
 * A file in a message of the Responses API.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesInputFile extends ResponsesCacheMark {
  type: "input_file";
  filename?: string;
  /** A data URL. */
  file_data?: string;
  file_url?: string;
}

/** Part of the content of a message of the Responses API. */
export type ResponsesInputPart = ResponsesInputText | ResponsesInputImage | ResponsesInputFile;

/**
 * A turn of the user, or instructions.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesInputMessage {
  type: "message";
  role: "user" | "system" | "developer";
  content: ResponsesInputPart[];
}

/**
 * An earlier turn of the assistant. As parts it would have to be a whole output item, with an id and a status: vLLM and OpenRouter refuse less (langchain-ai/langchain#32557).
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesAssistantMessage {
  type: "message";
  role: "assistant";
  content: string;
  /** As the model labelled it; later models want it back (openai types, `EasyInputMessage.phase`). */
  phase?: "commentary" | "final_answer";
}

/**
 * A call of a function in an earlier turn; `arguments` is the JSON text of an object.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesFunctionCall {
  type: "function_call";
  call_id: string;
  name: string;
  /** JSON text of an object. */
  arguments: string;
}

/**
 * Answer of a function.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesFunctionCallOutput {
  type: "function_call_output";
  call_id: string;
  output: string | ResponsesInputPart[];
}

/**
 * Reasoning of an earlier turn. `id` is the one it was made under, against which OpenAI checks the encrypted content; servers that hold to its types require one.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesReasoning {
  type: "reasoning";
  id?: string;
  summary: { type: "summary_text"; text: string }[];
  /** DeepSeek, LM Studio: the reasoning in clear. */
  content?: { type: "reasoning_text"; text: string }[];
  encrypted_content?: string;
}

/** An item of a request's `input`. */
export type ResponsesInputItem =
  | ResponsesInputMessage
  | ResponsesAssistantMessage
  | ResponsesFunctionCall
  | ResponsesFunctionCallOutput
  | ResponsesReasoning;

/**
 * A function that the model may call.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesFunctionTool {
  type: "function";
  name: string;
  description?: string;
  /** JSON Schema of an object. */
  parameters: Record<string, unknown>;
  /** Always said: the API's default is strict. */
  strict: boolean;
}

/**
 * A search that the provider runs itself.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesWebSearchTool {
  type: "web_search";
  filters?: { allowed_domains: string[] };
  user_location?: { type: "approximate"; city?: string; country?: string; region?: string; timezone?: string };
}

/** A tool of a request. */
export type ResponsesTool = ResponsesFunctionTool | ResponsesWebSearchTool;

/** Choice whether the model must, may or must not call a tool, and which. */
export type ResponsesToolChoice = "auto" | "required" | "none" | { type: "function"; name: string };

/**
 * Demands an answer that fits a JSON Schema.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesJsonSchemaFormat {
  type: "json_schema";
  name: string;
  schema: Record<string, unknown>;
  strict: boolean;
}

/**
 * A body of `POST …/responses` as ccpb writes it: a fresh value that shares no mutable part with the request it was made from, except schemas.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export interface ResponsesRequest {
  model: string;
  instructions?: string;
  input: ResponsesInputItem[];
  max_output_tokens?: number;
  temperature?: number;
  top_p?: number;
  stream?: true;
  tools?: ResponsesTool[];
  tool_choice?: ResponsesToolChoice;
  parallel_tool_calls?: false;
  text?: { format: ResponsesJsonSchemaFormat | { type: "json_object" } };
  reasoning?: { effort?: ReasoningEffort; summary?: "auto" };
  /** Members that the provider sends only if the request names them here. */
  include?: ("reasoning.encrypted_content" | "web_search_call.action.sources")[];
  /** Nothing is kept at the provider: the client sends the whole conversation each time. */
  store: false;
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  service_tier?: "priority";
}
