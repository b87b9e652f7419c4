import { isObject, type JsonObject } from "./json-object.ts";

// What Gemini's own Schema type has (ai.google.dev, "Schema"); it answers any other keyword with a 400.
const keptKeywords: ReadonlySet<string> = new Set([
  "title",
  "description",
  "nullable",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minProperties",
  "maxProperties",
]);
const keptFormats: ReadonlySet<unknown> = new Set(["enum", "date-time"]);
const maxDepth = 24; // of inlined references: a recursive schema has to end somewhere

/** A JSON Schema in Gemini's dialect: references inlined, `const` as `enum`, one type each, nothing but the keywords that it knows. */
export function toGeminiSchema(schema: JsonObject): Record<string, unknown> {
  return convert(schema, { root: schema, depth: 0 });
}

interface Place {
  readonly root: JsonObject;
  readonly depth: number;
}

function convert(schema: unknown, place: Place): Record<string, unknown> {
  if (!isObject(schema)) return { type: "string" }; // `true`: anything goes, and a text can say anything
  if (place.depth > maxDepth) return { type: "object", properties: {} };
  const inner = { root: place.root, depth: place.depth + 1 };
  const target = typeof schema["$ref"] === "string" ? resolve(schema["$ref"], place.root) : undefined;
  if (target) {
    const { $ref: _reference, ...besides } = schema;
    return convert({ ...target, ...besides }, inner);
  }
  const merged = isObject(schema["allOf"]) || Array.isArray(schema["allOf"]) ? mergeAll(schema) : schema;
  const result: Record<string, unknown> = Object.fromEntries(
    Object.entries(merged).filter(([key, value]) => keptKeywords.has(key) && value !== null),
  );
  if (keptFormats.has(merged["format"])) result["format"] = merged["format"];
  convertType(merged, result);
  convertChoices(merged, result, inner);
  convertMembers(merged, result, inner);
  return result;
}

/** One type, and `nullable` for a list of types with null in it. */
function convertType(schema: JsonObject, result: Record<string, unknown>): void {
  const types = (Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]]).filter(
    (type) => typeof type === "string",
  );
  if (types.includes("null") && types.length > 1) result["nullable"] = true;
  const type = types.find((one) => one !== "null") ?? impliedType(schema);
  if (type !== undefined) result["type"] = type;
}

function impliedType(schema: JsonObject): string | undefined {
  if (isObject(schema["properties"])) return "object";
  if (schema["items"] !== undefined) return "array";
  if (schema["anyOf"] !== undefined || schema["oneOf"] !== undefined) return undefined;
  return "string";
}

function convertChoices(schema: JsonObject, result: Record<string, unknown>, place: Place): void {
  const values = Array.isArray(schema["enum"])
    ? schema["enum"]
    : schema["const"] === undefined
      ? []
      : [schema["const"]];
  // Only texts can be listed, and no empty one.
  const texts = values.filter((value) => typeof value === "string" && value !== "");
  if (texts.length > 0 && (result["type"] === "string" || result["type"] === undefined)) {
    result["type"] = "string";
    result["enum"] = texts;
  }
  const branches = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : schema["oneOf"];
  if (!Array.isArray(branches)) return;
  const kept = branches.filter((branch) => !(isObject(branch) && branch["type"] === "null"));
  if (kept.length < branches.length) result["nullable"] = true;
  if (kept.length === 1) Object.assign(result, { ...convert(kept[0], place), ...pickText(result) });
  else if (kept.length > 1) result["anyOf"] = kept.map((branch) => convert(branch, place));
}

function pickText(result: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(result).filter(([key]) => key === "description" || key === "title" || key === "nullable"),
  );
}

function convertMembers(schema: JsonObject, result: Record<string, unknown>, place: Place): void {
  if (result["type"] === "array" && result["items"] === undefined) {
    const items = Array.isArray(schema["items"]) ? schema["items"][0] : schema["items"];
    result["items"] = convert(items, place);
  }
  const properties = schema["properties"];
  if (result["type"] !== "object" || !isObject(properties)) return;
  result["properties"] = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, convert(one, place)]),
  );
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const known = required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name));
  if (known.length > 0) result["required"] = known;
}

/** `allOf` taken together: later members stand over earlier ones, properties and required names add up. */
function mergeAll(schema: JsonObject): JsonObject {
  const { allOf, ...own } = schema;
  const parts = [...(Array.isArray(allOf) ? allOf : [allOf]).filter(isObject), own];
  const properties = Object.fromEntries(
    parts.flatMap(({ properties }) => (isObject(properties) ? Object.entries(properties) : [])),
  );
  const required = parts.flatMap(({ required }) => (Array.isArray(required) ? required : []));
  return {
    ...Object.fromEntries(parts.flatMap((part) => Object.entries(part))),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

/** The schema that a local reference (`#/$defs/name`) points at. */
function resolve(reference: string, root: JsonObject): JsonObject | undefined {
  if (!reference.startsWith("#")) return undefined;
  let node: unknown = root;
  for (const step of reference
    .slice(1)
    .split("/")
    .filter((one) => one !== "")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  }
  return isObject(node) ? node : undefined;
}
