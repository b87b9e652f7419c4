import type { ChatRequest, ReasoningEffort } from "../../protocol/chat.ts";
import type { ResponsesRequest } from "../../protocol/responses.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import type { WarningList } from "./warning-list.ts";

/** Amount of thinking that the client asks for. */
export interface ThinkingWish {
  /** `default`: nothing is said; `adaptive`: the model decides. */
  readonly mode: "default" | "adaptive" | "enabled" | "disabled";
  readonly budgetTokens: number | undefined;
  readonly effort: ReasoningEffort | undefined;
  /** The client does not want to see it (`display: omitted`). */
  readonly isHidden: boolean;
}

/** The members of the body that ask for thinking. */
export type ReasoningFields = Pick<
  ChatRequest,
  "reasoning_effort" | "reasoning" | "thinking" | "enable_thinking" | "thinking_budget"
>;

const rising: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** Reads `thinking` and the effort. Of efforts the last one set by a system turn counts, then `output_config`. */
export function readThinkingWish(request: JsonObject, messages: readonly unknown[]): ThinkingWish {
  const thinking = isObject(request["thinking"]) ? request["thinking"] : {};
  const { type, budget_tokens: budget } = thinking;
  return {
    mode: modeOf(type),
    budgetTokens: typeof budget === "number" && budget > 0 ? budget : undefined,
    effort: turnEffort(messages) ?? effortOf(request["output_config"]),
    isHidden: thinking["display"] === "omitted",
  };
}

function modeOf(type: unknown): ThinkingWish["mode"] {
  if (type === "enabled" || type === "adaptive") return type;
  // The least that Sonnet 5.5 can be told, in the place of `disabled`.
  return type === "disabled" || type === "between_tools" ? "disabled" : "default";
}

function turnEffort(messages: readonly unknown[]): ReasoningEffort | undefined {
  for (const message of messages.toReversed()) {
    const effort = isObject(message) && message["role"] === "system" ? effortOf(message["output_config"]) : undefined;
    if (effort !== undefined) return effort;
  }
  return undefined;
}

function effortOf(outputConfig: unknown): ReasoningEffort | undefined {
  const effort = isObject(outputConfig) ? outputConfig["effort"] : undefined;
  return rising.find((one) => one === effort);
}

/**
 * Writes the members that the profile sends for a wish. `tools`: function tools go along. `isForced`: one of them
 * must be called, which thinking models of DeepSeek, Alibaba and Moonshot refuse while they think.
 */
export function toReasoning(
  wish: ThinkingWish,
  profile: Profile,
  request: { readonly hasTools: boolean; readonly isForced: boolean; readonly stream: boolean },
  warnings: WarningList,
): ReasoningFields {
  switch (profile.reasoning) {
    case "none":
      if (wish.mode === "enabled" || wish.effort !== undefined) {
        warnings.add("thinking_setting_dropped", "thinking and effort dropped", "thinking");
      }
      return {};
    case "openai":
      return openaiFields(wish, profile, request.hasTools, warnings);
    case "openrouter":
      return openrouterFields(wish, profile);
    case "deepseek":
    case "zai":
      return switchFields(wish, profile, request.isForced, warnings);
    case "qwen":
      return qwenFields(wish, request);
  }
}

/** Returns the effort that these members ask for; where they ask for thinking in another way, that counts as some effort. */
export function effortIn(fields: ReasoningFields): string | undefined {
  return fields.reasoning_effort ?? (Object.keys(fields).length > 0 ? "some" : undefined);
}

/**
 * Writes the members of Responses for a wish, the same at every vendor: the effort, and a summary if the client wants
 * to see the thinking.
 */
export function toResponsesReasoning(
  wish: ThinkingWish,
  profile: Profile,
  warnings: WarningList,
): NonNullable<ResponsesRequest["reasoning"]> {
  if (profile.reasoning === "none") {
    if (wish.mode === "enabled" || wish.effort !== undefined) {
      warnings.add("thinking_setting_dropped", "thinking and effort dropped", "thinking");
    }
    return {};
  }
  const effort = wantedEffort(wish, profile.efforts);
  const isShown = !wish.isHidden && wish.mode !== "disabled" && (wish.mode !== "default" || wish.effort !== undefined);
  return {
    ...(effort !== undefined && { effort }),
    ...(isShown && effort !== "none" && profile.reasoningSummary && { summary: "auto" as const }),
  };
}

