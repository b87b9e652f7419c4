import { isObject, type JsonObject } from "../../base/json.ts";
import type { TranslationWarning } from "../../conversation/context.ts";
import { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { type MessagesModel, messagesModel } from "../../vendors/claude-models.ts";
import { calledTools, fitConversation } from "./fit-conversation.ts";
import { fitSchemas } from "./fit-schemas.ts";
import { fitWishes, isCallForced } from "./fit-wishes.ts";

/** A request that a model takes, with what was changed for that. */
export interface FittedRequest {
  readonly request: MessagesRequest;
  readonly warnings: readonly TranslationWarning[];
}

/** The default limit of an answer: enough for code and thinking, and no more than quotas that charge the limit at once (Bedrock) bear. */
const usualLimit = 32_000;
/** With the efforts `xhigh` and `max`. */
const longLimit = 64_000;
const leastBudget = 1_024;

/**
 * Fits a Messages request that was made from one of another API to a model: gives it the `max_tokens` that the Messages API demands, and takes back what older
 * and stricter models refuse. A client of the Messages API knows its model; a client of OpenAI's APIs cannot.
 *
 * @param request - As `chatToMessages` and `responsesToMessages` make it. It is not changed.
 * @param model - The upstream's name of the model.
 */
export function fitRequest(request: MessagesRequest, model: string): FittedRequest {
  const takes = messagesModel(model);
  const warnings = new WarningList();
  const { request: source, instruction: wish } = fitWishes(request, takes, warnings);
  const thinking = fitThinking(source, takes, warnings);
  const schemas = takes.isClaude
    ? fitSchemas({ tools: source.tools, format: formatOf(source), compiles: takes.format }, warnings)
    : undefined;
  const { instruction, config } = fitConfig(
    source,
    { takes, format: schemas ? schemas.format : formatOf(source) },
    warnings,
  );
  const { thinking: _thinking, output_config: _config, max_tokens: _limit, system, ...rest } = source;
  const isThinking = thinking.member !== undefined && thinking.member["type"] !== "disabled";
  const conversation = fitConversation(source.messages, { takes, isThinking, warnings });
  const fitted: MessagesRequest & JsonObject = {
    ...withoutSampling(rest, { takes, isThinking, warnings }),
    ...(wish === undefined && instruction === undefined
      ? system !== undefined && { system }
      : { system: withInstructions(system, [instruction, wish]) }),
    ...(schemas?.tools && { tools: schemas.tools }),
    messages: conversation,
    max_tokens: thinking.maxTokens,
    ...(thinking.member && { thinking: thinking.member }),
    ...(config && { output_config: config }),
    ...(takes.isClaude && declaredTools(source, conversation)),
  };
  return { request: withSoundStops(fitted, warnings), warnings: warnings.all };
}

/** Claude's API wants tools where the conversation has called some: those are declared for a request without any, and none may be called. */
function declaredTools(
  { tools }: JsonObject,
  messages: MessagesRequest["messages"],
): Partial<MessagesRequest> & JsonObject {
  const called = Array.isArray(tools) && tools.length > 0 ? [] : calledTools(messages);
  if (called.length === 0) return {};
  return {
    tools: called.map((name) => ({ name, input_schema: { type: "object" } })),
    tool_choice: { type: "none" },
  };
}

/** The members that `POST /v1/messages/count_tokens` takes: it refuses all others. */
const counted: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
]);

/** Returns a fitted request as a question for the number of its tokens. */
export function countedPart(request: MessagesRequest): MessagesRequest {
  return Object.fromEntries(
    Object.entries(request).filter(([name]) => counted.has(name)),
  ) as unknown as MessagesRequest; // model and messages stay
}

interface FittedThinking {
  readonly member: JsonObject | undefined;
  readonly maxTokens: number;
}

function fitThinking(
  request: MessagesRequest & JsonObject,
  takes: MessagesModel,
  warnings: WarningList,
): FittedThinking {
  const effort = effortOf(request);
  const maxTokens = limitOf(request, takes, warnings);
  const { thinking } = request;
  const asked = isObject(thinking) ? thinking : undefined;
  const type = asked?.["type"];
  // A budget model thinks at an effort only where it is told to.
  const wish = asked ?? (effort !== undefined && takes.thinking === "budget" && !takes.effort ? {} : undefined);
  if (wish === undefined || type === "disabled")
    return { member: takes.thinking === "none" ? undefined : asked, maxTokens };
  if (isCallForced(request)) {
    warnings.add("thinking_off", "thinking left out: a call is forced", "thinking");
    return { member: undefined, maxTokens };
  }
  if (takes.thinking === "none") {
    warnings.add("thinking_off", "thinking left out: the model does not think", "thinking");
    return { member: undefined, maxTokens };
  }
  const isBudget = type === "enabled";
  if (takes.thinking === "adaptive" || (takes.thinking === "both" && !isBudget)) {
    const { budget_tokens: _budget, ...others } = wish;
    return { member: { ...others, type: isBudget ? "adaptive" : (type ?? "adaptive") }, maxTokens };
  }
  return withBudget(wish, { effort, maxTokens, warnings });
}

/** Tokens to think by effort. */
const budgets: Readonly<Record<string, number>> = {
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};

