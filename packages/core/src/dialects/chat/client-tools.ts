import { isObject, type JsonObject } from "../../base/json.ts";
import { invalidRequest } from "../../conversation/request/invalid-request.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";

/** The tools of a request as the Messages API has them. */
export interface ClientTools {
  readonly fields: { readonly tools?: readonly JsonObject[]; readonly tool_choice?: JsonObject };
  /** The client's own custom tools, by name. */
  readonly customTools: ReadonlyMap<string, JsonObject>;
}

/** The one member of the function that stands for a custom tool. */
export const customInput = "input";

/**
 * Reads `tools`, `functions`, `web_search_options` and the choice among them.
 *
 * @throws `CcpbError` `invalid_request` (400) for a hosted tool, which nothing here can run.
 */
export function readTools(body: JsonObject, warnings: WarningList): ClientTools {
  const customTools = new Map<string, JsonObject>();
  const tools = [...readFunctions(body["functions"]), ...readToolList(body["tools"], customTools)];
  const choice = readChoice(body, tools, warnings);
  const offered = choice.allowed ? tools.filter(({ name }) => choice.allowed?.has(String(name))) : tools;
  const search = webSearch(body["web_search_options"], warnings);
  const all = search ? [...offered, search] : offered;
  return {
    customTools,
    fields: {
      ...(all.length > 0 && { tools: all }),
      ...(all.length > 0 && choice.choice && { tool_choice: choice.choice }),
    },
  };
}

function readFunctions(functions: unknown): readonly JsonObject[] {
  if (functions === undefined || functions === null) return [];
  if (!Array.isArray(functions)) throw invalidRequest("functions", "an array is required");
  return functions.map((one, index) => functionTool(one, `functions[${index}]`));
}

function readToolList(tools: unknown, customTools: Map<string, JsonObject>): readonly JsonObject[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidRequest("tools", "an array is required");
  return tools.map((tool, index) => readTool(tool, `tools[${index}]`, customTools));
}

function readTool(tool: unknown, path: string, customTools: Map<string, JsonObject>): JsonObject {
  if (!isObject(tool)) throw invalidRequest(path, "an object is required");
  const { type } = tool;
  const isNested = isObject(tool["custom"]);
  const custom = type === "custom" ? customDefinition(tool) : undefined;
  if (custom !== undefined) {
    const made = customTool(custom, isNested ? `${path}.custom` : path);
    customTools.set(String(made["name"]), isNested ? tool : { type, custom });
    return { ...made, ...cacheMark(tool) };
  }
  // A type that is missing, or a definition without the member around it, is a function: older clients write both. So is a tool of the Messages API,
  // which Cursor sends for models of Claude (automazeio/vibeproxy#411).
  if (type === "function" || type === undefined || type === null || isObject(tool["input_schema"])) {
    const definition = isObject(tool["function"]) ? tool["function"] : tool;
    const inner = definition === tool ? path : `${path}.function`;
    return { ...functionTool(definition, inner), ...cacheMark(tool) };
  }
  throw invalidRequest(`${path}.type`, `${printableName(type)} is not supported; function and custom are`);
}

/** The definition of a custom tool; Cursor writes it as the Responses API does, without the member around it (archestra-ai/archestra#7375). */
function customDefinition(tool: JsonObject): JsonObject | undefined {
  const { custom, format, type: _type, ...definition } = tool;
  if (isObject(custom)) return custom;
  if (typeof tool["name"] !== "string" || isObject(tool["input_schema"])) return undefined;
  if (!isObject(format)) return definition;
  const { definition: grammar, syntax, ...rest } = format;
  const isFlat = typeof grammar === "string";
  return { ...definition, format: isFlat ? { ...rest, grammar: { definition: grammar, syntax } } : format };
}

function cacheMark(tool: JsonObject): JsonObject {
  return isObject(tool["cache_control"]) ? { cache_control: tool["cache_control"] } : {};
}

function nameOf(definition: JsonObject, path: string): string {
  const { name } = definition;
  if (typeof name === "string" && name !== "") return name;
  throw invalidRequest(`${path}.name`, "a name is required");
}

function functionTool(definition: unknown, path: string): JsonObject {
  if (!isObject(definition)) throw invalidRequest(path, "an object is required");
  const { description, strict } = definition;
  const parameters = definition["parameters"] ?? definition["input_schema"];
  const name = nameOf(definition, path);
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw invalidRequest(`${path}.parameters`, "a JSON Schema object is required");
  }
  return {
    name,
    ...(typeof description === "string" && description !== "" && { description }),
    input_schema: objectSchema(parameters ?? {}),
    ...(strict === true && { strict }),
  };
}

