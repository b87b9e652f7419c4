import type { ChatTool, ChatToolChoice } from "../../protocol/chat.ts";
import type { ResponsesToolChoice } from "../../protocol/responses.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import type { ToolPlan } from "./tool-plan.ts";
import type { WarningList } from "./warning-list.ts";
import { withLastWords, wordsForCall } from "./words-for-call.ts";

/** Returns `tool_choice` and `parallel_tool_calls`; neither without tools. */
export function toToolChoice(
  choice: unknown,
  plan: ToolPlan,
  profile: Profile,
  warnings: WarningList,
): { readonly tool_choice?: ChatToolChoice; readonly parallel_tool_calls?: false } {
  if ((plan.tools.size === 0 && !plan.webSearch) || choice === undefined || choice === null) return {};
  if (!isObject(choice)) {
    warnings.add("tool_choice_dropped", "tool_choice dropped", "tool_choice");
    return {};
  }
  const wanted = choiceOf(choice, plan);
  const chosen = wanted !== undefined && allowed(wanted, profile);
  if (wanted !== undefined && wanted !== chosen && profile.toolChoice === "auto") {
    const instead = wanted === "none" ? "" : "a last text asks for the call: ";
    warnings.add("tool_choice_changed", `${instead}this provider takes no tool_choice but auto`, "tool_choice");
  }
  if (wanted === undefined) warnings.add("tool_choice_dropped", "tool_choice dropped", "tool_choice");
  const isSerial = choice["disable_parallel_tool_use"] === true && chosen !== "none";
  if (isSerial && !profile.parallelToolCalls) {
    warnings.add("disable_parallel_tool_use_dropped", "disable_parallel_tool_use dropped", "tool_choice");
  }
  return {
    ...(chosen !== false && { tool_choice: chosen }),
    ...(isSerial && profile.parallelToolCalls && { parallel_tool_calls: false }),
  };
}

/** Returns the conversation with words that ask for the call which the request forces, where the vendor takes no forced one. */
export function withForcedCall(
  messages: readonly unknown[],
  choice: unknown,
  plan: ToolPlan,
  profile: Profile,
): readonly unknown[] {
  const wanted = isObject(choice) && profile.toolChoice === "auto" ? choiceOf(choice, plan) : undefined;
  if (wanted === undefined || wanted === "auto" || wanted === "none" || plan.tools.size === 0) return messages;
  return withLastWords(messages, wordsForCall(typeof wanted === "object" ? wanted.function.name : undefined));
}

/** The choice in words that the vendor takes. */
function allowed(choice: ChatToolChoice, { toolChoice }: Profile): ChatToolChoice {
  if (toolChoice === "auto") return "auto";
  return toolChoice === "required" && typeof choice !== "string" ? "required" : choice;
}

/** Returns the tools that go with the choice: one that is named goes alone where the vendor takes no name. */
export function chosenTools({ tools }: ToolPlan, choice: unknown, profile: Profile): readonly ChatTool[] {
  const all = [...tools.values()];
  if (!isObject(choice)) return all;
  // A call that is not wanted cannot be made where the tools are not told of.
  if (profile.toolChoice === "auto" && choice["type"] === "none") return [];
  if (profile.toolChoice !== "required" || choice["type"] !== "tool") return all;
  const named = tools.get(String(choice["name"]));
  return named ? [named] : all;
}

function choiceOf(choice: JsonObject, plan: ToolPlan): ChatToolChoice | undefined {
  switch (choice["type"]) {
    case "auto":
      return "auto";
    case "any":
      return "required";
    case "none":
      return "none";
    case "tool": {
      const name = choice["name"];
      const tool = typeof name === "string" ? plan.tools.get(name) : undefined;
      // Responses has no choice that names the search, but where there is nothing else it need not be named.
      if (plan.webSearch && plan.webSearch.name === name && plan.tools.size === 0) return "required";
      return tool && { type: "function", function: { name: tool.function.name } };
    }
    default:
      return undefined;
  }
}

/** Returns the same choice as Responses writes it. */
export function toResponsesToolChoice(choice: ChatToolChoice): ResponsesToolChoice {
  return typeof choice === "string" ? choice : { type: "function", name: choice.function.name };
}
