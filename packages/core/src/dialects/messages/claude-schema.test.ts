import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../base/json.ts";
import { toClaudeSchema } from "./claude-schema.ts";

const closed = (properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject => ({
  type: "object",
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
});
const shapedOf = (schema: JsonObject) => toClaudeSchema(schema)?.schema;

describe("a schema for Claude", () => {
  it.each<readonly [string, JsonObject, JsonObject]>([
    [
      "limits of a number",
      { type: "integer", minimum: 1, maximum: 10 },
      { type: "integer", description: "{minimum: 1, maximum: 10}" },
    ],
    [
      "an integer of zod",
      { type: "integer", minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 },
      { type: "integer", description: "{minimum: -9007199254740991, maximum: 9007199254740991}" },
    ],
    [
      "limits of a string, behind its description",
      { type: "string", description: "A name.", minLength: 1, pattern: "^[a-z]+$" },
      { type: "string", description: 'A name. {minLength: 1, pattern: "^[a-z]+$"}' },
    ],
    ["a format that it has", { type: "string", format: "uuid" }, { type: "string", format: "uuid" }],
    [
      "a format that it has not",
      { type: "string", format: "color" },
      { type: "string", description: '{format: "color"}' },
    ],
    [
      "limits of an array",
      { type: "array", items: { type: "string" }, minItems: 1, maxItems: 5 },
      { type: "array", items: { type: "string" }, minItems: 1, description: "{maxItems: 5}" },
    ],
    [
      "more than one item",
      { type: "array", items: { type: "string" }, minItems: 8 },
      { type: "array", items: { type: "string" }, description: "{minItems: 8}" },
    ],
    [
      "a value that may be absent",
      { type: ["string", "null"], maxLength: 3 },
      { type: ["string", "null"], description: "{maxLength: 3}" },
    ],
    ["a choice", { oneOf: [{ type: "string" }, { type: "null" }] }, { anyOf: [{ type: "string" }, { type: "null" }] }],
    ["listed values", { type: "string", enum: ["a", "b"] }, { type: "string", enum: ["a", "b"] }],
    ["one value", { const: "a" }, { const: "a" }],
    ["a default", { type: "string", default: "x" }, { type: "string", description: '{default: "x"}' }],
    [
      "an object that is not closed",
      { type: "object", properties: { a: { type: "string" } } },
      closed({ a: { type: "string" } }, []),
    ],
    ["a reference", { $ref: "#/$defs/x" }, { $ref: "#/$defs/x" }],
    ["a reference of pydantic", { allOf: [{ $ref: "#/$defs/x" }], description: "d" }, { $ref: "#/$defs/x" }],
  ])("keeps what Claude compiles, and tells the rest: %s", (_name, member, expected) => {
    const definitions = { $defs: { x: { type: "string", maxLength: 2 } } };
    const root = { $schema: "https://json-schema.org/draft/2020-12/schema", ...closed({ m: member }), ...definitions };
    expect(shapedOf(root)).toEqual({
      ...closed({ m: expected }),
      $defs: { x: { type: "string", description: "{maxLength: 2}" } },
    });
  });

  it.each<readonly [string, JsonObject]>([
    ["members of any name", { type: "object", additionalProperties: { type: "string" } }],
    ["an object of which nothing is said", { type: "object" }],
    ["any value", {}],
    ["items of any kind", { type: "array" }],
    ["a tuple", { type: "array", prefixItems: [{ type: "string" }] }],
    ["parts that all have to hold", { allOf: [{ type: "string" }, { minLength: 1 }] }],
    ["a value that is an object", { const: { a: 1 } }],
    ["a reference elsewhere", { $ref: "https://example.test/schema.json" }],
    ["a reference to itself", { $ref: "#" }],
    ["a tree", { $ref: "#/$defs/node" }],
  ])("says when Claude cannot be held to it: %s", (_name, member) => {
    const node = closed({ next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } });
    expect(shapedOf({ ...closed({ m: member }), $defs: { node } })).toBeUndefined();
  });

  it("counts what Anthropic limits", () => {
    const inner = closed({ a: { type: ["string", "null"] }, b: { anyOf: [{ type: "string" }, { type: "null" }] } }, [
      "a",
    ]);
    expect(
      toClaudeSchema(closed({ list: { type: "array", items: inner }, c: { type: "string" } }, ["list"])),
    ).toMatchObject({
      optional: 2,
      unions: 2,
    });
  });

  it("changes nothing that is in the subset, whatever the order of members", () => {
    const schema = closed({
      a: closed({ b: { type: "array", items: { type: "number" }, minItems: 0 } }),
      c: { type: "boolean" },
    });
    expect(shapedOf(schema)).toEqual(schema);
  });

  it("holds to the subset for any schema, and never changes what it was given", () => {
    const name = fc.constantFrom("a", "b", "c");
    const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 3 },
        fc.record(
          {
            type: fc.constantFrom("string", "integer", "null", ["string", "null"]),
            description: fc.string(),
            format: fc.constantFrom("email", "color"),
            minimum: fc.integer(),
            pattern: fc.constant("^a$"),
            enum: fc.array(fc.constantFrom("a", 1, null), { minLength: 1 }),
            default: fc.jsonValue(),
          },
          { requiredKeys: ["type"] },
        ),
        fc.record(
          {
            type: fc.constant("object"),
            properties: fc.dictionary(name, tie("schema")),
            required: fc.uniqueArray(name),
            additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
            minProperties: fc.nat(),
          },
          { requiredKeys: ["type"] },
        ),
        fc.record(
          { type: fc.constant("array"), items: tie("schema"), minItems: fc.nat(3), uniqueItems: fc.boolean() },
          { requiredKeys: ["type"] },
        ),
        fc.record(
          { anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }), type: fc.constantFrom("object", "string") },
          { requiredKeys: ["anyOf"] },
        ),
      ) as fc.Arbitrary<JsonObject>,
    }));
    fc.assert(
      fc.property(schema, (given) => {
        const before = JSON.stringify(given);
        const shaped = shapedOf(given);
        expect(JSON.stringify(given)).toBe(before);
        if (shaped !== undefined) expect(faultsIn(shaped)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

const compiled = new Set(
  "type description title enum const anyOf properties required additionalProperties items minItems format $ref $defs definitions".split(
    " ",
  ),
);

/** What Anthropic's API would answer with a 400. */
function faultsIn(schema: unknown): readonly string[] {
  if (!isObject(schema)) return ["no schema"];
  const { properties, items, anyOf, minItems } = schema;
  return [
    ...Object.keys(schema).filter((key) => !compiled.has(key)),
    ...(schema["type"] === "object" && schema["additionalProperties"] !== false ? ["open object"] : []),
    ...(minItems === undefined || minItems === 0 || minItems === 1 ? [] : ["minItems"]),
    ...(schema["format"] === undefined || schema["format"] === "email" ? [] : ["format"]),
    ...(schema["type"] === "array" && items === undefined ? ["no items"] : []),
    ...(isObject(properties) ? Object.values(properties).flatMap(faultsIn) : []),
    ...(items === undefined ? [] : faultsIn(items)),
    ...(Array.isArray(anyOf) ? anyOf.flatMap(faultsIn) : []),
  ];
}
