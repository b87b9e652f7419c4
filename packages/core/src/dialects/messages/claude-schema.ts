import { isObject, type JsonObject } from "../../base/json.ts";
import { hintsOf } from "../../conversation/request/schema-hints.ts";
import { resolveReference } from "../../conversation/request/gemini-schema.ts";
import { settleChoices } from "../../conversation/request/schema-choices.ts";

/** A schema that Claude holds answers and arguments to, and what counts towards the limits of one request. */
export interface ClaudeSchema {
  readonly schema: JsonObject;
  /** Members of objects that need not be there. */
  readonly optional: number;
  /** Members of objects with a choice of types. */
  readonly unions: number;
}

/** Source of the subset and of the limits: platform.claude.com, "Structured outputs". */
const formats: ReadonlySet<unknown> = new Set(
  "date-time time date duration email hostname uri ipv4 ipv6 uuid".split(" "),
);

// These restrict no value.
const silent: ReadonlySet<string> = new Set(
  "$schema $id $comment $anchor examples example deprecated readOnly writeOnly".split(" "),
);
const carried: ReadonlySet<string> = new Set(
  "type description title enum const anyOf oneOf allOf properties required items $ref $defs definitions".split(" "),
);
const definitions = ["$defs", "definitions"] as const;
const maxDepth = 64;

/**
 * Returns a schema in the subset that Claude compiles: every object closed, choices as `anyOf`, and limits such as `minimum` told in the description, where
 * the model reads them. Anything else is a 400 of Anthropic's API.
 *
 * @param schema - JSON Schema of an answer or of a tool's arguments; it is not changed.
 * @returns undefined where the subset cannot say what the schema allows: objects with members of any name, values of any type, recursion.
 */
export function toClaudeSchema(schema: JsonObject): ClaudeSchema | undefined {
  if (isRecursive(schema)) return undefined;
  const shaper = new Shaper(schema);
  const shaped = shaper.node(schema, 0);
  if (shaped === undefined || shaper.isUnsayable) return undefined;
  return { schema: shaped, optional: shaper.optional, unions: shaper.unions };
}

class Shaper {
  optional = 0;
  unions = 0;
  isUnsayable = false;
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  node(given: unknown, depth: number): JsonObject | undefined {
    if (!isObject(given) || depth > maxDepth) return this.#unsayable();
    const node = settleChoices(given, (reference) => resolveReference(reference, this.#root));
    const kept = this.#definitionsOf(node, depth);
    if (typeof node["$ref"] === "string") {
      return /^#\/(?:\$defs|definitions)\/[^/]+$/.test(node["$ref"])
        ? { ...kept, $ref: node["$ref"] }
        : this.#unsayable();
    }
    const { anyOf, oneOf, allOf } = node;
    if (Array.isArray(allOf)) return this.#onlyOf(node, allOf, depth);
    const { description, title } = node;
    const value = this.#valueOf(node, anyOf ?? oneOf, depth);
    if (value === undefined) return undefined;
    const text = [description, hint(node)].filter((part) => typeof part === "string" && part !== "").join(" ");
    return {
      ...kept,
      ...(typeof title === "string" && { title }),
      ...value,
      ...(text !== "" && { description: text }),
    };
  }

  /** Values that a schema allows; undefined where the subset cannot say them. */
  #valueOf(node: JsonObject, choices: unknown, depth: number): JsonObject | undefined {
    if (Array.isArray(choices)) return { anyOf: choices.map((one) => this.node(one, depth + 1)) };
    const { enum: values, const: constant } = node;
    const type = typeOf(node);
    if (constant !== undefined) return isPlain(constant) ? { const: constant } : this.#unsayable();
    if (Array.isArray(values)) {
      return values.every(isPlain) ? { ...(type !== undefined && { type }), enum: values } : this.#unsayable();
    }
    if (type === undefined) return this.#unsayable();
    const types: readonly unknown[] = Array.isArray(type) ? type : [type];
    return {
      type,
      ...(types.includes("object") && this.#object(node, depth)),
      ...(types.includes("array") && this.#array(node, depth)),
      ...(types.includes("string") && formats.has(node["format"]) && { format: node["format"] }),
    };
  }

  #object(node: JsonObject, depth: number): JsonObject | undefined {
    const { properties, required, additionalProperties } = node;
    const members = Object.entries(isObject(properties) ? properties : {});
    // Without members it is a map, of which a closed object would be the empty one.
    if (members.length === 0 && additionalProperties !== false) return this.#unsayable();
    const needed: ReadonlySet<unknown> = new Set(Array.isArray(required) ? required : []);
    for (const [name, member] of members) {
      if (!needed.has(name)) this.optional += 1;
      if (isObject(member) && isUnion(member)) this.unions += 1;
    }
    const names = members.map(([name]) => name).filter((name) => needed.has(name));
    return {
      properties: Object.fromEntries(members.map(([name, member]) => [name, this.node(member, depth + 1)])),
      ...(names.length > 0 && { required: names }),
      additionalProperties: false,
    };
  }

  #array(node: JsonObject, depth: number): JsonObject | undefined {
    const { items, prefixItems, minItems } = node;
    if (prefixItems !== undefined) return this.#unsayable();
    return { items: this.node(items, depth + 1), ...((minItems === 0 || minItems === 1) && { minItems }) };
  }

  /** A single part that has to hold is the schema itself, as pydantic writes a reference with a description. */
  #onlyOf(node: JsonObject, parts: readonly unknown[], depth: number): JsonObject | undefined {
    const { allOf: _parts, ...rest } = node;
    const [part] = parts;
    return parts.length === 1 && isObject(part) ? this.node({ ...rest, ...part }, depth + 1) : this.#unsayable();
  }

