import type { ChatTool } from "../../protocol/chat.ts";
import type { CacheMarks } from "./cache-marks.ts";
import { clientToolDefinition } from "./client-tools.ts";
import { shapeSchema } from "./common-schema.ts";
import { requireList } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { conversationTools } from "./loaded-tools.ts";
import type { Profile } from "../../base/profile-types.ts";
import { meetsStrictSubset } from "./strict-schema.ts";
import { ToolNames } from "../ids/tool-names.ts";
import { cleanParameters } from "./tool-schema.ts";
import { printableName, type WarningList } from "./warning-list.ts";

/** The tools of a request as they are sent. */
export interface ToolPlan {
  /** Tools by the client's name, in the order of the request. */
  readonly tools: ReadonlyMap<string, ChatTool>;
  readonly names: ToolNames;
  /** The server tool `web_search`, where the upstream can run it. */
  readonly webSearch?: WebSearchRequest;
}

/** A tool `web_search_*` as the client declares it. */
export interface WebSearchRequest {
  /** The client's name for it. */
  readonly name: string;
  readonly path: string;
  readonly tool: JsonObject;
}

export interface ToolPlanOptions {
  readonly profile: Profile;
  readonly warnings: WarningList;
  readonly marks: CacheMarks;
  /** The upstream searches the web itself. */
  readonly runsWebSearch: boolean;
}

interface Definition {
  readonly name: string;
  readonly path: string;
  readonly tool: JsonObject;
  readonly description: string | undefined;
  readonly schema: unknown;
}

/**
 * Decides which tools are sent, and how. Server tools, deferred tools that were not loaded, and unreadable entries
 * are left out.
 */
export function planTools(tools: unknown, messages: readonly unknown[], options: ToolPlanOptions): ToolPlan {
  const { profile, warnings, marks, runsWebSearch } = options;
  const definitions = new Map<string, Definition>();
  const conversation = conversationTools(messages);
  let webSearch: WebSearchRequest | undefined;
  for (const [index, tool] of requireList(tools, "tools").entries()) {
    const path = `tools.${index}`;
    const search = runsWebSearch ? readWebSearch(tool, path) : undefined;
    if (search) {
      webSearch = search;
      continue;
    }
    const definition = readTool(tool, path, warnings);
    if (!definition) continue;
    const { name } = definition;
    if (definition.tool["defer_loading"] === true && !conversation.loaded.has(name)) continue;
    if (!isCalledDirectly(definition.tool)) {
      warnings.add("tool_dropped", `tool ${printableName(name)} dropped: only code execution may call it`, path);
      continue;
    }
    definitions.set(name, definition); // of one name the last counts
  }
  for (const tool of conversation.added) {
    const definition = readTool(tool, "messages", warnings);
    if (definition && isCalledDirectly(definition.tool)) definitions.set(definition.name, definition);
  }
  for (const name of conversation.removed) definitions.delete(name);
  const kept = limitTools([...definitions.values()], profile.maxTools, warnings);
  const names = new ToolNames(kept.map(({ name }) => name));
  const chatTools = kept.map((one): [string, ChatTool] => {
    const chatTool = toChatTool(one, names.toUpstream(one.name), profile);
    warnOfMembers(one, chatTool, warnings);
    marks.carryTool(one.tool, chatTool, one.path);
    return [one.name, chatTool];
  });
  return { names, tools: new Map(chatTools), ...(webSearch && { webSearch }) };
}

/**
 * Decides whether the model may call a tool itself. Code that runs on Anthropic's servers may call others for it,
 * which no other API can do.
 */
function isCalledDirectly({ allowed_callers: callers }: JsonObject): boolean {
  return !Array.isArray(callers) || callers.length === 0 || callers.includes("direct");
}

function warnOfMembers({ tool, path }: Definition, sent: ChatTool, warnings: WarningList): void {
  const { input_examples: examples, strict } = tool;
  if (Array.isArray(examples) && examples.length > 0)
    warnings.add("input_examples_dropped", "input_examples of tools dropped", `${path}.input_examples`);
  if (strict === true && sent.function.strict !== true)
    warnings.add(
      "strict_dropped",
      "strict of tools dropped: the provider or the schema does not allow for it",
      `${path}.strict`,
    );
}

/** Decides whether a tool of a request is Anthropic's web search. */
export function isWebSearch(tool: unknown): tool is JsonObject {
  return isObject(tool) && typeof tool["type"] === "string" && tool["type"].startsWith("web_search_");
}

function readWebSearch(tool: unknown, path: string): WebSearchRequest | undefined {
  if (!isWebSearch(tool)) return undefined;
  const { name } = tool;
  return { name: typeof name === "string" && name !== "" ? name : "web_search", path, tool };
}

function readTool(tool: unknown, path: string, warnings: WarningList): Definition | undefined {
  if (!isObject(tool)) {
    warnings.add("tool_dropped", "a tool that is no object dropped", path);
    return undefined;
  }
  const { type, name, description, input_schema: schema } = tool;
  const label = printableName(name ?? tool["mcp_server_name"] ?? type);
  if (typeof name === "string" && name !== "") {
    const text = typeof description === "string" && description !== "" ? description : undefined;
    // A type of its own with a schema is a custom tool by another name: what it takes is told.
    if (type === undefined || type === null || type === "custom" || isObject(schema)) {
      return { name, path, tool, description: text, schema };
    }
    const builtIn = typeof type === "string" ? clientToolDefinition(type, tool) : undefined;
    if (builtIn) return { name, path, tool, description: text ?? builtIn.description, schema: builtIn.parameters };
  }
  if (type === undefined || type === null || type === "custom") {
    warnings.add("tool_dropped", `tool ${label} dropped`, path);
  } else {
    warnings.add("server_tool_dropped", `server tool ${label} dropped`, path);
  }
  return undefined;
}

function limitTools(
  definitions: readonly Definition[],
  limit: number | null,
  warnings: WarningList,
): readonly Definition[] {
  if (limit === null || definitions.length <= limit) return definitions;
  const isDeferred = ({ tool }: Definition): boolean => tool["defer_loading"] === true;
  const ranked = [...definitions.filter((one) => !isDeferred(one)), ...definitions.filter(isDeferred)];
  const kept = new Set(ranked.slice(0, limit));
  warnings.add("tools_truncated", `tools truncated to ${limit}`, "tools");
  return definitions.filter((one) => kept.has(one));
}

function toChatTool(definition: Definition, name: string, profile: Profile): ChatTool {
  const { description, tool, path } = definition;
  const cleaned = cleanParameters(definition.schema, `${path}.input_schema`);
  const wantsStrict = profile.strictTools && tool["strict"] === true;
  // A schema that was reduced to a smaller subset does not meet OpenAI's strict one.
  const isWhole = profile.toolSchema === "json-schema" && profile.omitSchema.length === 0;
  const isStrict = wantsStrict && isWhole && meetsStrictSubset(cleaned);
  const parameters = shapeSchema(cleaned, profile);
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters,
      ...(isStrict && { strict: true }),
    },
  };
}