/** The Messages API wants the type said, which OpenAI does without. */
function objectSchema(schema: JsonObject): JsonObject {
  if (schema["type"] !== undefined) return schema;
  return { type: "object", ...(schema["properties"] === undefined && { properties: {} }), ...schema };
}

/** A tool that takes text: a function with one string member. The grammar is told in words, since nothing can enforce it. */
function customTool(definition: JsonObject, path: string): JsonObject {
  const { description, format } = definition;
  const name = nameOf(definition, path);
  const grammar = isObject(format) && isObject(format["grammar"]) ? format["grammar"] : undefined;
  const rule = grammar
    ? `The input must follow this ${printableName(grammar["syntax"])} grammar:\n${String(grammar["definition"])}`
    : "The input of the tool, as plain text.";
  return {
    name,
    ...(typeof description === "string" && description !== "" && { description }),
    input_schema: {
      type: "object",
      properties: { [customInput]: { type: "string", description: rule } },
      required: [customInput],
      additionalProperties: false,
    },
  };
}

function webSearch(options: unknown, warnings: WarningList): JsonObject | undefined {
  if (!isObject(options)) return undefined;
  if (typeof options["search_context_size"] === "string" && options["search_context_size"] !== "medium") {
    const path = "web_search_options.search_context_size";
    warnings.add("search_context_size_dropped", "search_context_size dropped", path);
  }
  const location = isObject(options["user_location"]) ? options["user_location"] : undefined;
  const approximate = isObject(location?.["approximate"]) ? location["approximate"] : location;
  return {
    type: "web_search_20250305",
    name: "web_search",
    ...(approximate && { user_location: { ...approximate, type: "approximate" } }),
  };
}

interface Choice {
  readonly choice?: JsonObject;
  /** The names that may be called; undefined: all. */
  readonly allowed?: ReadonlySet<string>;
}

function readChoice(body: JsonObject, tools: readonly JsonObject[], warnings: WarningList): Choice {
  const isLegacy = body["tool_choice"] === undefined || body["tool_choice"] === null;
  const wanted = isLegacy ? body["function_call"] : body["tool_choice"];
  const { choice, allowed } = choiceOf(wanted, isLegacy ? "function_call" : "tool_choice", tools);
  if (tools.length === 0) {
    if (choice !== undefined && choice["type"] !== "none" && choice["type"] !== "auto") {
      warnings.add("tool_choice_dropped", "tool_choice dropped: there are no tools", "tool_choice");
    }
    return {};
  }
  // The older form has room for one call.
  const isSerial =
    body["parallel_tool_calls"] === false ||
    isLegacyForm(body) ||
    (isObject(wanted) && wanted["disable_parallel_tool_use"] === true);
  const serial = isSerial && choice?.["type"] !== "none";
  return {
    ...(allowed && { allowed }),
    ...(serial
      ? { choice: { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true } }
      : choice && { choice }),
  };
}

/** Decides whether a client uses the older form, and so needs its calls back as `function_call`. */
export function isLegacyForm(body: JsonObject): boolean {
  const { tools, functions } = body;
  return Array.isArray(functions) && functions.length > 0 && !(Array.isArray(tools) && tools.length > 0);
}

function choiceOf(wanted: unknown, path: string, tools: readonly JsonObject[]): Choice {
  if (wanted === undefined || wanted === null) return {};
  if (wanted === "auto" || wanted === "none") return { choice: { type: wanted } };
  if (wanted === "required" || wanted === "any") return { choice: { type: "any" } };
  if (!isObject(wanted)) throw invalidRequest(path, "none, auto, required or an object is required");
  const { type } = wanted;
  if (type === "auto" || type === "none" || type === "any") return { choice: { type } }; // as the Messages API has it
  if (type === "allowed_tools") return allowedChoice(wanted["allowed_tools"], path);
  const named = [wanted["function"], wanted["custom"], wanted].find((one) => isObject(one));
  const name = isObject(named) ? named["name"] : undefined;
  if (typeof name !== "string") throw invalidRequest(path, "a named function or custom tool is required");
  if (tools.some((tool) => tool["name"] === name)) return { choice: { type: "tool", name } };
  throw invalidRequest(path, `the tool ${printableName(name)} is not among the tools of the request`);
}

function allowedChoice(allowed: unknown, path: string): Choice {
  const { mode, tools } = isObject(allowed) ? allowed : {};
  if (!Array.isArray(tools)) throw invalidRequest(`${path}.allowed_tools.tools`, "an array is required");
  const names = tools.flatMap((tool): readonly string[] => {
    if (!isObject(tool)) return [];
    const named = [tool["function"], tool["custom"], tool].find((one) => isObject(one));
    const name = isObject(named) ? named["name"] : undefined;
    return typeof name === "string" ? [name] : [];
  });
  return { choice: { type: mode === "required" ? "any" : "auto" }, allowed: new Set(names) };
}
