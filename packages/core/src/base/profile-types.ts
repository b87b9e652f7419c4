import type { ReasoningEffort } from "../protocol/chat.ts";

/**
 * Rules of a vendor's Chat Completions and Responses APIs, what they accept and need: plain JSON, so that a configuration can
 * override each member. `docs/vendors.md` lists the sources.
 */
export interface Profile {
  /** Largest output in tokens; `null`: unknown. */
  readonly maxOutputTokens: number | null;
  /** Tokens that the prompt and the answer have together, where the API refuses a limit of the answer that does not fit in beside the prompt; `null`: unknown. */
  readonly contextWindow: number | null;
  /** Name of the member that limits the output. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** True: `stream_options.include_usage` is sent. */
  readonly streamUsage: boolean;
  /**
   * True: `temperature` and `top_p` are sent. `without-effort`: only if no effort is asked for, or one of `none`, for a model that does not think unasked.
   * `effort-none`: only if the effort is `none`.
   */
  readonly sampling: boolean | "without-effort" | "effort-none";
  /** True: `top_k` is sent. */
  readonly topK: boolean;
  /** Least and largest temperature; others are moved to the nearer one. `null`: all are accepted. */
  readonly temperatureRange: readonly [least: number, largest: number] | null;
  /** Largest number of stop sequences. */
  readonly stopLimit: number;

  /** Role of the system prompt. `user`: the API knows no other, and the prompt is the first user message. */
  readonly systemRole: "system" | "developer" | "user";
  /** Place of a system turn inside the conversation: left, or folded into a user message as `<system-reminder>`. */
  readonly midSystem: "system" | "user";
  /** True: user messages may hold parts. False: one string. */
  readonly contentParts: boolean;
  /** True: images are accepted. */
  readonly images: boolean;
  /** True: images may be given by http(s) URL. False: only as data. */
  readonly imageUrls: boolean;
  /** True: PDF documents are accepted as `file` parts. */
  readonly files: boolean;
  /** Place of images and files of a tool result: a user message that follows, or parts of the tool message. */
  readonly toolResultImages: "user-message" | "inline";
  /** Text of an empty tool result. */
  readonly emptyToolResult: string;
  /**
   * Form of tool ids. `openai`: any. `plain`: `[A-Za-z0-9_-]` (Claude behind a gateway). `mistral`: 9 of
   * `[A-Za-z0-9]`.
   */
  readonly toolIdFormat: "openai" | "plain" | "mistral";
  /** Longest tool id, in characters. */
  readonly toolIdLimit: number;
  /** True: user and assistant must alternate, so that neighbours of one role are merged. */
  readonly alternate: boolean;
  /** Treatment of an assistant turn at the end: sent as it is, marked with `prefix: true`, or left out. */
  readonly prefill: "pass" | "prefix" | "drop";
  /**
   * True: only an assistant's message may follow tool messages (Mistral), so that a short one is put before a user's.
   */
  readonly bridgeAfterTools: boolean;

  /** Treatment of `cache_control`. */
  readonly cacheControl: "strip" | "pass" | "openai-breakpoint";
  /** Largest number of tools; `null`: no limit. */
  readonly maxTools: number | null;
  /**
   * Keywords of schemas, of tools and of the output format. `common`: the subset that every vendor accepts, with
   * limits told in descriptions. `gemini`: those of its schema dialect. `json-schema`: all but `$schema`, `$id` and
   * `pattern`.
   */
  readonly toolSchema: "json-schema" | "common" | "gemini";
  /** Keywords that are left out of schemas besides, such as `format`. */
  readonly omitSchema: readonly string[];
  /** True: `strict` is sent if a schema meets OpenAI's subset. */
  readonly strictTools: boolean;
  /**
   * Values of `tool_choice`. `named`: all. `required`: no tool by name, so that only the named one is sent. `auto`:
   * no call can be forced, so that a last text asks for it.
   */
  readonly toolChoice: "named" | "required" | "auto";
  /**
   * True: `tool_stream: true` is sent with tools. Without it Z.AI sends a call only when it is whole, and cuts it
   * after 30 s.
   */
  readonly toolStream: boolean;
  /** True: `parallel_tool_calls: false` is sent if the client asks for it. */
  readonly parallelToolCalls: boolean;
  /** True: `response_format: json_schema` is sent. False: `json_object`, with the schema in the system message. */
  readonly jsonSchema: boolean;