  #definitionsOf(node: JsonObject, depth: number): JsonObject {
    return Object.fromEntries(
      definitions.flatMap((key): [string, JsonObject][] => {
        const map = node[key];
        if (!isObject(map)) return [];
        return [[key, Object.fromEntries(Object.entries(map).map(([name, one]) => [name, this.node(one, depth + 1)]))]];
      }),
    );
  }

  #unsayable(): undefined {
    this.isUnsayable = true;
    return undefined;
  }
}

function typeOf({ type, properties, items }: JsonObject): unknown {
  return type ?? (isObject(properties) ? "object" : isObject(items) ? "array" : undefined);
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function isUnion({ type, anyOf, oneOf }: JsonObject): boolean {
  return (Array.isArray(type) && type.length > 1) || Array.isArray(anyOf) || Array.isArray(oneOf);
}

/** The keywords that the subset has not, in words. */
function hint(node: JsonObject): string {
  const { format, minItems, additionalProperties } = node;
  const told = Object.entries(node).filter(([key]) => !carried.has(key) && !silent.has(key));
  const hints = told
    .filter(([key]) => !(key === "format" && formats.has(format)))
    .filter(([key]) => !(key === "minItems" && (minItems === 0 || minItems === 1)))
    .filter(([key]) => !(key === "additionalProperties" && typeof additionalProperties === "boolean"))
    .flatMap(([key, value]) => hintsOf(key, value));
  return hints.length === 0 ? "" : `{${hints.join(", ")}}`;
}

/** Decides whether a definition leads back to itself. */
function isRecursive(root: JsonObject): boolean {
  const state = new Map<string, "open" | "done">();
  const leadsBack = (node: unknown, depth: number): boolean => {
    if (typeof node !== "object" || node === null) return false;
    if (depth > maxDepth * 4) return true;
    const reference = isObject(node) ? node["$ref"] : undefined;
    if (typeof reference === "string") {
      const known = state.get(reference);
      if (known !== undefined) return known === "open";
      state.set(reference, "open");
      if (reference === "#" || leadsBack(resolveReference(reference, root), depth + 1)) return true;
      state.set(reference, "done");
    }
    return Object.entries(node).some(([key, value]) => key !== "$ref" && leadsBack(value, depth + 1));
  };
  return leadsBack(root, 0);
}
