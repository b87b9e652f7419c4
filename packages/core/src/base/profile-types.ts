import type { ReasoningEffort } from "../protocol/chat.ts";

/** What a vendor's Chat Completions and Responses APIs take and want, as data: plain JSON, so that a configuration can override any of it. */
export interface Profile {
  /** Upper bound of the output, tokens; null: none known. */
  readonly maxOutputTokens: number | null;
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** Send `stream_options.include_usage`. */
  readonly streamUsage: boolean;
  /** Send `temperature` and `top_p`; `without-effort`: only where the effort is `none`. */
  readonly sampling: boolean | "without-effort";
  readonly topK: boolean;
  /** The temperatures that the API takes, the least and the largest: others are moved to the nearer one. null: all. */
  readonly temperatureRange: readonly [least: number, largest: number] | null;
  /** How many stop sequences the API takes. */
  readonly stopLimit: number;

  /** The role of the system prompt; `user` where the API knows no other: it is the first user message then. */
  readonly systemRole: "system" | "developer" | "user";
  /** A system turn inside the conversation: left in place, or folded into a user message as `<system-reminder>`. */
  readonly midSystem: "system" | "user";
  /** User messages may hold parts; otherwise one string. */
  readonly contentParts: boolean;
  readonly images: boolean;
  /** Images may be given by http(s) URL; otherwise only as data. */
  readonly imageUrls: boolean;
  /** PDF documents as `file` parts. */
  readonly files: boolean;
  /** Images and files of a tool result: in a user message that follows, or as parts of the tool message. */
  readonly toolResultImages: "user-message" | "inline";
  /** What an empty tool result says. */
  readonly emptyToolResult: string;
  /** `openai`: any id; `plain`: `[A-Za-z0-9_-]` alone (Claude behind a gateway); `mistral`: 9 of `[A-Za-z0-9]`. */
  readonly toolIdFormat: "openai" | "plain" | "mistral";
  /** The longest tool id that is taken, characters. */
  readonly toolIdLimit: number;
  /** User and assistant must alternate: neighbours of one role are merged. */
  readonly alternate: boolean;
  /** An assistant turn at the end: sent as it is, marked with `prefix: true`, or left out. */
  readonly prefill: "pass" | "prefix" | "drop";
  /** After tool messages only an assistant's may come (Mistral): a short one is put before a user's. */
  readonly bridgeAfterTools: boolean;

  /** What becomes of `cache_control`. */
  readonly cacheControl: "strip" | "pass" | "openai-breakpoint";
  readonly maxTools: number | null;
  /**
   * The keywords of schemas, of tools and of the output format. `common`: the subset that every vendor takes, with limits told in descriptions; `gemini`:
   * those of its schema dialect; `json-schema`: all but `$schema`, `$id` and `pattern`.
   */
  readonly toolSchema: "json-schema" | "common" | "gemini";
  /** Keywords that are left out of schemas besides, such as `format`. */
  readonly omitSchema: readonly string[];
  /** Send `strict` where a schema meets OpenAI's subset. */
  readonly strictTools: boolean;
  /**
   * What `tool_choice` may say. `named`: anything; `required`: no tool by name, so that a named one is sent alone; `auto`: no call can be forced.
   */
  readonly toolChoice: "named" | "required" | "auto";
  /** Send `tool_stream: true` with tools: without it Z.AI sends a call only when it is whole, and cuts it after 30 s. */
  readonly toolStream: boolean;
  /** Send `parallel_tool_calls: false` where the client asks for it. */
  readonly parallelToolCalls: boolean;
  /** `response_format: json_schema`; otherwise `json_object` with the schema in the system message. */
  readonly jsonSchema: boolean;

  /** How thinking is asked for. */
  readonly reasoning: "none" | "openai" | "openrouter" | "deepseek" | "zai" | "qwen";
  /** The model can be told not to think. */
  readonly thinkingOff: boolean;
  /** The efforts that the model knows, in rising order. */
  readonly efforts: readonly ReasoningEffort[];
  /** Whether an effort may be sent together with function tools. */
  readonly effortWithTools: boolean;
  /** Where thinking of the history goes; `reasoning_content` stands on every assistant message, empty where the thinking is unknown. */
  readonly reasoningHistory: "drop" | "reasoning_content" | "reasoning" | "reasoning_details";
  /**
   * Gemini: the member of `extra_content` that takes thought signatures back. Tool calls that Gemini did not make get Google's documented
   * placeholder. `openrouter`: they stand in `reasoning_details`, and so does the placeholder.
   */
  readonly thoughtSignatures: "drop" | "google" | "vertex" | "openrouter";
  /** Answers hold `<think>…</think>`, or `</think>` alone, in their text; `reasoning`: they may begin with `<reasoning>…</reasoning>`. */
  readonly thinkTags: boolean | "reasoning";

