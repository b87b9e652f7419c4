import { isObject, type JsonObject } from "../../base/json.ts";
import { wordsForCall } from "../../conversation/request/words-for-call.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { MessagesModel } from "../../vendors/claude-models.ts";

/** The wishes of a request that a model takes, and words for the end of the conversation in the place of one that it refuses. */
export interface FittedWishes {
  readonly request: MessagesRequest & JsonObject;
  readonly words: string | undefined;
}

/** Says in another way what a model refuses to be told by a member: that it must call a tool, and that it must not think. */
export function fitWishes(request: MessagesRequest, takes: MessagesModel, warnings: WarningList): FittedWishes {
  const source: MessagesRequest & JsonObject = { ...request };
  const { choice, words } = fitForcedCall(source, takes, warnings);
  const chosen = { ...source, ...(choice && { tool_choice: choice }) };
  const quiet = withoutUnaskedThinking(chosen, takes, warnings);
  return { request: fitThinkingOff(withKnownMembers(quiet, takes), takes, warnings), words };
}

/** Decides whether a request forces a call of a tool. */
export function isCallForced({ tool_choice: choice }: JsonObject): boolean {
  return isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool");
}

interface FittedChoice {
  readonly choice?: JsonObject;
  readonly words?: string;
}

function fitForcedCall(request: JsonObject, { forcedCalls }: MessagesModel, warnings: WarningList): FittedChoice {
  const released = forcedCalls ? undefined : releasedCall(request["tool_choice"]);
  if (released === undefined) return {};
  warnings.add(
    "tool_choice_instructed",
    "a last text asks for the call: the model refuses to be forced",
    "tool_choice",
  );
  return released;
}

/** Returns a choice that forces a call as one that does not, with the words that ask for the call instead; undefined where it forces none. */
export function releasedCall(given: unknown): { readonly choice: JsonObject; readonly words: string } | undefined {
  if (!isObject(given) || !isCallForced({ tool_choice: given })) return undefined;
  const { type, name, ...others } = given;
  return { choice: { ...others, type: "auto" }, words: wordsForCall(type === "tool" ? name : undefined) };
}

/**
 * Tells a model that thinks unasked not to where a call is forced: Bedrock refuses the request otherwise, and a forced call skips thinking anywhere
 * (platform.claude.com, migration guide of Sonnet 5).
 */
function withoutUnaskedThinking(
  request: MessagesRequest & JsonObject,
  { thinksUnasked, thinkingOff }: MessagesModel,
  warnings: WarningList,
): MessagesRequest & JsonObject {
  if (!thinksUnasked || !thinkingOff.startsWith("disabled") || !isCallForced(request)) return request;
  const { thinking } = request;
  if (isObject(thinking) && thinking["type"] !== "disabled") {
    warnings.add("thinking_off", "thinking turned off: a call is forced", "thinking");
  }
  return { ...request, thinking: { type: "disabled" } };
}

/** Asks for a summary of thinking where the model cannot tell of its progress, and leaves out how thinking is bound where it is not. */
function withKnownMembers(
  request: MessagesRequest & JsonObject,
  { isClaude, showsUpdates }: MessagesModel,
): MessagesRequest & JsonObject {
  const { thinking } = request;
  if (!isClaude || showsUpdates || !isObject(thinking)) return request;
  const { block_binding: _binding, ...known } = thinking;
  return { ...request, thinking: known["display"] === "updates" ? { ...known, display: "summarized" } : known };
}

/** Types that ask for as little thinking as a model can do; each model takes one of them at most. */
const leastThinking: ReadonlySet<unknown> = new Set(["disabled", "between_tools"]);

/** Efforts with which newer models refuse `disabled` and `between_tools`. */
const longEfforts: ReadonlySet<unknown> = new Set(["xhigh", "max"]);

function fitThinkingOff(
  request: MessagesRequest & JsonObject,
  { thinking: forms, thinkingOff, isClaude }: MessagesModel,
  warnings: WarningList,
): MessagesRequest & JsonObject {
  const { thinking, output_config: given, ...rest } = request;
  if (!isClaude || !isObject(thinking) || !leastThinking.has(thinking["type"])) return request;
  const config = isObject(given) ? given : {};
  if (thinkingOff === "never") {
    warnings.add("thinking_on", "thinking asked for with the least effort: the model always thinks", "thinking");
    return { ...rest, output_config: { ...config, effort: config["effort"] ?? "low" } };
  }
  const told = { ...request, thinking: { type: thinkingOff === "between_tools" ? thinkingOff : "disabled" } };
  if (forms === "none" || thinkingOff === "disabled" || !longEfforts.has(config["effort"])) return told;
  warnings.add("effort_lowered", "output_config.effort became high, the most without thinking", "output_config.effort");
  return { ...told, output_config: { ...config, effort: "high" } };
}
