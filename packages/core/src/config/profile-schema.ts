import * as z from "zod";
import type { ReasoningEffort } from "../protocol/chat.ts";
import type { Profile, ProfileOverride, NativeProfile, NativeProfileOverride } from "../base/profile-types.ts";
import { flag, oneOf, whole } from "./schema-fields.ts";

const efforts = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
] as const satisfies readonly ReasoningEffort[];

// By the names of the type, so that a member without a row here does not compile; the file format writes them in snake_case.
const rows: Readonly<Record<keyof Profile, z.ZodType>> = {
  maxOutputTokens: noLimit("Upper bound of `max_tokens`", 100_000_000),
  contextWindow: noLimit(
    "Tokens of prompt and answer together, where `max_tokens` has to fit in beside the prompt",
    100_000_000,
  ),
  maxTokensField: oneOf(["max_tokens", "max_completion_tokens"], "What the limit of the output is called."),
  streamUsage: flag("Send `stream_options.include_usage`."),
  sampling: z.union([z.boolean(), z.enum(["without-effort", "effort-none"])]).meta({
    description:
      "Send `temperature` and `top_p`; `without-effort`: only where no effort is asked for; `effort-none`: only where an effort of `none` is.",
  }),
  topK: flag("Send `top_k`."),
  temperatureRange: z
    .tuple([z.number().min(0), z.number().min(0)])
    .nullable()
    .meta({ description: "The least and the largest `temperature` that is sent; null: no limit.", examples: [[0, 1]] }),
  stopLimit: whole("How many stop sequences the API takes.", [0, 1000]),
  systemRole: oneOf(
    ["system", "developer", "user"],
    "The role of the system prompt; `user` where the model knows no other.",
  ),
  midSystem: oneOf(
    ["system", "user"],
    "A system turn inside the conversation: left in place, or folded into a user message.",
  ),
  contentParts: flag("User messages may hold parts; otherwise one text."),
  images: flag("Takes images."),
  imageUrls: flag("Takes images by URL; otherwise only as data."),
  files: flag("Takes PDF documents as `file` parts."),
  toolResultImages: oneOf(
    ["user-message", "inline"],
    "Images of a tool result: in a message that follows, or in place.",
  ),
  emptyToolResult: z.string().meta({ description: "What an empty tool result says.", examples: ["(no output)"] }),
  toolIdFormat: oneOf(
    ["openai", "plain", "mistral"],
    "`plain`: tool ids of letters, digits, _ and -; `mistral`: of 9 letters and digits.",
  ),
  toolIdLimit: whole("The longest tool id, in characters.", [1, 10_000]),
  alternate: flag("User and assistant must alternate: neighbours of one role are merged."),
  prefill: oneOf(
    ["pass", "prefix", "drop"],
    "An assistant turn at the end: sent, marked with `prefix: true`, or left out.",
  ),
  bridgeAfterTools: flag("Put a short assistant turn between tool messages and a user's."),
  cacheControl: oneOf(["strip", "pass", "openai-breakpoint"], "What becomes of `cache_control`."),
  maxTools: noLimit("How many tools the API takes", 100_000),
  toolSchema: oneOf(
    ["json-schema", "common", "gemini"],
    "The keywords that schemas may use; `common`: the subset that every vendor takes.",
  ),
  omitSchema: z
    .array(z.string())
    .meta({ description: "Keywords that are left out of schemas besides.", examples: [["format", "default"]] }),
  strictTools: flag("Send `strict` where a schema allows it."),
  toolChoice: oneOf(
    ["named", "required", "auto"],
    "What `tool_choice` may say: anything; no tool by name (a named one is sent alone); or nothing that forces a call, which a last text asks for then.",
  ),
  toolStream: flag("Send `tool_stream: true` with tools (Z.AI)."),
  parallelToolCalls: flag("Send `parallel_tool_calls: false` where the client asks for it."),
  jsonSchema: flag(
    "Send `response_format: json_schema`; otherwise `json_object` with the schema in the system prompt.",
  ),
  reasoning: oneOf(["none", "openai", "openrouter", "deepseek", "zai", "qwen"], "How thinking is asked for."),
  thinkingOff: flag("The model can be told not to think."),
  efforts: z.array(z.enum(efforts)).meta({ description: "The efforts that the model knows, in rising order." }),
  effortWithTools: flag("An effort may be sent together with tools."),
  reasoningHistory: oneOf(
    ["drop", "reasoning_content", "reasoning", "reasoning_details"],
    "What becomes of thinking in the history.",
  ),
  thoughtSignatures: oneOf(
    ["drop", "google", "vertex", "openrouter"],
    "Gemini: how the signature of a thought travels with a tool call.",
  ),
  thinkTags: z.union([z.boolean(), z.literal("reasoning")]).meta({
    description:
      "Answers hold `<think>…</think>`, or `</think>` alone, in their text; `reasoning`: they may begin with `<reasoning>…</reasoning>`.",
  }),
  user: oneOf(
    ["drop", "hash", "safety-identifier"],
    "`metadata.user_id`: left out, or hashed into `user` or `safety_identifier`.",
  ),
  promptCacheKey: flag("Send the session's id as `prompt_cache_key`."),
  serviceTier: flag("`speed: fast` becomes `service_tier: priority`."),
  responsesFor: oneOf(
    ["none", "tools", "all"],
    "What `dialect: auto` uses Responses for: nothing, requests with tools, or every request.",
  ),
  webSearch: flag("Responses: the provider searches the web itself where the client asks for `web_search`."),
  webSearchSources: flag("Responses: ask for the pages that a search found."),
  encryptedReasoning: flag("Responses: ask for reasoning in encrypted form, to be given back with the history."),
  messagePhases: flag("Responses: label messages of the assistant in the history that came without a `phase`."),
  reasoningSummary: flag("Responses: ask for a summary of the reasoning."),
  inputTokens: flag("Responses: `/responses/input_tokens` counts a request."),
  omit: z.array(z.string()).meta({
    description:
      "Members that are left out of every request, also of one that is passed on as it came, by their path with `*` for every index.",
    examples: [["store", "messages.*.name"]],
  }),
  extraBody: z.record(z.string(), z.unknown()).meta({
    description:
      "Members that are merged into every request last, as they stand, also into one that is passed on as it came.",
    examples: [{ provider: { sort: "price" } }],
  }),
};

