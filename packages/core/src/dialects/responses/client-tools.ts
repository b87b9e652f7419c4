import { isObject, type JsonObject } from "../../base/json.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";
import { flatToolName } from "./client-calls.ts";
import { toolFields } from "./client-fields.ts";
import { listAt, objectAt, refusal, textAt } from "./client-refusal.ts";

/** The tools of a request: as the Messages API has them, and the client's own where an answer must call them in another form. */
export class ClientTools {
  readonly #tools = new Map<string, JsonObject>();
  readonly #custom = new Map<string, JsonObject>();
  readonly #warnings: WarningList;
  readonly #maxSearches: number | undefined;

  /** `maxSearches`: how often the provider may search the web; undefined: as often as it likes. */
  constructor(warnings: WarningList, maxSearches: number | undefined) {
    this.#warnings = warnings;
    this.#maxSearches = maxSearches;
  }

  /** Tools by the name under which they are sent; of tools of one name the last counts. */
  get tools(): ReadonlyMap<string, JsonObject> {
    return this.#tools;
  }

  /** See `RequestExtras.customTools`. */
  get custom(): ReadonlyMap<string, JsonObject> {
    return this.#custom;
  }

  /** Adds the tools of a list. @throws `CcpbError` for a tool that the provider would have to run and cannot. */
  add(tools: unknown, path: string): void {
    for (const [index, tool] of listAt(tools, path).entries()) {
      this.#addTool(flatTool(objectAt(tool, `${path}[${index}]`)), `${path}[${index}]`, undefined);
    }
  }

  #addTool(tool: JsonObject, path: string, namespace: string | undefined): void {
    const { type } = tool;
    const field = typeof type === "string" ? toolFields[type] : undefined;
    if (typeof type !== "string" || field === undefined) {
      this.#drop(`tool ${printableName(type)} dropped: its type is not known`, path);
      return;
    }
    if (field.fate === "refused") throw refusal(`${path}.type`, `${type}: ${field.how}`);
    if (field.fate === "warned") this.#drop(`tool ${type} dropped: ${field.how}`, path);
    else this.#carry(type, tool, path, namespace);
  }

  #carry(type: string, tool: JsonObject, path: string, namespace: string | undefined): void {
    switch (type) {
      case "function":
        this.#addFunction(tool, path, namespace);
        return;
      case "custom":
        this.#addCustom(tool, path, namespace);
        return;
      case "namespace":
        this.#addNamespace(tool, path);
        return;
      case "local_shell":
      case "apply_patch":
        this.#addBuiltIn(type, tool);
        return;
      case "shell":
        if (isObject(tool["environment"]) && tool["environment"]["type"] !== "local") {
          throw refusal(`${path}.environment`, "no provider that can be asked runs a shell in a container");
        }
        this.#addBuiltIn(type, tool);
        return;
      case "tool_search":
        this.#addToolSearch(tool, path);
        return;
      default:
        this.#addWebSearch(tool, path);
    }
  }

  #addFunction(tool: JsonObject, path: string, namespace: string | undefined): void {
    const name = flatToolName(namespace, textAt(tool["name"], `${path}.name`));
    const { description, parameters, strict } = tool;
    this.#set(name, {
      name,
      ...(typeof description === "string" && description !== "" && { description }),
      input_schema: isObject(parameters) ? objectSchema(parameters) : noParameters,
      ...(strict === true && { strict }),
    });
    if (namespace !== undefined) this.#custom.set(name, { ...tool, namespace });
  }

  #addCustom(tool: JsonObject, path: string, namespace: string | undefined): void {
    const name = flatToolName(namespace, textAt(tool["name"], `${path}.name`));
    const { description } = tool;
    const texts = [description, grammarText(tool["format"])].filter((text) => typeof text === "string" && text !== "");
    this.#set(name, {
      name,
      ...(texts.length > 0 && { description: texts.join("\n\n") }),
      input_schema: {
        type: "object",
        properties: { input: { type: "string", description: "The input of the tool as plain text." } },
        required: ["input"],
        additionalProperties: false,
      },
    });
    this.#custom.set(name, namespace === undefined ? tool : { ...tool, namespace });
  }

  #addNamespace(tool: JsonObject, path: string): void {
    const namespace = textAt(tool["name"], `${path}.name`);
    for (const [index, inner] of listAt(tool["tools"], `${path}.tools`).entries()) {
      const innerPath = `${path}.tools[${index}]`;
      const one = objectAt(inner, innerPath);
      if (one["type"] === "function" || one["type"] === "custom") this.#addTool(one, innerPath, namespace);
      else this.#drop(`tool ${printableName(one["type"])} in a namespace dropped`, innerPath);
    }
  }

  #addBuiltIn(type: BuiltIn, tool: JsonObject): void {
    this.#set(type, { name: type, ...builtIns[type] });
    this.#custom.set(type, tool);
  }

  #addToolSearch(tool: JsonObject, path: string): void {
    if (tool["execution"] !== "client") {
      this.#warnings.add("tool_search_dropped", "tool_search dropped: every tool is sent", path);
      return;
    }
    const { description, parameters } = tool;
    this.#set("tool_search", {
      name: "tool_search",
      description: typeof description === "string" ? description : "Searches for tools that can be loaded.",
      input_schema: isObject(parameters) ? objectSchema(parameters) : noParameters,
    });
    this.#custom.set("tool_search", tool);
  }

  #addWebSearch(tool: JsonObject, path: string): void {
    if (tool["external_web_access"] === false) {
      this.#drop("tool web_search dropped: a search without live access cannot be asked for", path);
      return;
    }
    if (typeof tool["search_context_size"] === "string" && tool["search_context_size"] !== "medium") {
      this.#warnings.add("web_search_setting_dropped", "search_context_size of the web search dropped", path);
    }
    const domains = isObject(tool["filters"]) ? tool["filters"]["allowed_domains"] : undefined;
    const location = tool["user_location"];
    this.#set("web_search", {
      type: "web_search_20250305",
      name: "web_search",
      ...(Array.isArray(domains) && domains.length > 0 && { allowed_domains: domains }),
      ...(isObject(location) && { user_location: userLocation(location) }),
      ...(this.#maxSearches !== undefined && { max_uses: this.#maxSearches }),
    });
  }

  #set(name: string, tool: JsonObject): void {
    this.#tools.set(name, tool);
    this.#custom.delete(name);
  }

  #drop(message: string, path: string): void {
    this.#warnings.add("tool_dropped", message, path);
  }
}

