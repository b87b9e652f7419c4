import { isObject, type JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import { toGeminiSchema } from "./gemini-schema.ts";
import { hintsOf } from "./schema-hints.ts";

// Keywords whose values are schemas, or lists or maps of them. Values elsewhere are data.
const schemaKeywords: ReadonlySet<string> = new Set(
  "items prefixItems additionalItems contains not if then else anyOf oneOf allOf".split(" "),
);
const mapKeywords: ReadonlySet<string> = new Set("properties $defs definitions".split(" "));

// Keywords that are removed and described in the `description` instead.
const limits: readonly string[] = (
  "pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties " +
  "maxProperties additionalProperties default"
).split(" ");

/** The keywords that every vendor takes. */
const commonKeywords: ReadonlySet<string> = new Set("type description properties required items enum anyOf".split(" "));

/**
 * Returns a schema with the keywords that the profile's vendor takes.
 *
 * @param schema - as `cleanSchema` or `cleanParameters` made it; it is not changed.
 */
export function shapeSchema(
  schema: JsonObject,
  { toolSchema, omitSchema }: Pick<Profile, "toolSchema" | "omitSchema">,
): Record<string, unknown> {
  const shaped =
    toolSchema === "gemini" ? toGeminiSchema(schema) : toolSchema === "common" ? toCommonSchema(schema) : schema;
  return omitSchema.length === 0 ? shaped : withoutKeywords(shaped, new Set(omitSchema));
}

/**
 * Returns a schema in the subset that every vendor takes: one type a node, references inlined, choices as `anyOf` alone. Limits such as `minimum` are told in the
 * description, where a model reads them.
 */
export function toCommonSchema(schema: JsonObject): Record<string, unknown> {
  return keepCommon(toGeminiSchema(withHints(schema, true)));
}

function withHints(node: JsonObject, isRoot = false): JsonObject {
  const entries = Object.entries(node).map(([key, value]): [string, unknown] => {
    if (mapKeywords.has(key) && isObject(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hinted(one)]))];
    }
    if (!schemaKeywords.has(key)) return [key, value];
    return [key, Array.isArray(value) ? value.map(hinted) : hinted(value)];
  });
  const told = Object.fromEntries(entries);
  const { description, type, enum: values } = told;
  const hints = isRoot ? [] : limits.flatMap((name) => hintsOf(name, node[name]));
  // Gemini's dialect lists texts alone.
  const listed = Array.isArray(values) ? values.filter((value) => typeof value !== "string" && value !== null) : [];
  if (listed.length > 0) for (const hint of hintsOf("enum", values)) hints.push(hint);
  if (hints.length > 0) {
    const text = typeof description === "string" && description !== "" ? `${description} ` : "";
    told["description"] = `${text}{${hints.join(", ")}}`;
  }
  const types = Array.isArray(type) ? type.filter((one) => typeof one === "string" && one !== "null") : [];
  if (types.length < 2 || told["anyOf"] !== undefined) return told;
  const { type: _types, description: text, ...rest } = told;
  return { ...(text !== undefined && { description: text }), anyOf: types.map((one) => ({ ...rest, type: one })) };
}

function hinted(schema: unknown): unknown {
  return isObject(schema) ? withHints(schema) : schema;
}

function keepCommon(node: JsonObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
      if (!commonKeywords.has(key)) return [];
      if (key === "properties" && isObject(value)) {
        return [[key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, commonOf(one)]))]];
      }
      if (key === "items") return [[key, commonOf(value)]];
      return [[key, key === "anyOf" && Array.isArray(value) ? value.map(commonOf) : value]];
    }),
  );
}

function commonOf(schema: unknown): unknown {
  return isObject(schema) ? keepCommon(schema) : schema;
}

/** The schema without some keywords; of a choice that goes, its first branch stays. */
function withoutKeywords(node: JsonObject, keywords: ReadonlySet<string>): Record<string, unknown> {
  const kept = Object.entries(node).filter(([key]) => !keywords.has(key));
  const lost = ["anyOf", "oneOf"].filter((key) => keywords.has(key) && Array.isArray(node[key]));
  const branch = lost.flatMap((key) => (Array.isArray(node[key]) ? node[key] : [])).find((one) => isObject(one));
  const merged = { ...(isObject(branch) ? branch : {}), ...Object.fromEntries(kept) };
  return Object.fromEntries(
    Object.entries(merged).flatMap(([key, value]): [string, unknown][] => {
      if (keywords.has(key)) return [];
      if ((mapKeywords.has(key) || key === "patternProperties") && isObject(value)) {
        return [[key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, lessOf(one, keywords)]))]];
      }
      if (!schemaKeywords.has(key) && key !== "additionalProperties") return [[key, value]];
      return [
        [key, Array.isArray(value) ? value.map((one: unknown) => lessOf(one, keywords)) : lessOf(value, keywords)],
      ];
    }),
  );
}

function lessOf(schema: unknown, keywords: ReadonlySet<string>): unknown {
  return isObject(schema) ? withoutKeywords(schema, keywords) : schema;
}
