import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { isObject, parseNestedJson, type JsonObject } from "../../base/json.ts";
import { textAt } from "./client-refusal.ts";

/** A tool call of the client's history as the Messages API has it. */
export interface ReadCall {
  readonly callId: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** State of a call: whether its end was reached. */
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/**
 * Parts of a call in the answer: its tool as the client declared it (undefined: an ordinary function), its ids, and
 * its arguments as JSON text. Those of a custom tool are the text that it is called with.
 */
export interface CallParts {
  readonly tool: JsonObject | undefined;
  readonly name: string;
  readonly id: string;
  readonly callId: string;
  readonly json: string;
  readonly status: ItemStatus;
}

const maxNameLength = 64; // of a function at OpenAI; Anthropic takes 128

/** Returns the name under which a tool of a namespace is sent: `<namespace>__<name>`, shortened with a hash where it would be too long. */
export function flatToolName(namespace: unknown, name: string): string {
  if (typeof namespace !== "string" || namespace === "") return name;
  const joined = `${namespace}${namespace.endsWith("__") ? "" : "__"}${name}`.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  if (joined.length <= maxNameLength) return joined;
  const hash = bytesToHex(sha256(new TextEncoder().encode(joined))).slice(0, 8);
  return `${joined.slice(0, maxNameLength - hash.length - 1)}_${hash}`;
}

/** Reads an item of the input that is a tool call. Returns undefined for any other item. */
export function readCallItem(item: JsonObject, path: string): ReadCall | undefined {
  switch (item["type"]) {
    case "function_call":
      return called(
        item,
        path,
        flatToolName(item["namespace"], textAt(item["name"], `${path}.name`)),
        argumentsOf(item),
      );
    case "custom_tool_call": {
      const name = flatToolName(item["namespace"], textAt(item["name"], `${path}.name`));
      return called(item, path, name, { input: textAt(item["input"], `${path}.input`) });
    }
    case "local_shell_call":
      return called(item, path, "local_shell", withoutType(item["action"]));
    case "shell_call":
      return called(item, path, "shell", withoutType(item["action"]));
    case "apply_patch_call":
      return called(item, path, "apply_patch", isObject(item["operation"]) ? item["operation"] : {});
    case "tool_search_call":
      // A search that the server made has no call id; its tools are in the output.
      return typeof item["call_id"] === "string" ? called(item, path, "tool_search", argumentsOf(item)) : undefined;
    default:
      return undefined;
  }
}

function called(item: JsonObject, path: string, name: string, input: JsonObject): ReadCall {
  return { callId: callIdOf(item, path), name, input };
}

/** Returns what ties a call to its output. `local_shell_call_output` has it as `id`. @throws `CcpbError` where there is none. */
export function callIdOf(item: JsonObject, path: string): string {
  const { call_id: callId, id } = item;
  if (typeof callId === "string" && callId !== "") return callId;
  if (typeof id === "string" && id !== "") return id;
  return textAt(callId, `${path}.call_id`);
}

function argumentsOf(item: JsonObject): JsonObject {
  const { arguments: args } = item;
  if (isObject(args)) return args;
  if (typeof args !== "string" || args.trim() === "") return {};
  const parsed = parseNestedJson(args);
  // The Messages API takes objects alone; the model is shown what it wrote.
  return isObject(parsed) ? parsed : { arguments: args };
}

function withoutType(action: unknown): JsonObject {
  if (!isObject(action)) return {};
  const { type: _type, ...rest } = action;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
}

/** Decides whether a call of this tool is streamed: its item precedes its arguments. */
export function isStreamedCall(tool: JsonObject | undefined): boolean {
  return tool === undefined || tool["type"] === "function" || tool["type"] === "custom";
}

/** Returns a call as an item of the output, in the form that the client's tool has. */
export function callItem({ tool, name, id, callId, json, status }: CallParts): JsonObject {
  const ids = { id, call_id: callId };
  const args = parseNestedJson(json);
  const members = isObject(args) ? args : {};
  switch (tool?.["type"]) {
    case "custom":
      return { type: "custom_tool_call", ...ids, ...nameOf(tool, name), input: json, status };
    case "local_shell":
      return { type: "local_shell_call", ...ids, action: localShellAction(members), status };
    case "shell":
      return {
        type: "shell_call",
        ...ids,
        action: shellAction(members),
        environment: tool["environment"] ?? null,
        status,
      };
    case "apply_patch":
      return { type: "apply_patch_call", ...ids, operation: members, status };
    case "tool_search":
      return { type: "tool_search_call", ...ids, execution: "client", arguments: members, status };
    default:
      return { type: "function_call", ...ids, ...nameOf(tool, name), arguments: json, status };
  }
}

/** The client's own name for a tool, and its namespace. */
function nameOf(tool: JsonObject | undefined, name: string): JsonObject {
  if (tool === undefined) return { name };
  const { namespace, name: own } = tool;
  return { name: typeof own === "string" ? own : name, ...(typeof namespace === "string" && { namespace }) };
}

function localShellAction({ command, env, ...rest }: JsonObject): JsonObject {
  return { type: "exec", command: commandList(command), env: isObject(env) ? env : {}, ...rest };
}

function shellAction({ commands, command, ...rest }: JsonObject): JsonObject {
  const list = Array.isArray(commands) ? commands : typeof command === "string" ? [command] : [];
  return { timeout_ms: null, max_output_length: null, ...rest, commands: list };
}

/** A model that was trained on other shells writes one string. */
function commandList(command: unknown): readonly unknown[] {
  if (Array.isArray(command)) return command;
  return typeof command === "string" ? ["bash", "-lc", command] : [];
}