function openaiFields(wish: ThinkingWish, profile: Profile, hasTools: boolean, warnings: WarningList): ReasoningFields {
  const effort = wantedEffort(wish, profile.efforts);
  if (effort === undefined) return {};
  if (hasTools && !profile.effortWithTools) {
    warnings.add("effort_dropped", "effort dropped: this model takes none together with tools", "output_config.effort");
    return {};
  }
  return { reasoning_effort: effort };
}

function openrouterFields(wish: ThinkingWish, profile: Profile): ReasoningFields {
  if (wish.mode === "enabled" && wish.budgetTokens !== undefined && wish.effort === undefined) {
    return { reasoning: { max_tokens: wish.budgetTokens } };
  }
  const effort = wantedEffort(wish, profile.efforts);
  return effort === undefined ? {} : { reasoning: { effort } };
}

/**
 * A switch, and for `deepseek` an effort; one together with `disabled` is a 400 (anthropics/claude-code#65863), as is a forced call while the model
 * thinks. A model that cannot be told not to think is told nothing then.
 */
function switchFields(wish: ThinkingWish, profile: Profile, isForced: boolean, warnings: WarningList): ReasoningFields {
  if (wish.mode === "disabled" || isForced) {
    const isLost = wish.mode === "enabled" || wish.mode === "adaptive";
    if (isLost) warnings.add("thinking_off", "thinking turned off: a call is forced", "tool_choice");
    if (profile.thinkingOff) return { thinking: { type: "disabled" } };
    if (wish.mode === "disabled") warnings.add("thinking_stays_on", "this model always thinks", "thinking");
    const least = profile.reasoning === "deepseek" && wish.mode === "disabled" ? profile.efforts[0] : undefined;
    return least === undefined ? {} : { reasoning_effort: least };
  }
  const effort = profile.reasoning === "deepseek" ? wantedEffort(wish, profile.efforts) : undefined;
  if (wish.mode === "default" && wish.effort === undefined) return {};
  return {
    thinking: { type: "enabled" },
    ...(effort !== undefined && effort !== "none" && { reasoning_effort: effort }),
  };
}

/** Alibaba: thinking without streaming is a 400 with some models, so there it is only turned off. */
function qwenFields(
  wish: ThinkingWish,
  request: { readonly isForced: boolean; readonly stream: boolean },
): ReasoningFields {
  if (wish.mode === "default" && wish.effort === undefined && !request.isForced) return {};
  const isWanted = wish.mode !== "disabled" && !(request.isForced && wish.mode === "default") && request.stream;
  if (!isWanted) return { enable_thinking: false };
  return { enable_thinking: true, ...(wish.budgetTokens !== undefined && { thinking_budget: wish.budgetTokens }) };
}

/** The listed effort nearest to the wish; undefined where nothing should be said. */
function wantedEffort(wish: ThinkingWish, listed: readonly ReasoningEffort[]): ReasoningEffort | undefined {
  if (wish.mode === "disabled") return listed.includes("none") ? "none" : undefined;
  const wanted = wish.effort ?? (wish.budgetTokens === undefined ? undefined : budgetEffort(wish.budgetTokens));
  return wanted === undefined ? undefined : clampEffort(wanted, listed);
}

function budgetEffort(budgetTokens: number): ReasoningEffort {
  if (budgetTokens <= 1024) return "low";
  if (budgetTokens <= 8192) return "medium";
  return budgetTokens <= 24_576 ? "high" : "xhigh";
}

/** Returns the listed effort nearest to a client's; undefined where it is none of OpenAI's, or none is listed. */
export function nearestEffort(wanted: string, listed: readonly ReasoningEffort[]): ReasoningEffort | undefined {
  const known = rising.find((effort) => effort === wanted);
  return known && clampEffort(known, listed);
}

/** The highest listed effort that is not above the wanted one, else the lowest listed; `none` only where it is wanted. */
function clampEffort(wanted: ReasoningEffort, listed: readonly ReasoningEffort[]): ReasoningEffort | undefined {
  const known = rising.filter((effort) => listed.includes(effort) && (effort !== "none" || wanted === "none"));
  return known.findLast((effort) => rising.indexOf(effort) <= rising.indexOf(wanted)) ?? known[0];
}
