import { isObject, type JsonObject } from "../../base/json.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { MessagesModel } from "../../vendors/claude-models.ts";
import { fitWishes, isCallForced } from "./fit-wishes.ts";

/** The members of a request, all but its conversation and system prompt, as a model takes them. */
export interface FittedMembers {
  readonly members: JsonObject;
  /** The request asks for thinking. */
  readonly isThinking: boolean;
  /** Stands at the end of the conversation where the model cannot be forced to call a tool. */
  readonly words: string | undefined;
  /** Stands in the system prompt where the model takes no format. */
  readonly instruction: string | undefined;
}

/** Rules by which the members of a request are fitted. */
export interface MemberRules {
  readonly takes: MessagesModel;
  /** The format of the answer that the model can be held to; undefined if none. */
  readonly format: unknown;
  readonly warnings: WarningList;
}

/** Fits what a request says about thinking, effort, format, sampling, forced calls and its limit to a model. */
export function fitMembers(request: MessagesRequest, { takes, format, warnings }: MemberRules): FittedMembers {
  const { request: source, words } = fitWishes(request, takes, warnings);
  const thinking = fitThinking(source, takes, warnings);
  const { instruction, config } = fitConfig(source, { takes, format }, warnings);
  const {
    thinking: _thinking,
    output_config: _config,
    max_tokens: _limit,
    messages: _messages,
    system: _system,
    ...rest
  } = source;
  const isThinking = thinking.member !== undefined && thinking.member["type"] !== "disabled";
  const members = {
    ...withoutSampling(rest, { takes, isThinking, warnings }),
    max_tokens: thinking.maxTokens,
    ...(thinking.member && { thinking: thinking.member }),
    ...(config && { output_config: config }),
  };
  return { members, isThinking, words, instruction };
}

/** The default limit of an answer: enough for code and thinking, and no more than quotas that charge the limit at once (Bedrock) bear. */
const usualLimit = 32_000;
/** With the efforts `xhigh` and `max`. */
const longLimit = 64_000;
const leastBudget = 1_024;

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

/** Returns the format that a request demands of the answer; undefined if none. */
export function formatOf({ output_config: config }: JsonObject): unknown {
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
  const { effort: wanted, format, ...others } = given;
  const effort = wanted === "xhigh" && !takes.xhigh ? "high" : wanted;
  if (effort !== wanted && takes.effort) {
    warnings.add(
      "effort_lowered",
      "output_config.effort became high: the model knows no xhigh",
      "output_config.effort",
    );
  }
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