  /** Way in which thinking is asked for. */
  readonly reasoning: "none" | "openai" | "openrouter" | "deepseek" | "zai" | "qwen";
  /** True: the model can be told not to think. */
  readonly thinkingOff: boolean;
  /** Efforts that the model knows, in rising order. */
  readonly efforts: readonly ReasoningEffort[];
  /** True: an effort may be sent together with function tools. */
  readonly effortWithTools: boolean;
  /**
   * Member for thinking of the history. `reasoning_content` is on every assistant message, empty where the thinking
   * is unknown.
   */
  readonly reasoningHistory: "drop" | "reasoning_content" | "reasoning" | "reasoning_details";
  /**
   * Member that takes Gemini's thought signatures back: of `extra_content`, or (`openrouter`) `reasoning_details`.
   * Tool calls that Gemini did not make get Google's documented placeholder.
   */
  readonly thoughtSignatures: "drop" | "google" | "vertex" | "openrouter";
  /**
   * True: answers hold `<think>…</think>`, or `</think>` alone, in their text. `reasoning`: they may begin with
   * `<reasoning>…</reasoning>`.
   */
  readonly thinkTags: boolean | "reasoning";

  /** Treatment of `metadata.user_id`: left out, or hashed into `user` or `safety_identifier`. */
  readonly user: "drop" | "hash" | "safety-identifier";
  /** True: the session's id is sent as `prompt_cache_key`. */
  readonly promptCacheKey: boolean;
  /** True: `speed: fast` becomes `service_tier: priority`. */
  readonly serviceTier: boolean;
  /** Requests for which `dialect: auto` uses Responses, because Chat Completions cannot serve them. */
  readonly responsesFor: "none" | "tools" | "all";
  /** True (Responses): the provider has a `web_search` of its own. */
  readonly webSearch: boolean;
  /** True (Responses): the pages that a search found are asked for. False: the client is only told the query. */
  readonly webSearchSources: boolean;
  /** True (Responses): reasoning is asked for in encrypted form, to be given back with the history. */
  readonly encryptedReasoning: boolean;
  /**
   * True (Responses): every message of the assistant in the history is labelled as commentary or final answer, also
   * those that came without a label.
   */
  readonly messagePhases: boolean;
  /** True (Responses): a summary of the reasoning is asked for, which the client is shown. */
  readonly reasoningSummary: boolean;
  /** True (Responses): `POST …/responses/input_tokens` counts a request. */
  readonly inputTokens: boolean;
  /**
   * Members that are left out of the body, by their path with `*` for every index: `store`, `messages.*.name`. Also
   * of `extraBody`.
   */
  readonly omit: readonly string[];
  /** Members that are merged into the body last. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** Members of a profile that differ from the built-in one. */
export type ProfileOverride = Partial<Profile>;

/**
 * Rules of an API of Anthropic's form, where they differ from Anthropic's own: plain JSON, so that a
 * configuration can override it.
 */
export interface NativeProfile {
  /** Largest output in tokens, to which `max_tokens` is lowered; `null`: unknown. */
  readonly maxOutputTokens: number | null;
  /** Tokens that the prompt and the answer have together, to which `max_tokens` is lowered; `null`: unknown. */
  readonly contextWindow: number | null;
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
  /** True: an effort may be sent together with `thinking: disabled`. */
  readonly effortWithoutThinking: boolean;
  /** Leave out `temperature`, `top_p` and `top_k` where the `anthropic-version` sent is one that refuses them. */
  readonly dropsRefusedSampling: boolean;
  /** Number of blocks that may carry `cache_control`, counted from the last; `null`: any number. */
  readonly cacheMarks: number | null;
  /** True: thinking that the API did not sign is refused. */
  readonly checksSignatures: boolean;
  /** `always`: each turn with tool calls must hold thinking, so that an empty one stands in for what another provider thought. */
  readonly toolTurnThinking: "as-is" | "always";
  /** `unique`: a tool call whose id came before in the history gets one of its own, and so does its result. */
  readonly toolIds: "as-is" | "unique";
  /** A `tool_choice` that forces a call is taken; only where thinking is turned off; or never, so that a last text asks for the call. */
  readonly forcedCalls: "any" | "without-thinking" | "never";
  /** Blocks `tool_reference` are taken; otherwise a text that names the tool stands in their place. */
  readonly toolReferences: boolean;
}

/** The members of a native profile that a configuration sets. */
export type NativeProfileOverride = Partial<NativeProfile>;