  /** `metadata.user_id`: left out, or hashed into `user` or `safety_identifier`. */
  readonly user: "drop" | "hash" | "safety-identifier";
  /** Send the session's id as `prompt_cache_key`. */
  readonly promptCacheKey: boolean;
  /** `speed: fast` becomes `service_tier: priority`. */
  readonly serviceTier: boolean;
  /** What `dialect: auto` uses Responses for, because Chat Completions cannot do it. */
  readonly responsesFor: "none" | "tools" | "all";
  /** Responses: the provider can be given its own `web_search`. */
  readonly webSearch: boolean;
  /** Responses: ask for the pages that a search found; otherwise the client is told only what was searched for. */
  readonly webSearchSources: boolean;
  /** Responses: ask for reasoning in encrypted form, to be given back with the history. */
  readonly encryptedReasoning: boolean;
  /** Responses: label every message of the assistant in the history as commentary or final answer, also those that came without a label. */
  readonly messagePhases: boolean;
  /** Responses: ask for a summary of the reasoning, which is what the client is shown of it. */
  readonly reasoningSummary: boolean;
  /** Responses: `POST …/responses/input_tokens` counts a request. */
  readonly inputTokens: boolean;
  /** Members that are left out of the body, by their path with `*` for every index: `store`, `messages.*.name`. Also of `extraBody`. */
  readonly omit: readonly string[];
  /** Members that are merged into the body last. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** The members of a profile that somebody wants to be otherwise. */
export type ProfileOverride = Partial<Profile>;

/** What an API of Anthropic's form takes and wants where it differs from Anthropic's own, as data: plain JSON, so that a configuration can override it. */
export interface NativeProfile {
  /** A system turn inside the conversation: left in place, or folded into a user message as `<system-reminder>`. */
  readonly midSystem: "system" | "user";
  /** The members that a request body may have; null: any. */
  readonly bodyMembers: readonly string[] | null;
  /** Members that are left out, by their path with `*` for every index: `context_management`, `tools.*.defer_loading`. */
  readonly omit: readonly string[];
  /** Images are taken; otherwise a text stands in their place. */
  readonly images: boolean;
  /** PDF and other binary documents are taken; otherwise a text stands in their place. */
  readonly files: boolean;
  /** The keywords of tool schemas: as they came, or only those of the subset that every vendor takes. */
  readonly toolSchema: "json-schema" | "common" | "gemini";
  /** Keywords that are left out of tool schemas besides. */
  readonly omitSchema: readonly string[];
  /** Values of `anthropic-beta` that are not passed on. */
  readonly omitBetas: readonly string[];
  /** The values of `anthropic-beta` that are passed on; null: all. */
  readonly betas: readonly string[] | null;
  /** `metadata.user_id` as it came, or hashed to 64 hex digits. */
  readonly userId: "pass" | "hash";
  /** Whether an effort may be sent together with `thinking: disabled`. */
  readonly effortWithoutThinking: boolean;
  /** Leave out `temperature`, `top_p` and `top_k` where the `anthropic-version` sent is one that refuses them. */
  readonly dropsRefusedSampling: boolean;
  /** How many blocks may carry `cache_control`, the last ones; null: any number. */
  readonly cacheMarks: number | null;
  /** Whether thinking that the API did not sign is refused. */
  readonly checksSignatures: boolean;
  /** `always`: each turn with tool calls must hold thinking, so that an empty one stands in for what another provider thought. */
  readonly toolTurnThinking: "as-is" | "always";
  /** `unique`: a tool call whose id came before in the history gets one of its own, and so does its result. */
  readonly toolIds: "as-is" | "unique";
}

/** The members of a native profile that a configuration sets. */
export type NativeProfileOverride = Partial<NativeProfile>;
