import { isObject, type JsonObject } from "../../base/json.ts";
import { invalidRequest } from "../../conversation/request/invalid-request.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";

/** The members of a Messages request beside its conversation and its tools. */
export interface ClientSettings {
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly stop_sequences?: readonly string[];
  readonly thinking?: JsonObject;
  readonly output_config?: JsonObject;
  readonly metadata?: JsonObject;
  readonly cache_control?: unknown;
  /** Stands in the system prompt: what the Messages API has no member for. */
  readonly instruction?: string;
}

const jsonInstruction = "Answer with one JSON object and nothing else: no Markdown, no code fence, no words around it.";

/** Reads limits, sampling, thinking, the format of the answer and the user's id. `isForced`: a tool must be called. */
export function readSettings(body: JsonObject, isForced: boolean, warnings: WarningList): ClientSettings {
  const maxTokens = readLimit(body, "max_completion_tokens") ?? readLimit(body, "max_tokens");
  const temperature = readTemperature(body, warnings);
  const topP = readNumber(body, "top_p");
  const topK = readNumber(body, "top_k");
  const stop = readStop(body["stop"]);
  const wish = readThinking(body);
  const { effort } = wish;
  const thinking = isForced ? withoutThinking(wish, warnings) : wish.thinking;
  const { format, instruction } = readFormat(body["response_format"], warnings);
  const user = body["safety_identifier"] ?? body["user"];
  warnOptions(body["stream_options"], warnings);
  return {
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && topK > 0 && { top_k: topK }), // vLLM: 0 and -1 turn it off
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(thinking && { thinking }),
    ...((effort !== undefined || format) && {
      output_config: { ...(effort !== undefined && { effort }), ...(format && { format }) },
    }),
    ...(typeof user === "string" && user !== "" && { metadata: { user_id: user } }),
    ...(isObject(body["cache_control"]) && { cache_control: body["cache_control"] }),
    ...(instruction !== undefined && { instruction }),
  };
}

function readNumber(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw invalidRequest(name, "a number is required");
}

function readLimit(body: JsonObject, name: string): number | undefined {
  const value = readNumber(body, name);
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= 1) return value;
  throw invalidRequest(name, "a whole number of at least 1 is required");
}

function readTemperature(body: JsonObject, warnings: WarningList): number | undefined {
  const value = readNumber(body, "temperature");
  if (value === undefined) return undefined;
  if (value < 0 || value > 2) throw invalidRequest("temperature", "a number from 0 to 2 is required");
  if (value <= 1) return value;
  warnings.add("temperature_clamped", "temperature clamped to 1, the highest of the Messages API", "temperature");
  return 1;
}

function readStop(stop: unknown): readonly string[] {
  if (stop === undefined || stop === null) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  return list.flatMap((one, index) => {
    if (typeof one === "string") return one === "" ? [] : [one];
    throw invalidRequest(Array.isArray(stop) ? `stop[${index}]` : "stop", "a string is required");
  });
}

interface Thinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/** OpenAI's effort, OpenRouter's `reasoning`, `thinking` of DeepSeek and others, Alibaba's switch: the first that is there counts. */
function readThinking(body: JsonObject): Thinking {
  const { reasoning, thinking, enable_thinking: isOn } = body;
  const effort = body["reasoning_effort"];
  if (effort !== undefined && effort !== null) return ofEffort(effort, "reasoning_effort");
  if (isObject(reasoning)) return ofReasoning(reasoning);
  if (isObject(thinking)) return ofThinking(thinking);
  if (isOn === false) return { thinking: { type: "disabled" } };
  return isOn === true ? ofBudget(body["thinking_budget"]) : {};
}

/** The Messages API refuses to think where a call is forced; an effort alone it takes. */
function withoutThinking({ thinking, effort }: Thinking, warnings: WarningList): JsonObject | undefined {
  if (thinking === undefined || thinking["type"] === "disabled") return thinking;
  if (effort === undefined) warnings.add("thinking_off", "thinking left out: a call is forced", "thinking");
  return undefined;
}

const efforts: ReadonlySet<unknown> = new Set(["minimal", "low", "medium", "high", "xhigh", "max"]);

function ofEffort(effort: unknown, path: string): Thinking {
  if (effort === "none") return { thinking: { type: "disabled" } };
  if (!efforts.has(effort)) {
    throw invalidRequest(path, "none, minimal, low, medium, high, xhigh or max is required");
  }
  return { thinking: { type: "adaptive" }, effort: effort === "minimal" ? "low" : String(effort) };
}

function ofReasoning(reasoning: JsonObject): Thinking {
  const { effort, max_tokens: budget, enabled } = reasoning;
  if (effort !== undefined && effort !== null) return ofEffort(effort, "reasoning.effort");
  if (enabled === false) return { thinking: { type: "disabled" } };
  return enabled === true || typeof budget === "number" ? ofBudget(budget) : {};
}

function ofThinking({ type, budget_tokens: budget, ...others }: JsonObject): Thinking {
  if (type === "disabled" || type === "adaptive" || type === "between_tools") return { thinking: { ...others, type } };
  return type === "enabled" ? ofBudget(budget) : {};
}

/** Anthropic's API wants a budget beside `enabled`, and at least 1,024 tokens. */
function ofBudget(budget: unknown): Thinking {
  if (typeof budget !== "number" || !Number.isInteger(budget)) return { thinking: { type: "adaptive" } };
  return { thinking: { type: "enabled", budget_tokens: Math.max(1_024, budget) } };
}

interface Format {
  readonly format?: JsonObject;
  readonly instruction?: string;
}

function readFormat(format: unknown, warnings: WarningList): Format {
  if (format === undefined || format === null) return {};
  if (!isObject(format)) throw invalidRequest("response_format", "an object is required");
  switch (format["type"]) {
    case "text":
      return {};
    case "json_object":
      warnings.add("json_object_as_instruction", "json_object asked for in the system prompt", "response_format");
      return { instruction: jsonInstruction };
    case "json_schema": {
      const described = format["json_schema"];
      const schema = isObject(described) ? described["schema"] : undefined;
      if (!isObject(schema)) throw invalidRequest("response_format.json_schema.schema", "a JSON Schema is required");
      return { format: { type: "json_schema", schema } };
    }
    default:
      throw invalidRequest(
        "response_format.type",
        `${printableName(format["type"])} is not supported; text, json_object and json_schema are`,
      );
  }
}

function warnOptions(options: unknown, warnings: WarningList): void {
  if (!isObject(options) || options["include_obfuscation"] !== true) return;
  const path = "stream_options.include_obfuscation";
  warnings.add("obfuscation_dropped", "include_obfuscation dropped: answers are not padded", path);
}
