import { isObject, type JsonObject } from "../../base/json.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";
import { flatToolName } from "./client-calls.ts";
import { listAt, objectAt, refusal } from "./client-refusal.ts";

/** The tools of a request and which of them is to be called, as the Messages API has them. */
export interface ToolSelection {
  readonly tools: readonly JsonObject[];
  readonly choice: JsonObject | undefined;
}

/**
 * Reads `tool_choice` and `parallel_tool_calls`. `allowed_tools` is said by leaving out the other tools.
 *
 * @throws `CcpbError` `invalid_request` for a choice of a tool that the request does not have, and for one that cannot be read.
 */
export function selectTools(
  body: JsonObject,
  tools: ReadonlyMap<string, JsonObject>,
  warnings: WarningList,
): ToolSelection {
  const { tool_choice: choice } = body;
  const allowed = isObject(choice) && choice["type"] === "allowed_tools" ? choice : undefined;
  const kept = allowed ? allowedTools(allowed, tools) : tools;
  const selected = allowed ? modeChoice(allowed["mode"], "tool_choice.mode") : readChoice(choice, tools);
  if (kept.size === 0) {
    if (selected !== undefined && selected["type"] !== "none") {
      if (selected["type"] === "any")
        warnings.add("tool_choice_dropped", "tool_choice dropped: there are no tools", "tool_choice");
    }
    return { tools: [], choice: undefined };
  }
  const isSerial = body["parallel_tool_calls"] === false && selected?.["type"] !== "none";
  return {
    tools: [...kept.values()],
    choice: isSerial ? { type: "auto", ...selected, disable_parallel_tool_use: true } : selected,
  };
}

function readChoice(choice: unknown, tools: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === "string") return modeChoice(choice, "tool_choice");
  // The Messages API says the modes by objects, and calls `required` so.
  const type = isObject(choice) ? choice["type"] : undefined;
  if (type === "auto" || type === "none") return modeChoice(type, "tool_choice");
  if (type === "any") return { type };
  const name = toolNameOf(objectAt(choice, "tool_choice"), "tool_choice");
  if (!tools.has(name)) throw refusal("tool_choice", `the request has no tool ${printableName(name)}`);
  return { type: "tool", name };
}

/** `auto` is the default and is not said. */
function modeChoice(mode: unknown, path: string): JsonObject | undefined {
  switch (mode) {
    case undefined:
    case null:
    case "auto":
      return undefined;
    case "none":
      return { type: "none" };
    case "required":
      return { type: "any" };
    default:
      throw refusal(path, `"auto", "none" or "required" is required, not ${printableName(mode)}`);
  }
}

function allowedTools(choice: JsonObject, tools: ReadonlyMap<string, JsonObject>): ReadonlyMap<string, JsonObject> {
  const names = listAt(choice["tools"], "tool_choice.tools").map((tool, index) =>
    toolNameOf(objectAt(tool, `tool_choice.tools[${index}]`), `tool_choice.tools[${index}]`),
  );
  return new Map([...tools].filter(([name]) => names.includes(name)));
}

function toolNameOf(tool: JsonObject, path: string): string {
  const { type, namespace } = tool;
  // Chat Completions puts the name into a member.
  const named = [tool["function"], tool["custom"], tool].find((one) => isObject(one));
  const name = isObject(named) ? named["name"] : undefined;
  if (typeof name === "string" && name !== "") return flatToolName(namespace, name);
  if (typeof type !== "string") throw refusal(`${path}.type`, "a string is required");
  return type.startsWith("web_search") ? "web_search" : type;
}
