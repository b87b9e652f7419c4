import { isObject, type JsonObject, stringifyJson } from "../../base/json.ts";

const choiceKeywords = ["allOf", "anyOf", "oneOf"] as const;
const maxNested = 16; // choices within choices; no real schema comes near

/** Returns the schema that a reference points at, settled itself; undefined where there is none, or where it is being settled. */
export type ResolveSchema = (reference: string) => JsonObject | undefined;

/** Keywords that restrict the values of a schema; the others describe, or concern members alone. */
const typeKeywords: readonly string[] = ["type", "$ref", "enum", "const", "properties", "items", ...choiceKeywords];

/**
 * Returns a schema whose choices (`anyOf`, `oneOf`, `allOf`) do not stand beside a type: vendors refuse that (Moonshot, Gemini), and choices at the root of a
 * tool's parameters (OpenAI, Anthropic). The branches of an object are taken together, and the type of any other schema goes into its branches.
 */
export function settleChoices(schema: JsonObject, resolve: ResolveSchema, nested = 0): JsonObject {
  if (nested > maxNested) return schema;
  let settled = schema;
  for (const key of choiceKeywords) {
    const branches = settled[key];
    if (!Array.isArray(branches) || settled["type"] === undefined) continue;
    settled =
      settled["type"] === "object"
        ? mergeBranches(settled, key, { resolve, nested: nested + 1 })
        : key === "allOf"
          ? settled
          : distributeType(settled, key, branches);
  }
  return settled;
}

/** Decides whether a schema restricts the values that it accepts. */
export function isTyped(schema: JsonObject): boolean {
  return typeKeywords.some((key) => schema[key] !== undefined);
}

function distributeType(schema: JsonObject, key: string, branches: readonly unknown[]): JsonObject {
  const { type, [key]: _branches, ...rest } = schema;
  const saying = branches.filter((branch): branch is JsonObject => isObject(branch) && isTyped(branch));
  if (saying.length === 0) return { type, ...rest };
  const isOpen = (branch: JsonObject): boolean => ["type", "$ref", ...choiceKeywords].every((one) => !(one in branch));
  return { ...rest, [key]: saying.map((branch) => (isOpen(branch) ? { type, ...branch } : branch)) };
}

interface Nesting {
  readonly resolve: ResolveSchema;
  readonly nested: number;
}

/** One object of the properties of all branches; required is what each of them requires, or for `allOf` any of them. */
function mergeBranches(schema: JsonObject, key: string, nesting: Nesting): JsonObject {
  const { [key]: branches, properties, required, ...rest } = schema;
  const own = isObject(properties) ? properties : {};
  const added = new Map<string, Map<string, unknown>>();
  const needed: ReadonlySet<unknown>[] = [];
  for (const branch of Array.isArray(branches) ? branches : []) {
    const part = objectOf(branch, nesting);
    if (part === undefined) continue;
    needed.push(new Set(listOf(part["required"])));
    for (const [name, one] of Object.entries(isObject(part["properties"]) ? part["properties"] : {})) {
      if (Object.hasOwn(own, name)) continue;
      const known = added.get(name) ?? new Map<string, unknown>();
      added.set(name, known.set(stringifyJson(one) ?? "", one));
    }
  }
  const merged = Object.fromEntries([
    ...Object.entries(own),
    ...[...added].map(([name, schemas]): [string, unknown] => {
      const all = [...schemas.values()];
      return [name, all.length === 1 ? all[0] : { anyOf: all }];
    }),
  ]);
  const all = [...new Set([...listOf(required), ...(key === "allOf" ? anyOf(needed) : eachOf(needed))])];
  const known = all.filter((name) => typeof name === "string" && Object.hasOwn(merged, name));
  return { ...rest, properties: merged, ...(known.length > 0 && { required: known }) };
}

/** A branch as an object's schema, its reference resolved; undefined where it is another type's. */
function objectOf(branch: unknown, { resolve, nested }: Nesting): JsonObject | undefined {
  let part = branch;
  for (let steps = 0; isObject(part) && typeof part["$ref"] === "string"; steps += 1) {
    if (steps > maxNested) return undefined;
    part = resolve(part["$ref"]);
  }
  if (!isObject(part)) return undefined;
  const { type } = part;
  if (type !== undefined && type !== "object") return undefined;
  return settleChoices({ ...part, type: "object" }, resolve, nested);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function anyOf(sets: readonly ReadonlySet<unknown>[]): readonly unknown[] {
  return sets.flatMap((set) => [...set]);
}

function eachOf([first, ...others]: readonly ReadonlySet<unknown>[]): readonly unknown[] {
  return first === undefined ? [] : [...first].filter((name) => others.every((set) => set.has(name)));
}
