import type { MessagesRequest } from "../protocol/anthropic.ts";
import { familyOf } from "../vendors/model-family.ts";
import { type PromptWeight, weighPrompt } from "./prompt-weight.ts";
import { type TextCounter, textTokens } from "./text-tokens.ts";

/** Options of an estimate. */
export interface EstimateOptions {
  /** The upstream's name of the model; default: the request's own. */
  readonly model?: string;
  /** Real tokens for one that was counted, as answers have shown (`nextFactor`); default: that of the model's family. */
  readonly factor?: number;
  /** A tokeniser; default: an estimate from words, numbers and marks. */
  readonly countText?: TextCounter;
}

/** A prompt's tokens in two parts: those that depend on the model's tokeniser, counted, and those that do not. */
export interface PromptParts {
  readonly counted: number;
  readonly fixed: number;
}

/**
 * Estimates the tokens of a request's prompt: system, tools, messages with thinking, images and documents. It is
 * deterministic, does not throw whatever the request holds, and takes one to two milliseconds for 500 kB without a
 * tokeniser.
 *
 * @param request - request of the Messages API.
 * @param options - model, factor of correction, tokeniser.
 * @returns tokens, at least 1.
 * @example
 * ```ts
 * console.log(estimateTokens(request) > 0); // true
 * ```
 */
export function estimateTokens(request: MessagesRequest, options: EstimateOptions = {}): number {
  const { model = modelOf(request), factor, countText = textTokens } = options;
  return estimateFrom(weighPrompt(request, countText), model, factor);
}

/** Returns the estimate for one model from a prompt that was weighed once. */
export function estimateFrom(weight: PromptWeight, model: string, factor: number = familyOf(model).factor): number {
  const { counted, fixed } = promptParts(weight, model);
  return Math.max(1, Math.ceil(counted * factor + fixed));
}

export function promptParts(weight: PromptWeight, model: string): PromptParts {
  const family = familyOf(model);
  const { content, tools, toolCount, messageCount, callCount } = weight;
  let fixed = weight.fixed + family.base + family.perMessage * messageCount + family.perCall * callCount;
  if (toolCount > 0) fixed += family.tools + family.perTool * toolCount;
  if (weight.demandsTool) fixed += family.demandedTool;
  if (weight.demandsFormat) fixed += family.format;
  if (weight.demandsCitations) fixed += family.citations;
  return { counted: content + tools * family.toolFactor, fixed };
}

function modelOf(request: MessagesRequest): string {
  const { model }: { readonly model?: unknown } = { ...request }; // whatever the request is
  return typeof model === "string" ? model : "";
}
