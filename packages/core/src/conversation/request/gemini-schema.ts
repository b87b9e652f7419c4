import { isObject, type JsonObject } from "../../base/json.ts";
import { hintsOf } from "./schema-hints.ts";

// Keywords of Gemini's Schema type (ai.google.dev, "Schema"). Gemini answers any other keyword with a 400.
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
const knownTypes: ReadonlySet<string> = new Set("string number integer boolean object array null".split(" "));
const maxInlined = 500; // references that branch would double a schema with every level
// References to one large definition would multiply it. Real schemas come to a few hundred members when all references are inlined.
const maxInlinedMembers = 20_000;
const maxDepth = 128; // as for schemas without references (`cleanSchema`)

/**
 * Returns a JSON Schema in Gemini's dialect: references inlined, `const` as `enum`, one type each, nothing but the keywords that it knows. A reference that
 * comes again within itself, and what exceeds 500 references, 20,000 inlined members or 128 levels, becomes an object of any members.
 */
export function toGeminiSchema(schema: JsonObject): Record<string, unknown> {
  return convert(schema, { root: schema, open: new Set(), depth: 0, inlined: { count: 0, members: 0 } });
}

interface Place {
  readonly root: JsonObject;
  /** The references that are being inlined: a recursive schema ends where one comes again. */
  readonly open: ReadonlySet<string>;
  /** Schemas around this one. */
  readonly depth: number;
  /** Counts of what has been inlined so far: references, and members of schemas within them. */
  readonly inlined: { count: number; members: number };
}

function convert(schema: unknown, outer: Place): Record<string, unknown> {
  if (!isObject(schema)) return { type: "string" }; // `true`: anything goes, and a text can say anything
  if (outer.depth > maxDepth) return anyObject();
  const place = { ...outer, depth: outer.depth + 1 };
  const reference = schema["$ref"];
  const target = typeof reference === "string" ? resolveReference(reference, place.root) : undefined;
  if (typeof reference === "string" && target) {
    if (place.open.has(reference) || isExhausted(place)) return anyObject();
    place.inlined.count += 1;
    const { $ref: _reference, ...besides } = schema;
    return convert({ ...target, ...besides }, { ...place, open: new Set([...place.open, reference]) });
  }
  if (place.open.size > 0) {
    place.inlined.members += weightOf(schema);
    if (isExhausted(place)) return anyObject();
  }
  if (Array.isArray(schema["allOf"])) return convertAll(schema["allOf"], schema, place);
  const result: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => keptKeywords.has(key) && value !== null),
  );
  if (keptFormats.has(schema["format"])) result["format"] = schema["format"];
  convertType(schema, result);
  convertChoices(schema, result, place);
  convertMembers(schema, result, place);
  return result;
}

function isExhausted({ inlined }: Place): boolean {
  return inlined.count >= maxInlined || inlined.members > maxInlinedMembers;
}

function anyObject(): Record<string, unknown> {
  return { type: "object", properties: {} };
}

/** Weighs a schema without the schemas within: its members, listed values and names, and long texts. */
function weightOf(schema: JsonObject): number {
  let weight = 0;
  for (const value of Object.values(schema)) {
    weight += 1;
    if (typeof value === "string") weight += Math.floor(value.length / 64);
    else if (Array.isArray(value)) weight += value.reduce<number>((sum, one) => sum + 1 + textWeight(one), 0);
    else if (isObject(value)) weight += Object.keys(value).reduce((sum, name) => sum + 1 + textWeight(name), 0);
  }
  return weight;
}

function textWeight(value: unknown): number {
  return typeof value === "string" ? Math.floor(value.length / 64) : 0;
}

/** `allOf` taken together: later members stand over earlier ones, properties and required names add up. */
function convertAll(parts: readonly unknown[], schema: JsonObject, place: Place): Record<string, unknown> {
  const { allOf: _parts, ...own } = schema;
  const result: Record<string, unknown> = {};
  const properties = new Map<string, unknown>();
  const required = new Set<unknown>();
  let hasProperties = false;
  for (const part of [...parts, own]) {
    // An empty part restricts nothing: converted, it would become a string.
    if (!isObject(part) || Object.keys(part).length === 0) continue;
    const converted = convert(part, place);
    const { properties: more, required: names, ...rest } = converted;
    Object.assign(result, isBare(part) ? without(rest, "type") : rest);
    hasProperties ||= isObject(more);
    for (const [name, one] of Object.entries(isObject(more) ? more : {})) properties.set(name, one);
    for (const name of Array.isArray(names) ? names : []) required.add(name);
  }
  if (hasProperties) result["properties"] = Object.fromEntries(properties);
  if (required.size > 0) result["required"] = [...required];
  if (Array.isArray(result["anyOf"]) && !hasProperties) {
    return { anyOf: described(result, pickText(result)) };
  }
  delete result["anyOf"];
  if (hasProperties || result["type"] === undefined) result["type"] = "object";
  return result;
}

