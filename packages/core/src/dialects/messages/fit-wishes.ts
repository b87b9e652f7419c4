import { isObject, type JsonObject } from "../../base/json.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { MessagesModel } from "../../vendors/claude-models.ts";

/** A request without the wishes that a model refuses, and words for the system prompt in their place. */
export interface FittedWishes {
  readonly request: MessagesRequest & JsonObject;
  readonly instruction: string | undefined;
}

/** Says in another way what a model refuses to be told by a member: that it must call a tool, and that it must not think. */
export function fitWishes(request: MessagesRequest, takes: MessagesModel, warnings: WarningList): FittedWishes {
  const source: MessagesRequest & JsonObject = { ...request };
  const { choice, instruction } = fitForcedCall(source, takes, warnings);
  const chosen = { ...source, ...(choice && { tool_choice: choice }) };
  return { request: fitThinkingOff(chosen, takes, warnings), instruction };
}

/** Decides whether a request forces a call of a tool. */
export function isCallForced({ tool_choice: choice }: JsonObject): boolean {
  return isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool");
}

interface FittedChoice {
  readonly choice?: JsonObject;
  readonly instruction?: string;
}

function fitForcedCall(request: JsonObject, { forcedCalls }: MessagesModel, warnings: WarningList): FittedChoice {
  const { tool_choice: given } = request;
  if (forcedCalls || !isObject(given) || !isCallForced(request)) return {};
  const { type, name, ...others } = given;
  warnings.add(
    "tool_choice_instructed",
    "the system prompt asks for the call: the model refuses to be forced",
    "tool_choice",
  );
  const which = type === "tool" && typeof name === "string" ? `the tool ${JSON.stringify(name)}` : "one of the tools";
  const instruction = `Answer the last message by calling ${which}. Do not answer it in words alone.`;
  return { choice: { ...others, type: "auto" }, instruction };
}

/** Efforts with which newer models refuse `disabled`. */
const longEfforts: ReadonlySet<unknown> = new Set(["xhigh", "max"]);

function fitThinkingOff(
  request: MessagesRequest & JsonObject,
  { thinking: forms, thinkingOff, isClaude }: MessagesModel,
  warnings: WarningList,
): MessagesRequest & JsonObject {
  const { thinking, output_config: given, ...rest } = request;
  if (!isClaude || forms === "none" || !isObject(thinking) || thinking["type"] !== "disabled") return request;
  const config = isObject(given) ? given : {};
  if (thinkingOff === "never") {
    warnings.add("thinking_on", "thinking asked for with the least effort: the model always thinks", "thinking");
    return { ...rest, output_config: { ...config, effort: config["effort"] ?? "low" } };
  }
  if (thinkingOff === "between_tools") return { ...request, thinking: { ...thinking, type: thinkingOff } };
  if (thinkingOff === "disabled" || !longEfforts.has(config["effort"])) return request;
  warnings.add("effort_lowered", "output_config.effort became high, the most without thinking", "output_config.effort");
  return { ...request, output_config: { ...config, effort: "high" } };
}
