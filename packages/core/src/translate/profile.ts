import type { ReasoningEffort } from "../protocol/chat.ts";

/** What a vendor's Chat Completions API takes and wants, as data: plain JSON, so that a configuration can override any of it. */
export interface Profile {
  /** Upper bound of the output, tokens; null: none known. */
  readonly maxOutputTokens: number | null;
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** Send `stream_options.include_usage`. */
  readonly streamUsage: boolean;
  /** Send `temperature` and `top_p`; `without-effort`: only where the effort is `none`. */
  readonly sampling: boolean | "without-effort";
  readonly topK: boolean;
  /** How many stop sequences the API takes. */
  readonly stopLimit: number;

  readonly systemRole: "system" | "developer";
  /** A system turn inside the conversation: left in place, or folded into a user message as `<system-reminder>`. */
  readonly midSystem: "system" | "user";
  /** User messages may hold parts; otherwise one string. */
  readonly contentParts: boolean;
  readonly images: boolean;
  /** PDF documents as `file` parts. */
  readonly files: boolean;
  /** Images of a tool result: in a user message that follows, or as parts of the tool message. */
  readonly toolResultImages: "user-message" | "inline";
  /** What an empty tool result says. */
  readonly emptyToolResult: string;
  /** `openai`: any id up to 64 characters; `mistral`: 9 of `[A-Za-z0-9]`. */
  readonly toolIdFormat: "openai" | "mistral";
  /** User and assistant must alternate: neighbours of one role are merged. */
  readonly alternate: boolean;
  /** An assistant turn at the end: sent as it is, marked with `prefix: true`, or left out. */
  readonly prefill: "pass" | "prefix" | "drop";
  /** No message may come after tool messages but an assistant's (Mistral): a short assistant turn is put between. */
  readonly bridgeAfterTools: boolean;

  /** What becomes of `cache_control`. */
  readonly cacheControl: "strip" | "pass" | "openai-breakpoint";
  readonly maxTools: number | null;
  /** `gemini`: only the keywords of its schema dialect; `json-schema`: all but `$schema` and `$id`. */
  readonly toolSchema: "json-schema" | "gemini";
  /** Send `strict` where a schema meets OpenAI's subset. */
  readonly strictTools: boolean;
  /** Send `parallel_tool_calls: false` where the client asks for it. */
  readonly parallelToolCalls: boolean;
  /** What forces a call of any tool. */
  readonly requiredToolChoice: "required" | "any" | "auto";
  /** `response_format: json_schema`; otherwise `json_object` with the schema in the system message. */
  readonly jsonSchema: boolean;

  /** How thinking is asked for. */
  readonly reasoning: "none" | "openai" | "openrouter" | "deepseek" | "zai" | "qwen";
  /** The efforts that the model knows, in rising order. */
  readonly efforts: readonly ReasoningEffort[];
  /** Whether an effort may be sent together with function tools. */
  readonly effortWithTools: boolean;
  /** What becomes of thinking in the history. */
  readonly reasoningHistory: "drop" | "reasoning_content" | "reasoning_details";
  /** Gemini: tool calls of a history that it did not make get Google's documented placeholder signature. */
  readonly thoughtSignatures: boolean;
  /** Answers hold `<think>…</think>` in their text. */
  readonly thinkTags: boolean;

  /** `metadata.user_id`: left out, or hashed into `user` or `safety_identifier`. */
  readonly user: "drop" | "hash" | "safety-identifier";
  /** Send the session's id as `prompt_cache_key`. */
  readonly promptCacheKey: boolean;
  /** `speed: fast` becomes `service_tier: priority`. */
  readonly serviceTier: boolean;
  /** Members that are merged into the body last. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** The members of a profile that somebody wants to be otherwise. */
export type ProfileOverride = Partial<Profile>;