const nativeRows: Readonly<Record<keyof NativeProfile, z.ZodType>> = {
  maxOutputTokens: rows.maxOutputTokens,
  contextWindow: rows.contextWindow,
  midSystem: rows.midSystem,
  bodyMembers: z
    .array(z.string())
    .nullable()
    .meta({
      description: "Of an `anthropic` provider: the members that a request may have; others are left out. null: any.",
      examples: [["model", "messages", "max_tokens", "system", "stream", "tools"]],
    }),
  omit: rows.omit,
  images: rows.images,
  files: rows.files,
  toolSchema: rows.toolSchema,
  omitSchema: rows.omitSchema,
  omitBetas: z.array(z.string()).meta({
    description: "Of an `anthropic` provider: values of `anthropic-beta` that are not passed on.",
    examples: [["context-management-2025-06-27"]],
  }),
  betas: z
    .array(z.string())
    .nullable()
    .meta({
      description: "Of an `anthropic` provider: the values of `anthropic-beta` that are passed on. null: all.",
      examples: [["interleaved-thinking-2025-05-14"]],
    }),
  userId: oneOf(["pass", "hash"], "Of an `anthropic` provider: `metadata.user_id` as it came, or hashed."),
  effortWithoutThinking: flag("Of an `anthropic` provider: an effort may be sent where thinking is disabled."),
  dropsRefusedSampling: flag(
    "Of an `anthropic` provider: leave out `temperature`, `top_p` and `top_k` where the `anthropic-version` sent refuses them.",
  ),
  cacheMarks: whole("", [0, 1000])
    .nullable()
    .meta({
      description: "Of an `anthropic` provider: how many blocks may carry `cache_control`, the last ones. null: any.",
      examples: [4],
    }),
  checksSignatures: flag("Of an `anthropic` provider: thinking that it did not sign is refused."),
  toolTurnThinking: oneOf(
    ["as-is", "always"],
    "Of an `anthropic` provider: `always` puts an empty thinking block into turns with tool calls that have none.",
  ),
  toolIds: oneOf(
    ["as-is", "unique"],
    "Of an `anthropic` provider: `unique` gives a tool call whose id the history holds already an id of its own, and its result too.",
  ),
  forcedCalls: oneOf(
    ["any", "without-thinking", "never"],
    "Of an `anthropic` provider: whether `tool_choice` may force a call: always; where thinking is turned off; or never, so that a last text asks for it.",
  ),
  toolReferences: flag(
    "Of an `anthropic` provider: it takes `tool_reference` blocks; otherwise a text that names the tool stands in their place.",
  ),
};

/** The section `profile`: members of `Profile` in snake_case. */
export const profileSchema: z.ZodType<Readonly<Record<string, unknown>>> = z
  .strictObject(
    Object.fromEntries(
      Object.entries({ ...rows, ...nativeRows }).map(([name, row]): [string, z.ZodOptional<z.ZodType>] => [
        snakeCase(name),
        row.optional(),
      ]),
    ),
  )
  .meta({
    description:
      "Describes what a provider takes, where the built-in profile of its host and model does not know it. Most members are for `openai` providers.",
  });

/** Returns the section `profile` of an openai provider, once it passed `profileSchema`, as the translators read it. */
export function toProfile(profile: Readonly<Record<string, unknown>>): ProfileOverride {
  return pick(profile, rows); // the schema has checked the values
}

/** Returns the same of an anthropic provider. */
export function toNativeProfile(profile: Readonly<Record<string, unknown>>): NativeProfileOverride {
  return pick(profile, nativeRows); // the schema has checked the values
}

/** Decides whether a key of the section `profile` applies to providers of that type. */
export function isProfileKeyOf(type: "anthropic" | "openai", key: string): boolean {
  return Object.keys(type === "openai" ? rows : nativeRows).some((name) => snakeCase(name) === key);
}

/** The members that have a row, by the names of the type. */
function pick(
  profile: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, z.ZodType>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.keys(known).flatMap((name) => {
      const value = profile[snakeCase(name)];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function noLimit(description: string, most: number): z.ZodType {
  return whole("", [1, most])
    .nullable()
    .meta({ description: `${description}; null: no limit.`, examples: [128] });
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
