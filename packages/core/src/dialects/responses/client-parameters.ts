import { isObject, type JsonObject } from "../../base/json.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";
import { numberAt, objectAt, refusal } from "./client-refusal.ts";

/** Amount of thinking that the client asks for, in members of the Messages API. */
export interface ReasoningWish {
  readonly thinking: JsonObject | undefined;
  readonly outputConfig: JsonObject;
  /** The client asks for thinking. */
  readonly isAsked: boolean;
}

const efforts: ReadonlySet<unknown> = new Set(["low", "medium", "high", "xhigh", "max"]);

/**
 * Reads `reasoning`. Without an effort nothing is asked for; `none` turns thinking off. `isForced`: a tool must be called, and the Messages API refuses
 * to think in front of such a call, while it takes an effort.
 */
export function readReasoningWish(reasoning: unknown, isForced: boolean, warnings: WarningList): ReasoningWish {
  const nothing = { thinking: undefined, outputConfig: {}, isAsked: false };
  if (reasoning === undefined || reasoning === null) return nothing;
  const { effort, summary, generate_summary: oldSummary } = objectAt(reasoning, "reasoning");
  const isShown = typeof (summary ?? oldSummary) === "string";
  if (effort === "none") return { ...nothing, thinking: { type: "disabled" } };
  if (isForced) {
    const config = effort === undefined || effort === null ? {} : { effort: readEffort(effort, warnings) };
    return { ...nothing, outputConfig: config };
  }
  if (effort === undefined || effort === null) {
    return isShown
      ? { thinking: { type: "adaptive", display: "summarized" }, outputConfig: {}, isAsked: true }
      : nothing;
  }
  return {
    thinking: { type: "adaptive", ...(isShown && { display: "summarized" }) },
    outputConfig: { effort: readEffort(effort, warnings) },
    isAsked: true,
  };
}

function readEffort(effort: unknown, warnings: WarningList): unknown {
  if (efforts.has(effort)) return effort;
  if (effort !== "minimal") {
    throw refusal(
      "reasoning.effort",
      `none, minimal, low, medium, high, xhigh or max is required, not ${printableName(effort)}`,
    );
  }
  warnings.add("effort_changed", "effort minimal became low", "reasoning.effort");
  return "low";
}

/** Demand of `text.format`: a member of the Messages API, or an instruction if it has none. */
export interface TextFormat {
  readonly outputConfig: JsonObject;
  readonly instruction?: string;
}

/** Reads `text.format`. */
export function readTextFormat(text: unknown, warnings: WarningList): TextFormat {
  if (text === undefined || text === null) return { outputConfig: {} };
  const { format } = objectAt(text, "text");
  if (format === undefined || format === null) return { outputConfig: {} };
  const { type, schema } = objectAt(format, "text.format");
  switch (type) {
    case "text":
      return { outputConfig: {} };
    case "json_object":
      warnings.add("json_object_instructed", "json_object became an instruction in the system prompt", "text.format");
      return { outputConfig: {}, instruction: "Answer with one JSON object, and nothing else." };
    case "json_schema":
      if (!isObject(schema)) throw refusal("text.format.schema", "an object is required");
      return { outputConfig: { format: { type: "json_schema", schema } } };
    default:
      throw refusal("text.format.type", `text, json_object or json_schema is required, not ${printableName(type)}`);
  }
}

/** Reads `temperature` and `top_p`. The Messages API refuses both while the model thinks, and temperatures above 1. */
export function readSampling(body: JsonObject, isThinking: boolean, warnings: WarningList): JsonObject {
  const temperature = numberAt(body, "temperature");
  const topP = numberAt(body, "top_p");
  if (isThinking) {
    if (temperature !== undefined && temperature !== 1)
      warnings.add("temperature_dropped", "temperature dropped: the model thinks", "temperature");
    if (topP !== undefined && topP !== 1) warnings.add("top_p_dropped", "top_p dropped: the model thinks", "top_p");
    return {};
  }
  if (temperature !== undefined && temperature > 1) {
    warnings.add("temperature_changed", "temperature above 1 became 1", "temperature");
  }
  return {
    ...(temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(topP !== undefined && topP !== 1 && { top_p: topP }),
  };
}