/** Decides whether a part only describes, and restricts no type. */
function isBare(part: JsonObject): boolean {
  return ["type", "$ref", "properties", "items", "enum", "const", "anyOf", "oneOf", "allOf"].every(
    (key) => !(key in part),
  );
}

function without(record: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** One type, and `nullable` for a list of types with null in it. */
function convertType(schema: JsonObject, result: Record<string, unknown>): void {
  const types = (Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]]).flatMap((type) => {
    // Clients of Gemini's own API write types in capitals; others invent `any` and `file`.
    const name = typeof type === "string" ? type.toLowerCase() : "";
    return knownTypes.has(name) ? [name] : [];
  });
  if (types.includes("null") && types.length > 1) result["nullable"] = true;
  const type = types.find((one) => one !== "null") ?? impliedType(schema);
  if (type !== undefined) result["type"] = type;
}

function impliedType(schema: JsonObject): string | undefined {
  if (isObject(schema["properties"])) return "object";
  if (schema["items"] !== undefined) return "array";
  if (schema["anyOf"] !== undefined || schema["oneOf"] !== undefined) return undefined;
  const [type = "string", ...others] = new Set(
    listedValues(schema)
      .filter((value) => value !== null)
      .map(typeOfValue),
  );
  if (others.length === 0) return type;
  return [type, ...others].every((one) => one === "integer" || one === "number") ? "number" : "string";
}

/** The values that `enum` or `const` leaves. */
function listedValues({ enum: values, const: value }: JsonObject): readonly unknown[] {
  if (Array.isArray(values)) return values;
  return value === undefined ? [] : [value];
}

function typeOfValue(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** Tells the values that cannot be listed, where the description does not yet. */
function tellValues(schema: JsonObject, result: Record<string, unknown>): void {
  const values = listedValues(schema);
  if (!values.some((value) => typeof value !== "string" && value !== null)) return;
  const description = typeof result["description"] === "string" ? result["description"] : "";
  const hints = Array.isArray(schema["enum"]) ? hintsOf("enum", values) : hintsOf("const", values[0]);
  const [hint] = hints;
  if (hint !== undefined && !description.includes(hint)) {
    result["description"] = `${description}${description === "" ? "" : " "}{${hint}}`;
  }
}

function convertChoices(schema: JsonObject, result: Record<string, unknown>, place: Place): void {
  const values = listedValues(schema);
  tellValues(schema, result);
  // Only texts can be listed, and no empty one. Beside other values they would be all that is left.
  const texts = values.filter((value) => typeof value === "string" && value !== "");
  const isText = values.every((value) => typeof value === "string" || value === null);
  if (isText && texts.length > 0 && (result["type"] === "string" || result["type"] === undefined)) {
    result["type"] = "string";
    result["enum"] = texts;
  }
  const branches = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : schema["oneOf"];
  if (!Array.isArray(branches)) return;
  const kept = branches.filter((branch) => !isNull(branch) && !(isObject(branch) && isBare(branch)));
  if (branches.some((branch) => isNull(branch))) result["nullable"] = true;
  if (kept.length === 1) mergeOnly(result, convert(kept[0], place));
  else if (kept.length > 1) toBranches(result, kept, place);
  else result["type"] ??= "string";
}

/** Vertex takes nothing beside `anyOf`: what describes the schema, or lets it be null, goes into each branch. */
function toBranches(result: Record<string, unknown>, branches: readonly unknown[], place: Place): void {
  const texts = pickText(result);
  for (const key of Object.keys(result)) delete result[key];
  result["anyOf"] = branches.flatMap((branch) => described(convert(branch, place), texts));
}

/** A branch with its choice's texts; one that is a choice itself gives its own branches. */
function described(branch: JsonObject, texts: JsonObject): readonly JsonObject[] {
  if (!Array.isArray(branch["anyOf"])) return [{ ...texts, ...branch }];
  return branch["anyOf"].filter((one) => isObject(one)).map((one) => ({ ...texts, ...one }));
}

/** The only branch stands for the schema; of one that is a choice itself the branches are described. */
function mergeOnly(result: Record<string, unknown>, only: Record<string, unknown>): void {
  const texts = pickText(result);
  if (!Array.isArray(only["anyOf"])) {
    Object.assign(result, { ...only, ...texts });
    return;
  }
  for (const key of Object.keys(result)) delete result[key];
  result["anyOf"] = described(only, texts);
}

function isNull(branch: unknown): boolean {
  return isObject(branch) && branch["type"] === "null";
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
  if (result["anyOf"] !== undefined) return;
  if (result["type"] !== "object") return;
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  result["properties"] = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, convert(one, place)]),
  );
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const known = required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name));
  if (known.length > 0) result["required"] = known;
}

/** Returns the schema that a local reference (`#/$defs/name`) points at. */
export function resolveReference(reference: string, root: JsonObject): JsonObject | undefined {
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
