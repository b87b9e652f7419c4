import { isObject } from "../../src/base/json.ts";
import type { Refusal } from "./refusing-provider.ts";

type Json = Readonly<Record<string, unknown>>;

/** Values that one of Claude's models takes, from platform.claude.com and not from the table that requests are fitted by. */
export interface ClaudeRules {
  readonly thinkingTypes: readonly string[];
  /** Types of thinking that are refused with the efforts `xhigh` and `max`. */
  readonly shortTypes?: readonly string[];
  readonly efforts: readonly string[];
  readonly maxTokens: number;
  readonly forcesCalls: boolean;
  readonly thinksUnasked?: boolean;
  readonly showsUpdates?: boolean;
  readonly takesSampling?: boolean;
  readonly takesPrefill?: boolean;
  readonly takesSystemTurns?: boolean;
}

const all = ["low", "medium", "high", "xhigh", "max"];
const latest = { efforts: all, maxTokens: 128_000, thinksUnasked: true, takesSystemTurns: true };

/** The models by their names at Anthropic. */
export const claudeRules: Readonly<Record<string, ClaudeRules>> = {
  "claude-haiku-4-5": {
    thinkingTypes: ["enabled", "disabled"],
    efforts: [],
    maxTokens: 64_000,
    forcesCalls: true,
    takesSampling: true,
    takesPrefill: true,
  },
  "claude-sonnet-4-6": {
    thinkingTypes: ["enabled", "disabled", "adaptive"],
    efforts: ["low", "medium", "high", "max"],
    maxTokens: 128_000,
    forcesCalls: true,
    takesSampling: true,
  },
  "claude-opus-4-8": {
    thinkingTypes: ["disabled", "adaptive"],
    efforts: all,
    maxTokens: 128_000,
    forcesCalls: true,
    takesSystemTurns: true,
  },
  "claude-sonnet-5": { ...latest, thinkingTypes: ["disabled", "adaptive"], forcesCalls: true },
  "claude-opus-5": { ...latest, thinkingTypes: ["disabled", "adaptive"], shortTypes: ["disabled"], forcesCalls: true },
  "claude-haiku-5-5": {
    ...latest,
    showsUpdates: true,
    thinkingTypes: ["disabled", "adaptive"],
    shortTypes: ["disabled"],
    forcesCalls: true,
  },
  "claude-opus-5-5": { ...latest, showsUpdates: true, thinkingTypes: ["adaptive"], forcesCalls: false },
  "claude-sonnet-5-5": {
    ...latest,
    showsUpdates: true,
    thinkingTypes: ["between_tools", "adaptive"],
    shortTypes: ["between_tools"],
    forcesCalls: false,
  },
  "claude-fable-5-1": { ...latest, showsUpdates: true, thinkingTypes: ["adaptive"], forcesCalls: false },
};

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter((one) => isObject(one)) : []);

/** Returns what a model answers to a request that it refuses; undefined where it takes the request. */
export function claudeRefusal(body: Json, rules: ClaudeRules): Refusal | undefined {
  const complaint = [thinkingComplaint, choiceComplaint, memberComplaint, turnComplaint]
    .map((complain) => complain(body, rules))
    .find((text) => text !== undefined);
  return complaint === undefined ? undefined : { message: complaint };
}

function typeOf(value: unknown): string | undefined {
  const type = isObject(value) ? value["type"] : undefined;
  return typeof type === "string" ? type : undefined;
}

function thinkingComplaint({ thinking, output_config: config, max_tokens: limit }: Json, rules: ClaudeRules) {
  const type = typeOf(thinking);
  const given = isObject(config) ? config["effort"] : undefined;
  const effort = typeof given === "string" ? given : undefined;
  if (effort !== undefined && rules.efforts.length === 0) return "output_config.effort: Extra inputs are not permitted";
  if (effort !== undefined && !rules.efforts.includes(effort)) return "output_config.effort: Input should be …";
  if (type === undefined) return undefined;
  if (!rules.thinkingTypes.includes(type)) return `"thinking.type.${type}" is not supported for this model.`;
  if (isObject(thinking) && thinking["display"] === "updates" && rules.showsUpdates !== true) {
    return "thinking.display: Input should be 'summarized' or 'omitted'";
  }
  if (isObject(thinking) && thinking["block_binding"] !== undefined && rules.showsUpdates !== true) {
    return "thinking.adaptive.block_binding: Extra inputs are not permitted";
  }
  const isShort = rules.shortTypes?.includes(type) === true;
  if (isShort && (effort === "xhigh" || effort === "max")) return `thinking.type: ${type} at effort ${effort}`;
  const budget = isObject(thinking) ? thinking["budget_tokens"] : undefined;
  const isSound = typeof budget === "number" && budget >= 1_024 && budget < Number(limit);
  return type === "enabled" && !isSound
    ? "thinking.enabled.budget_tokens: at least 1024, and less than max_tokens"
    : undefined;
}

function choiceComplaint({ thinking, tool_choice: choice, messages }: Json, rules: ClaudeRules) {
  const isForced = typeOf(choice) === "any" || typeOf(choice) === "tool";
  if (!isForced) return undefined;
  if (!rules.forcesCalls) return 'tool_choice: type "tool" and "any" are not supported for this model.';
  const type = typeOf(thinking);
  // Bedrock's rule for models that think unasked.
  const isThinking = type === undefined ? rules.thinksUnasked === true : type !== "disabled";
  if (isThinking) return "Thinking may not be enabled when tool_choice forces tool use.";
  return list(messages).length === 0 ? "messages: at least one" : undefined;
}

function memberComplaint(
  { temperature, top_p: topP, top_k: topK, max_tokens: limit, thinking }: Json,
  rules: ClaudeRules,
) {
  if (typeof limit === "number" && limit > rules.maxTokens) {
    return `max_tokens: ${limit} > ${rules.maxTokens}, which is the maximum allowed number of output tokens`;
  }
  const isTold = temperature !== undefined && temperature !== 1;
  if (rules.takesSampling !== true && (isTold || topP !== undefined || topK !== undefined)) {
    return "`temperature` is deprecated for this model.";
  }
  if (temperature !== undefined && topP !== undefined) return "`temperature` and `top_p` cannot both be specified";
  const isThinking = typeOf(thinking) === "enabled" || typeOf(thinking) === "adaptive";
  return isThinking && (isTold || topK !== undefined) ? "`temperature` may only be set to 1 when thinking" : undefined;
}

function turnComplaint({ messages, context_management: management, thinking }: Json, rules: ClaudeRules) {
  const turns = list(messages);
  const last = turns.at(-1);
  if (turns.some(({ role }) => role === "system") && rules.takesSystemTurns !== true) {
    return "messages.1.role: role 'system' is not supported on this model";
  }
  if (last?.["role"] === "assistant" && rules.takesPrefill !== true) {
    return "This model does not support assistant message prefill. The conversation must end with a user message.";
  }
  const clears = JSON.stringify(management ?? null).includes("clear_thinking");
  const type = typeOf(thinking);
  const isOff = type === "disabled" || (type === undefined && rules.thinksUnasked !== true);
  return clears && isOff ? "clear_thinking_20251015 strategy requires `thinking` to be enabled" : undefined;
}