/** Anthropic demands `type: object` at the top, which clients leave out. */
function objectSchema(schema: JsonObject): JsonObject {
  return schema["type"] === "object" ? schema : { ...schema, type: "object" };
}

const noParameters: JsonObject = { type: "object", properties: {} };

function grammarText(format: unknown): string | undefined {
  if (!isObject(format) || format["type"] !== "grammar") return undefined;
  const { syntax, definition } = format;
  if (typeof definition !== "string") return undefined;
  const kind = syntax === "regex" ? "must match this regular expression" : "must follow this Lark grammar";
  return `The input ${kind}:\n${definition}`;
}

function userLocation(location: JsonObject): JsonObject {
  const members = ["city", "country", "region", "timezone"].flatMap((name): [string, unknown][] =>
    typeof location[name] === "string" ? [[name, location[name]]] : [],
  );
  return { type: "approximate", ...Object.fromEntries(members) };
}

type BuiltIn = "local_shell" | "shell" | "apply_patch";

const milliseconds = { type: "integer", description: "Milliseconds after which the command is ended." };

const builtIns: Readonly<Record<BuiltIn, JsonObject>> = {
  local_shell: {
    description: "Runs a command on the user's machine and returns its output.",
    input_schema: {
      type: "object",
      properties: {
        command: { type: "array", items: { type: "string" }, description: "The program and its arguments." },
        working_directory: { type: "string", description: "The directory to run the command in." },
        timeout_ms: milliseconds,
        env: { type: "object", additionalProperties: { type: "string" }, description: "Environment variables to set." },
      },
      required: ["command"],
    },
  },
  shell: {
    description: "Runs shell commands and returns what each of them printed and its exit code.",
    input_schema: {
      type: "object",
      properties: {
        commands: { type: "array", items: { type: "string" }, description: "The commands, each a line for the shell." },
        timeout_ms: milliseconds,
        max_output_length: {
          type: "integer",
          description: "The most characters of output to return for each command.",
        },
      },
      required: ["commands"],
    },
  },
  apply_patch: {
    description:
      "Creates, updates or deletes one file. A diff is in the V4A format: lines that begin with a space, + or -, under @@ headers.",
    input_schema: {
      type: "object",
      properties: {
        type: { type: "string", enum: ["create_file", "update_file", "delete_file"], description: "What to do." },
        path: { type: "string", description: "The file, relative to the workspace." },
        diff: { type: "string", description: "The content of the new file, or the changes. Not for delete_file." },
      },
      required: ["type", "path"],
    },
  },
};

/** Returns a function that is written as Chat Completions (`function`) or the Messages API (`input_schema`) has it in the form of this API; other tools as they are. */
function flatTool(tool: JsonObject): JsonObject {
  const { type, function: definition, input_schema: schema, ...rest } = tool;
  if (type === "function" && isObject(definition) && rest["name"] === undefined) return { ...definition, type };
  const isFunction = type === undefined || type === null || type === "custom";
  return isFunction && isObject(schema) ? { ...rest, type: "function", parameters: schema } : tool;
}