/** The budget has to be below the limit, and room for the answer has to be left. */
function withBudget(
  wish: JsonObject,
  {
    effort,
    maxTokens,
    warnings,
  }: { readonly effort: string | undefined; readonly maxTokens: number; readonly warnings: WarningList },
): FittedThinking {
  const { budget_tokens: given, display, type: _type } = wish;
  const wanted = typeof given === "number" ? given : (budgets[effort ?? "medium"] ?? 8_192);
  const budget = Math.min(wanted, Math.floor(maxTokens / 2));
  if (budget < leastBudget) {
    warnings.add("thinking_off", "thinking left out: the limit of the answer leaves no room for it", "thinking");
    return { member: undefined, maxTokens };
  }
  return { member: { type: "enabled", budget_tokens: budget, ...(display !== undefined && { display }) }, maxTokens };
}

function limitOf(
  request: MessagesRequest & JsonObject,
  { maxOutputTokens, isClaude }: MessagesModel,
  warnings: WarningList,
): number {
  const { max_tokens: given } = request;
  const isLong = ["xhigh", "max"].includes(effortOf(request) ?? "");
  if (given === undefined) return Math.min(isLong ? longLimit : usualLimit, maxOutputTokens);
  // The largest output of other makers' models is unknown here.
  if (given <= maxOutputTokens || !isClaude) return given;
  warnings.add(
    "max_tokens_clamped",
    `max_tokens became ${maxOutputTokens}, the most that the model gives`,
    "max_tokens",
  );
  return maxOutputTokens;
}

function effortOf({ output_config: config }: JsonObject): string | undefined {
  const effort = isObject(config) ? config["effort"] : undefined;
  return typeof effort === "string" ? effort : undefined;
}

interface FittedConfig {
  readonly config: JsonObject | undefined;
  /** Stands in the system prompt where the model takes no format. */
  readonly instruction?: string;
}

function formatOf({ output_config: config }: JsonObject): unknown {
  return isObject(config) ? config["format"] : undefined;
}

/** `format`: the one that the model can be held to, if it takes any. */
function fitConfig(
  request: JsonObject,
  { takes, format: fitted }: { readonly takes: MessagesModel; readonly format: unknown },
  warnings: WarningList,
): FittedConfig {
  const { output_config: given } = request;
  if (!isObject(given)) return { config: undefined };
  const { effort, format, ...others } = given;
  const isHeld = fitted !== undefined && takes.format;
  const config = {
    ...others,
    ...(effort !== undefined && takes.effort && { effort }),
    ...(isHeld && { format: fitted }),
  };
  const kept = Object.keys(config).length > 0 ? config : undefined;
  if (format === undefined || isHeld) return { config: kept };
  const reason = takes.format ? "the model cannot be held to it" : "the model takes no format";
  warnings.add("format_instructed", `the JSON Schema stands in the system prompt: ${reason}`, "output_config.format");
  const schema = isObject(format) ? JSON.stringify(format["schema"]) : "{}";
  const instruction = `Answer with one JSON object and nothing else: no Markdown, no code fence, no words around it. It has to match this JSON Schema:\n${schema}`;
  return { config: kept, instruction };
}

function withInstructions(
  system: MessagesRequest["system"],
  instructions: readonly (string | undefined)[],
): MessagesRequest["system"] {
  const blocks = typeof system === "string" ? [{ type: "text" as const, text: system }] : (system ?? []);
  const added = instructions.flatMap((text) => (text === undefined ? [] : [{ type: "text" as const, text }]));
  return [...blocks, ...added] as typeof blocks;
}

interface SamplingRules {
  readonly takes: MessagesModel;
  readonly isThinking: boolean;
  readonly warnings: WarningList;
}

/** Claude refuses other temperatures than 1 while it thinks, and newer models refuse sampling altogether. */
function withoutSampling<Members extends JsonObject>(
  rest: Members,
  { takes, isThinking, warnings }: SamplingRules,
): Members {
  const { temperature, top_p: topP, top_k: topK } = rest;
  const dropped = new Set<string>();
  if (takes.sampling === "none") for (const name of ["temperature", "top_p", "top_k"]) dropped.add(name);
  if (isThinking) {
    if (temperature !== 1) dropped.add("temperature");
    if (typeof topP === "number" && topP < 0.95) dropped.add("top_p");
    dropped.add("top_k");
  }
  if (takes.sampling === "one" && temperature !== undefined && topP !== undefined)
    dropped.add(topP === 1 ? "top_p" : dropped.has("temperature") ? "temperature" : "top_p");
  const given = { temperature, top_p: topP, top_k: topK };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || !dropped.has(name)) continue;
    // 1 is what the API does without it.
    if (value !== 1)
      warnings.add(
        "sampling_dropped",
        `${name} dropped: the model refuses it${isThinking ? " while it thinks" : ""}`,
        name,
      );
  }
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !dropped.has(name))) as Members; // sampling is optional
}

/** "stop_sequences: each stop sequence must contain non-whitespace" */
function withSoundStops(request: MessagesRequest & JsonObject, warnings: WarningList): MessagesRequest {
  const { stop_sequences: stops, ...rest } = request;
  if (!Array.isArray(stops)) return request;
  const sound = stops.filter((one) => typeof one !== "string" || one.trim() !== "");
  if (sound.length === stops.length) return request;
  warnings.add(
    "stop_dropped",
    "stop sequences of white space dropped: the Messages API refuses them",
    "stop_sequences",
  );
  const kept: MessagesRequest & JsonObject = sound.length === 0 ? rest : { ...rest, stop_sequences: sound };
  return kept;
}
