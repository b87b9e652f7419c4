import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../base/json.ts";
import { toGeminiSchema } from "./gemini-schema.ts";
import { shapeSchema } from "./common-schema.ts";
import { cleanParameters } from "./tool-schema.ts";

const text = { type: "string" };

const { schema } = fc.letrec((tie) => {
  const child = tie("schema");
  const properties = fc.dictionary(fc.constantFrom("a", "b", "c"), child, { maxKeys: 3 });
  const branches = fc.array(fc.oneof(child, fc.constant({ required: ["a"] })), { minLength: 1, maxLength: 3 });
  return {
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<unknown>(
        true,
        false,
        {},
        { description: "x" },
        { type: "array" },
        { type: "array", items: true },
        { type: "string", pattern: String.raw`^\p{L}+$` },
        { type: "string", anyOf: [{ enum: ["a"] }, { format: "uri" }] },
        { anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }], default: null, description: "x" },
        { enum: ["a", "b"] },
        { $ref: "#/$defs/d" },
      ),
      fc.record({ type: fc.constant("object"), properties, required: fc.constant(["a", "z"]) }),
      fc.record({ type: fc.constant("array"), items: child }),
      fc.record({ anyOf: branches }),
      fc.record({ oneOf: branches, description: fc.constant("x") }),
      fc.record({ type: fc.constantFrom("object", "string"), anyOf: branches }),
      fc.record({ type: fc.constant("object"), properties, allOf: branches }),
    ),
  };
});

const root = fc
  .tuple(fc.dictionary(fc.constantFrom("type", "x"), fc.constant("object")), schema, schema)
  .map(([more, one, definition]) => ({ ...(isObject(one) ? one : {}), ...more, $defs: { d: definition } }) as object);

/** What is wrong with a schema for the vendor that takes the least. */
function faults(node: unknown, path: string, isGemini: boolean): string[] {
  if (!isObject(node)) return [`${path}: ${String(node)}`];
  const found: string[] = [];
  const { type, items, properties, anyOf } = node;
  if ("pattern" in node) found.push(`${path}: pattern`);
  if (type === "array" && items === undefined) found.push(`${path}: an array without items`);
  if (type !== undefined && (anyOf ?? node["oneOf"]) !== undefined) found.push(`${path}: a choice beside a type`);
  if (isGemini && anyOf !== undefined && Object.keys(node).length > 1) found.push(`${path}: more beside anyOf`);
  if (isGemini && type === undefined && anyOf === undefined) found.push(`${path}: no type`);
  if (items !== undefined && !Array.isArray(items)) found.push(...faults(items, `${path}.items`, isGemini));
  for (const [name, one] of Object.entries(isObject(properties) ? properties : {})) {
    const isTyped = isObject(one) && ["type", "$ref", "enum", "anyOf", "oneOf", "allOf"].some((key) => key in one);
    if (!isTyped) found.push(`${path}.${name}: a property without a type`);
    found.push(...faults(one, `${path}.${name}`, isGemini));
  }
  for (const branch of Array.isArray(anyOf) ? anyOf : []) {
    if (isObject(branch)) found.push(...faults(branch, `${path}.anyOf`, isGemini));
  }
  return found;
}

