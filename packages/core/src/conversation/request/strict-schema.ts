import { isObject, type JsonObject } from "../../base/json.ts";

// OpenAI's structured-output subset (developers.openai.com, "Structured model outputs"): anything else in a strict schema is a 400.
const allowedKeywords: ReadonlySet<string> = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "const",
  "anyOf",
  "title",
  "description",
  "$ref",
  "$defs",
  "definitions",
  "pattern",
  "format",
  "multipleOf",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minItems",
  "maxItems",
]);
const allowedFormats: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);
const maxDepth = 10;

/**
 * Decides whether OpenAI accepts the schema with `strict: true`: every object closed, every property required, no
 * keyword outside its subset.
 */
export function meetsStrictSubset(schema: JsonObject): boolean {
  return schema["type"] === "object" && schema["anyOf"] === undefined && isStrict(schema, 0);
}

function isStrict(schema: unknown, depth: number): boolean {
  if (!isObject(schema) || depth > maxDepth) return false;
  if (!Object.keys(schema).every((key) => allowedKeywords.has(key))) return false;
  const { type, format, anyOf, items } = schema;
  if (format !== undefined && !allowedFormats.has(format)) return false;
  if (type === "object" && !isClosedObject(schema, depth)) return false;
  if (type === "array" && !isStrict(items, depth + 1)) return false;
  if (anyOf !== undefined && !(Array.isArray(anyOf) && anyOf.every((one) => isStrict(one, depth + 1)))) return false;
  return ["$defs", "definitions"].every((key) => schema[key] === undefined || areStrict(schema[key], depth));
}

function isClosedObject(schema: JsonObject, depth: number): boolean {
  const { properties, required, additionalProperties } = schema;
  if (additionalProperties !== false || !isObject(properties)) return false;
  const names: ReadonlySet<unknown> = new Set(Array.isArray(required) ? required : []);
  return Object.keys(properties).every((name) => names.has(name)) && areStrict(properties, depth);
}

function areStrict(schemas: unknown, depth: number): boolean {
  return isObject(schemas) && Object.values(schemas).every((schema) => isStrict(schema, depth + 1));
}
