import { invalidRequest } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../json-object.ts";

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

/**
 * A JSON Schema without `$schema` and `$id`, where every object has `properties`: vendors refuse those and want these. What needs no change is
 * shared with the input, not copied. Throws `invalid_request` for one that is nested too deeply.
 */
export function cleanSchema(schema: JsonObject, path: string): JsonObject {
  const cleaned = cleanNode(schema, { path, depth: 0 });
  return isObject(cleaned) ? cleaned : schema;
}

/** The same for a tool's `parameters`, which must describe an object. */
export function cleanParameters(schema: unknown, path: string): Record<string, unknown> {
  if (!isObject(schema)) return { type: "object", properties: {} };
  const cleaned = cleanSchema(schema, path);
  if (cleaned["type"] === "object") return cleaned;
  return withProperties(Object.entries({ ...cleaned, type: "object" }));
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

function cleanNode(node: unknown, place: Place): unknown {
  if (Array.isArray(node)) return cleanList(node, deeper(place));
  if (!isObject(node)) return node;
  const inner = deeper(place);
  let isChanged = false;
  const entries: (readonly [string, unknown])[] = [];
  for (const [key, value] of Object.entries(node)) {
    if ((key === "$schema" || key === "$id") && typeof value === "string") {
      isChanged = true;
      continue;
    }
    const cleaned = cleanMember(key, value, inner);
    isChanged ||= cleaned !== value;
    entries.push([key, cleaned]);
  }
  if (node["type"] === "object" && !isObject(node["properties"])) return withProperties(entries);
  return isChanged ? Object.fromEntries(entries) : node;
}

function cleanMember(key: string, value: unknown, place: Place): unknown {
  if (schemaKeywords.has(key)) return cleanNode(value, place);
  if (mapKeywords.has(key) && isObject(value)) return cleanMap(value, deeper(place));
  checkDepth(value, place);
  return value;
}

function cleanMap(map: JsonObject, place: Place): JsonObject {
  let isChanged = false;
  const entries = Object.entries(map).map(([name, schema]) => {
    const cleaned = cleanNode(schema, place);
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
export function checkDepth(value: unknown, place: Place): void {
  if (typeof value !== "object" || value === null) return;
  const inner = deeper(place);
  for (const member of Array.isArray(value) ? value : Object.values(value)) checkDepth(member, inner);
}

function deeper(place: Place): Place {
  if (place.depth >= maxDepth) throw invalidRequest(place.path, "this value is nested too deeply");
  return { path: place.path, depth: place.depth + 1 };
}