describe("the parameters of any tool", () => {
  it("are in words that every vendor takes, in Gemini's dialect too", () => {
    fc.assert(
      fc.property(root, (schema) => {
        const before = JSON.stringify(schema);
        const cleaned = cleanParameters(schema, "x");
        expect(JSON.stringify(schema)).toBe(before);
        expect(cleaned["type"]).toBe("object");
        for (const key of ["anyOf", "oneOf", "allOf"]) expect(cleaned).not.toHaveProperty(key);
        expect(faults(cleaned, "", false)).toEqual([]);
        expect(faults(toGeminiSchema(cleaned), "", true)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, object, object]>([
    ["a root anyOf", { anyOf: [obj("a"), obj("b")] }, { type: "object", properties: { a: text, b: text } }],
    [
      "a root oneOf that only says what is required",
      { type: "object", properties: { a: text, b: text }, oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      { type: "object", properties: { a: text, b: text } },
    ],
    [
      "a root allOf",
      { allOf: [obj("a"), { $ref: "#/$defs/b" }], $defs: { b: obj("b") } },
      { $defs: { b: obj("b") }, type: "object", properties: { a: text, b: text }, required: ["a", "b"] },
    ],
    [
      "what all branches require",
      {
        anyOf: [
          { ...obj("a"), required: ["a"] },
          { ...obj("a"), required: ["a", "b"] },
        ],
      },
      { type: "object", properties: { a: text }, required: ["a"] },
    ],
    [
      "a property that must not be there",
      { type: "object", properties: { a: text, b: false }, required: ["a", "b"] },
      { type: "object", properties: { a: text }, required: ["a"] },
    ],
    [
      "a type beside anyOf",
      {
        type: "object",
        properties: { a: { type: "string", anyOf: [{ enum: ["x"] }, { minLength: 3, type: "string" }] } },
      },
      {
        type: "object",
        properties: {
          a: {
            anyOf: [
              { type: "string", enum: ["x"] },
              { minLength: 3, type: "string" },
            ],
          },
        },
      },
    ],
    [
      "a type beside choices that say nothing",
      { type: "object", properties: { a: { type: "string", anyOf: [{ format: "uri" }, { maxLength: 3 }] } } },
      { type: "object", properties: { a: text } },
    ],
  ])("%s", (_title, schema, cleaned) => {
    expect(cleanParameters(schema, "x")).toEqual(cleaned);
  });

  it("have what FastMCP writes for an optional value in Gemini's dialect", () => {
    const value = {
      anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }],
      default: null,
      description: "x",
    };
    const schema = toGeminiSchema(cleanParameters({ type: "object", properties: { value } }, "x"));
    expect(schema["properties"]).toEqual({
      value: {
        anyOf: [
          { description: "x", nullable: true, type: "string" },
          { description: "x", nullable: true, type: "integer" },
        ],
      },
    });
  });
});

function obj(name: string): object {
  return { type: "object", properties: { [name]: { type: "string" } }, required: [name] };
}

describe("listed values of other types than text", () => {
  const admits = (type: unknown, value: unknown): boolean =>
    type === typeof value ||
    (type === "number" && typeof value === "number") ||
    (type === "integer" && Number.isInteger(value)) ||
    (type === "array" && Array.isArray(value));

  it("give their type where none is said, and are told in the description", () => {
    const values = fc.oneof(
      fc.array(fc.integer(), { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom(0.5, 1, 2.5), { minLength: 1, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 2 }),
      fc.constant([{ a: 1 }]),
      fc.constant([["a"]]),
    );
    fc.assert(
      fc.property(values, fc.boolean(), fc.constantFrom("common" as const, "gemini" as const), (list, isOne, form) => {
        const node = isOne ? { const: list[0] } : { enum: list };
        const given = cleanParameters({ type: "object", properties: { node } }, "x");
        const shaped = shapeSchema(given, { toolSchema: form, omitSchema: [] })["properties"];
        const { type, description } = (shaped as { readonly node: JsonObject }).node;
        for (const value of isOne ? list.slice(0, 1) : list) expect(admits(type, value)).toBe(true);
        expect(description).toBe(isOne ? `{const: ${JSON.stringify(list[0])}}` : `{enum: ${JSON.stringify(list)}}`);
      }),
    );
  });

  it("leave no texts listed where other values stand beside them", () => {
    for (const form of ["common", "gemini"] as const) {
      const given = cleanParameters({ type: "object", properties: { node: { enum: [1, "a", null] } } }, "x");
      const { node } = shapeSchema(given, { toolSchema: form, omitSchema: [] })["properties"] as { node: JsonObject };
      expect(node).toEqual({ type: "string", description: '{enum: [1,"a",null]}' });
    }
  });

  it.each([
    [{ type: "STRING" }, { type: "string" }],
    [
      { type: "INTEGER", minimum: 1 },
      { type: "integer", description: "{minimum: 1}" },
    ],
    [{ type: "any" }, { type: "string" }],
    [
      { type: "file", description: "a path" },
      { type: "string", description: "a path" },
    ],
  ])("and types that JSON Schema has not become those that it has: %j", (node, expected) => {
    const given = cleanParameters({ type: "object", properties: { node } }, "x");
    const shaped = shapeSchema(given, { toolSchema: "common", omitSchema: [] });
    expect(shaped["properties"]).toEqual({ node: expected });
  });
});
