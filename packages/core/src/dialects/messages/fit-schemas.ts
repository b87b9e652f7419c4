import { isObject, type JsonObject } from "../../base/json.ts";
import { resolveReference } from "../../conversation/request/gemini-schema.ts";
import { settleChoices } from "../../conversation/request/schema-choices.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";
import { type ClaudeSchema, toClaudeSchema } from "./claude-schema.ts";

/** Tools and output format of a request, as the client gave them. */
export interface GivenSchemas {
  readonly tools: unknown;
  readonly format: unknown;
  /** The model compiles schemas: Claude does since 4.5. */
  readonly compiles: boolean;
}

/** Tools and output format of a request, with the schemas that Claude compiles. */
export interface FittedSchemas {
  readonly tools: MessagesRequest["tools"];
  /** Undefined where there is none, and where Claude cannot be held to it. */
  readonly format: JsonObject | undefined;
}

/**
 * Anthropic refuses requests beyond these: "Too many strict tools", "Schemas contains too many optional parameters", "Schema is too complex". It documents
 * 20 strict tools, and compiles fewer of usual size ("The compiled grammar is too large").
 */
const limits = { strictTools: 6, optional: 24, unions: 16 } as const;

/**
 * Fits the schemas of a request for OpenAI's APIs to Claude, which compiles less of JSON Schema. Tools that it could not compile lose `strict`, which then
 * holds for none of them, and keep their schemas.
 */
export function fitSchemas({ tools, format, compiles }: GivenSchemas, warnings: WarningList): FittedSchemas {
  const wanted = isObject(format) && isObject(format["schema"]) ? format["schema"] : undefined;
  const shaped = wanted && toClaudeSchema(wanted);
  const shapedFormat = compiles && shaped && isWithin([shaped]) ? shaped : undefined;
  const list = Array.isArray(tools) ? tools.map(withoutRootChoice) : undefined;
  return {
    tools: list && (fitTools(list, { format: shapedFormat, compiles }, warnings) as MessagesRequest["tools"]), // they stay tools
    format:
      wanted === undefined ? asFormat(format) : shapedFormat && { ...asFormat(format), schema: shapedFormat.schema },
  };
}

function asFormat(format: unknown): JsonObject | undefined {
  return isObject(format) ? format : undefined;
}

function fitTools(
  tools: readonly unknown[],
  { format, compiles }: { readonly format: ClaudeSchema | undefined; readonly compiles: boolean },
  warnings: WarningList,
): readonly unknown[] {
  const strict = tools.filter(isStrict);
  if (strict.length === 0) return tools;
  const schemas = new Map(strict.map((tool) => [tool, toClaudeSchema(tool.input_schema)]));
  const all = [...schemas.values(), ...(format ? [format] : [])].filter((schema) => schema !== undefined);
  if (compiles && strict.length <= limits.strictTools && all.length >= schemas.size && isWithin(all)) {
    return tools.map((tool) => (isStrict(tool) ? { ...tool, input_schema: schemas.get(tool)?.schema } : tool));
  }
  warnings.add("strict_dropped", "strict dropped: Claude cannot be held to the schemas of these tools", "tools");
  return tools.map((tool) => {
    if (!isStrict(tool)) return tool;
    const { strict: _strict, ...rest } = tool;
    return rest;
  });
}

function isWithin(schemas: readonly ClaudeSchema[]): boolean {
  const sum = (count: (schema: ClaudeSchema) => number): number =>
    schemas.reduce((total, schema) => total + count(schema), 0);
  return sum(({ optional }) => optional) <= limits.optional && sum(({ unions }) => unions) <= limits.unions;
}

function isStrict(tool: unknown): tool is JsonObject & { readonly input_schema: JsonObject } {
  return isObject(tool) && tool["strict"] === true && isObject(tool["input_schema"]);
}

/** "input_schema does not support oneOf, allOf, or anyOf at the top level" */
function withoutRootChoice(tool: unknown): unknown {
  if (!isObject(tool) || !isObject(tool["input_schema"])) return tool;
  const schema = tool["input_schema"];
  if (!["anyOf", "oneOf", "allOf"].some((key) => Array.isArray(schema[key]))) return tool;
  const object = { ...schema, type: "object" };
  return { ...tool, input_schema: settleChoices(object, (reference) => resolveReference(reference, schema)) };
}
