import { invalidRequest } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { resolveReference } from "./gemini-schema.ts";
import { isTyped, settleChoices } from "./schema-choices.ts";

const maxDepth = 128; // far beyond any real schema, and well before a stack or JSON.stringify gives up

// Keywords whose value is a schema or an array of schemas, and those whose value maps names to schemas. Everything else is data.
const schemaKeywords: ReadonlySet<string> = new Set([
  "items",
  "prefixItems",
  "additionalItems",
  "contains",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "propertyNames",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "if",
  "then",
  "else",
]);
const mapKeywords: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
]);

// Keywords whose schemas describe a value of their own: these need a type.
const valueMaps: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);

/** Any value, in words that every vendor takes: `true`, `{}` and a schema without a type are refused by some (Moonshot, Gemini, llama.cpp). */
const anything: JsonObject = {
  anyOf: [
    { type: "string" },
    { type: "number" },
    { type: "boolean" },
    { type: "object", properties: {} },
    { type: "array", items: { type: "string" } },
  ],
};

/**
 * Returns a JSON Schema in words that vendors take: without `$schema`, `$id` and `pattern` (most refuse some expressions, such as `\\p{L}`), every object
 * with `properties`, every array with `items`, every property with a type, and no choice beside a type. Parts that need no change are shared with the
 * input, not copied. Throws `invalid_request` for one that is nested too deeply.
 */
export function cleanSchema(schema: JsonObject, path: string): JsonObject {
  return cleanRoot(schema, placeOf(schema, path));
}

/** Returns the same for a tool's `parameters`, which must describe an object, and may not begin with a choice. */
export function cleanParameters(schema: unknown, path: string): Record<string, unknown> {
  if (!isObject(schema)) return { type: "object", properties: {} };
  const place = placeOf(schema, path);
  const cleaned = cleanRoot(schema, place);
  if (cleaned["type"] === "object") return cleaned;
  const object = withProperties(Object.entries({ ...cleaned, type: "object" }));
  return { ...settleChoices(object, (reference) => resolveCleaned(reference, place)) };
}

function placeOf(root: JsonObject, path: string): Place {
  return { path, depth: 0, root, resolved: new Map() };
}

function cleanRoot(schema: JsonObject, place: Place): JsonObject {
  const cleaned = cleanNode(schema, place);
  return isObject(cleaned) ? cleaned : schema;
}

/** The cleaned schema of a reference. Each is cleaned once; one that leads back to itself has nothing to add. */
function resolveCleaned(reference: string, place: Place): JsonObject | undefined {
  if (place.resolved.has(reference)) return place.resolved.get(reference);
  place.resolved.set(reference, undefined);
  const cleaned = cleanNode(resolveReference(reference, place.root), place);
  const schema = isObject(cleaned) ? cleaned : undefined;
  place.resolved.set(reference, schema);
  return schema;
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly root: JsonObject;
  /** Schemas that references in choices were resolved to. */
  readonly resolved: Map<string, JsonObject | undefined>;
}

function cleanNode(node: unknown, place: Place): unknown {
  if (Array.isArray(node)) return cleanList(node, deeper(place));
  if (!isObject(node)) return node;
  const inner = deeper(place);
  let isChanged = false;
  const entries: (readonly [string, unknown])[] = [];
  for (const [key, value] of Object.entries(node)) {
    if ((key === "$schema" || key === "$id" || key === "pattern") && typeof value === "string") {
      isChanged = true;
      continue;
    }
    const cleaned = cleanMember(key, value, inner);
    isChanged ||= cleaned !== value;
    entries.push([key, cleaned]);
  }
  if (node["type"] === "array" && (node["items"] === undefined || node["items"] === false)) {
    entries.push(["items", anything]);
    isChanged = true;
  }
  const cleaned =
    node["type"] === "object" && !isObject(node["properties"])
      ? withProperties(entries)
      : isChanged
        ? Object.fromEntries(entries)
        : node;
  return settleChoices(withoutImpossible(cleaned), (reference) => resolveCleaned(reference, inner));
}

/** A property that is `false` must not be there. */
function withoutImpossible(node: JsonObject): JsonObject {
  const { properties, required } = node;
  if (!isObject(properties) || !Object.values(properties).includes(false)) return node;
  const kept = Object.fromEntries(Object.entries(properties).filter(([, schema]) => schema !== false));
  const names = Array.isArray(required) ? required.filter((name) => properties[String(name)] !== false) : required;
  return { ...node, properties: kept, ...(names !== undefined && { required: names }) };
}

/** Gives a schema of a value a type, where it has none. */
function typed(schema: unknown): unknown {
  if (schema === true) return anything;
  if (!isObject(schema) || isTyped(schema) || schema["not"] !== undefined || schema["if"] !== undefined) return schema;
  return { ...schema, ...anything };
}

function cleanMember(key: string, value: unknown, place: Place): unknown {
  // `false` allows for no item at all, which only JSON Schema can say.
  if (key === "items" && !Array.isArray(value)) return value === false ? anything : typed(cleanNode(value, place));
  if (schemaKeywords.has(key)) return cleanNode(value, place);
  if (mapKeywords.has(key) && isObject(value)) return cleanMap(value, deeper(place), valueMaps.has(key));
  checkDepth(value, place);
  return value;
}

function cleanMap(map: JsonObject, place: Place, isOfValues: boolean): JsonObject {
  let isChanged = false;
  const entries = Object.entries(map).map(([name, schema]) => {
    const node = cleanNode(schema, place);
    const cleaned = isOfValues ? typed(node) : node;
    isChanged ||= cleaned !== schema;
    return [name, cleaned] as const;
  });
  return isChanged ? Object.fromEntries(entries) : map;
}

function cleanList(list: readonly unknown[], place: Place): readonly unknown[] {
  let isChanged = false;
  const cleaned = list.map((schema) => {
    const one = cleanNode(schema, place);
    isChanged ||= one !== schema;
    return one;
  });
  return isChanged ? cleaned : list;
}

// fromEntries and not assignment: a member named `__proto__` stays a member.
function withProperties(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const kept = entries.filter(([key, value]) => key !== "properties" || isObject(value));
  return Object.fromEntries(kept.some(([key]) => key === "properties") ? kept : [...kept, ["properties", {}]]);
}

/** Refuses data that is nested so deeply that writing it as JSON could overflow a stack. */
export function checkDepth(value: unknown, place: Pick<Place, "path" | "depth">): void {
  if (typeof value !== "object" || value === null) return;
  const inner = deeper(place);
  for (const member of Array.isArray(value) ? value : Object.values(value)) checkDepth(member, inner);
}

function deeper<Level extends Pick<Place, "path" | "depth">>(place: Level): Level {
  if (place.depth >= maxDepth) throw invalidRequest(place.path, "this value is nested too deeply");
  return { ...place, depth: place.depth + 1 };
}
