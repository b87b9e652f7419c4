import type { BehaviourSource } from "../behaviour.ts";
import { refuse } from "../behaviours.ts";

type Json = Readonly<Record<string, unknown>>;

/** Refusal of a Responses request, in OpenAI's words. */
interface Refusal {
  readonly message: string;
  readonly code?: string;
}

const bodyMembers = new Set(
  (
    "model instructions input max_output_tokens max_tool_calls temperature top_p stream stream_options tools tool_choice parallel_tool_calls text " +
    "reasoning include store truncation metadata user safety_identifier prompt_cache_key prompt_cache_options service_tier"
  ).split(" "),
);
const itemMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  message: new Set(["type", "role", "content", "phase", "id", "status"]),
  function_call: new Set(["type", "call_id", "name", "arguments", "id", "status"]),
  function_call_output: new Set(["type", "call_id", "output", "id", "status"]),
  reasoning: new Set(["type", "id", "summary", "content", "encrypted_content", "status"]),
};

/** Answers 400 to a Responses request that OpenAI would refuse, for what the recordings and its documentation say it refuses; else as `source` says. */
export function strictResponses(source: BehaviourSource): BehaviourSource {
  return (request) => {
    const refusal = request.dialect === "responses" ? responsesRefusal(request.body) : undefined;
    if (!refusal) return typeof source === "function" ? source(request) : source;
    return refuse(400, { message: refusal.message, ...(refusal.code !== undefined && { code: refusal.code }) });
  };
}

/** Returns the first reason to refuse a body; undefined where there is none. */
export function responsesRefusal(body: unknown): Refusal | undefined {
  if (!isRecord(body)) return { message: "We could not parse the JSON body of your request." };
  const unknown = Object.keys(body).find((key) => !bodyMembers.has(key));
  if (unknown !== undefined) return { message: `Unknown parameter: '${unknown}'.`, code: "unknown_parameter" };
  const { input, max_output_tokens: limit, tools } = body;
  if (typeof limit === "number" && limit < 16) {
    const value = `Expected a value >= 16, but got ${limit} instead.`;
    return { message: `Invalid 'max_output_tokens': integer below minimum value. ${value}` };
  }
  const tool = list(tools).findIndex((one) => isRecord(one) && one["type"] === "function" && !isStrictSaid(one));
  if (tool !== -1) return { message: `Missing required parameter: 'tools[${tool}].strict'.` };
  if (typeof input === "string") return undefined;
  const items = list(input);
  if (items.length === 0) return { message: "Missing required parameter: 'input'." };
  for (const [index, item] of items.entries()) {
    const refusal = isRecord(item) ? itemRefusal(item, index) : { message: `Invalid type for 'input[${index}]'.` };
    if (refusal) return refusal;
  }
  return callRefusal(items.filter(isRecord)) ?? reasoningRefusal(items.filter(isRecord));
}

/** A schema that is not closed is refused when strict, which is the default. */
function isStrictSaid(tool: Json): boolean {
  return typeof tool["strict"] === "boolean" && "name" in tool && !("function" in tool);
}

function itemRefusal(item: Json, index: number): Refusal | undefined {
  const type = typeof item["type"] === "string" ? item["type"] : "message";
  const known = itemMembers[type];
  if (!known) return { message: `Invalid value: '${type}'.`, code: "invalid_value" };
  const unknown = Object.keys(item).find((key) => !known.has(key));
  if (unknown !== undefined) {
    return { message: `Unknown parameter: 'input[${index}].${unknown}'.`, code: "unknown_parameter" };
  }
  const id = item["call_id"];
  if (typeof id === "string" && id.length > 64) {
    const length = `Expected a string with maximum length 64, but got a string with length ${id.length} instead.`;
    return {
      message: `Invalid 'input[${index}].call_id': string too long. ${length}`,
      code: "string_above_max_length",
    };
  }
  const parts = type === "function_call_output" ? item["output"] : item["content"];
  const allowed =
    item["role"] === "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"];
  if (type === "reasoning") return undefined;
  for (const [at, part] of list(parts).entries()) {
    const partType = isRecord(part) ? part["type"] : undefined;
    if (allowed.some((one) => one === partType)) continue;
    const supported = allowed.map((one) => `'${one}'`).join(", ");
    const message = `Invalid value: '${String(partType)}'. Supported values are: ${supported}.`;
    return { message: `${message} (input[${index}].content[${at}])`, code: "invalid_value" };
  }
  return undefined;
}

function callRefusal(items: readonly Json[]): Refusal | undefined {
  const calls = new Set(items.filter(({ type }) => type === "function_call").map((item) => item["call_id"]));
  const outputs = new Set(items.filter(({ type }) => type === "function_call_output").map((item) => item["call_id"]));
  for (const id of calls) {
    if (!outputs.has(id)) return { message: `No tool output found for function call ${String(id)}.` };
  }
  for (const id of outputs) {
    if (!calls.has(id)) return { message: `No tool call found for function call output with call_id ${String(id)}.` };
  }
  return undefined;
}

function reasoningRefusal(items: readonly Json[]): Refusal | undefined {
  for (const [index, item] of items.entries()) {
    if (item["type"] !== "reasoning") continue;
    const { id, encrypted_content: encrypted } = item;
    if (typeof encrypted !== "string" || encrypted === "") {
      const advice = "Items are not persisted when `store` is set to false.";
      return { message: `Item with id '${String(id)}' not found. ${advice}` };
    }
    const next = items[index + 1];
    const type = next?.["type"] ?? "message";
    const isFollowed =
      next !== undefined &&
      (type === "reasoning" || type === "function_call" || (type === "message" && next["role"] === "assistant"));
    if (!isFollowed) {
      const lonely = `Item '${String(id)}' of type 'reasoning' was provided without its required following item.`;
      return { message: lonely };
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
