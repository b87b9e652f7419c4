import { describe, expect, it } from "vitest";
import { toGeminiSchema } from "./gemini-schema.ts";
import { meetsStrictSubset } from "./strict-schema.ts";
import { cleanParameters, cleanSchema } from "./tool-schema.ts";

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = { type: "string" };
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

describe("a cleaned schema", () => {
  it("shares what needs no change", () => {
    const schema = { type: "object", properties: { a: { type: "array", items: { type: "string" } } } };
    expect(cleanSchema(schema, "x")).toBe(schema);
  });

  it("loses $schema and $id, and gains properties, at any depth", () => {
    const schema = {
      $schema: "s",
      type: "object",
      properties: {
        $id: { type: "object" },
        list: { type: "array", items: { $id: "i", type: "object", additionalProperties: { type: "object" } } },
      },
      $defs: { d: { anyOf: [{ type: "object" }, { type: "null" }] } },
    };
    expect(cleanSchema(schema, "x")).toEqual({
      type: "object",
      properties: {
        $id: { type: "object", properties: {} },
        list: {
          type: "array",
          items: { type: "object", additionalProperties: { type: "object", properties: {} }, properties: {} },
        },
      },
      $defs: { d: { anyOf: [{ type: "object", properties: {} }, { type: "null" }] } },
    });
  });

  it("leaves data in a schema alone", () => {
    const schema = {
      type: "object",
      properties: { a: { enum: [{ $schema: "s", type: "object" }], default: { type: "object" } } },
    };
    expect(cleanSchema(schema, "x")).toBe(schema);
  });

  it("keeps a member named __proto__ as a member", () => {
    const schema = JSON.parse('{"$schema":"s","type":"object","properties":{"__proto__":{"type":"object"}}}') as Record<
      string,
      unknown
    >;
    const cleaned = cleanSchema(schema, "x");
    expect(JSON.stringify(cleaned)).toBe(
      '{"type":"object","properties":{"__proto__":{"type":"object","properties":{}}}}',
    );
    expect(Object.getPrototypeOf(cleaned["properties"])).toBe(Object.prototype);
  });

  it("always describes an object where it is a tool's", () => {
    for (const schema of [undefined, null, 3, "x", [], true])
      expect(cleanParameters(schema, "x")).toEqual({ type: "object", properties: {} });
    expect(cleanParameters({ properties: { a: { type: "null" } } }, "x")).toEqual({
      type: "object",
      properties: { a: { type: "null" } },
    });
    expect(cleanParameters({ type: "object", properties: null }, "x")).toEqual({ type: "object", properties: {} });
  });

  it("is refused with its place where it is nested without end", () => {
    const deep = (wrap: (inner: unknown) => unknown) => (): unknown =>
      cleanSchema(nested(10_000, wrap) as Record<string, unknown>, "tools.3.input_schema");
    expect(deep((inner) => ({ type: "array", items: inner }))).toThrow(/^tools\.3\.input_schema: /);
    expect(deep((inner) => ({ default: inner }))).toThrow(/^tools\.3\.input_schema: /);
    expect(deep((inner) => ({ anyOf: [inner] }))).toThrow(/^tools\.3\.input_schema: /);
  });
});

describe("OpenAI's strict subset", () => {
  const closed = {
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a"],
    additionalProperties: false,
  };

  it("takes closed objects with every property required", () => {
    expect(meetsStrictSubset(closed)).toBe(true);
    expect(meetsStrictSubset({ ...closed, properties: { a: { type: "array", items: closed } } })).toBe(true);
    expect(meetsStrictSubset({ ...closed, properties: { a: { anyOf: [closed, { type: "null" }] } } })).toBe(true);
  });

  it.each([
    ["open", { ...closed, additionalProperties: true }],
    ["with an optional property", { ...closed, required: [] }],
    ["with a keyword outside it", { ...closed, properties: { a: { type: "string", minLength: 1 } } }],
    ["with a default", { ...closed, properties: { a: { type: "string", default: "x" } } }],
    ["with a format outside it", { ...closed, properties: { a: { type: "string", format: "uri" } } }],
    ["with an open object inside", { ...closed, properties: { a: { type: "object", properties: {} } } }],
    ["of another type", { type: "string" }],
    ["a choice at the root", { ...closed, anyOf: [closed] }],
    ["an array of anything", { ...closed, properties: { a: { type: "array" } } }],
  ])("refuses one that is %s", (_name, schema) => {
    expect(meetsStrictSubset(schema)).toBe(false);
  });
});

describe("Gemini's schema", () => {
  it("has no keyword that Gemini does not know", () => {
    expect(
      toGeminiSchema({
        $schema: "s",
        type: "object",
        additionalProperties: false,
        properties: {
          a: { const: "x", exclusiveMinimum: 1, pattern: "^x" },
          b: { type: ["string", "null"], format: "uri" },
          c: { type: "string", format: "date-time", propertyNames: {} },
          d: { type: "integer", enum: [1, 2] },
          e: { anyOf: [{ type: "string" }, { type: "null" }], description: "E" },
          f: { type: "array" },
          g: { oneOf: [{ type: "string" }, { type: "integer" }] },
          h: { enum: ["", "y"] },
          i: true,
        },
        required: ["a", "gone"],
      }),
    ).toEqual({
      type: "object",
      properties: {
        a: { type: "string", enum: ["x"] },
        b: { type: "string", nullable: true },
        c: { type: "string", format: "date-time" },
        d: { type: "integer", description: "{enum: [1,2]}" },
        e: { type: "string", nullable: true, description: "E" },
        f: { type: "array", items: { type: "string" } },
        g: { anyOf: [{ type: "string" }, { type: "integer" }] },
        h: { type: "string", enum: ["y"] },
        i: { type: "string" },
      },
      required: ["a"],
    });
  });

  it("has references inlined, and ends recursive ones", () => {
    const schema = {
      type: "object",
      properties: { n: { $ref: "#/$defs/node", description: "N" }, missing: { $ref: "#/$defs/none" } },
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
    };
    const text = JSON.stringify(toGeminiSchema(schema));
    expect(text).not.toContain("$ref");
    expect(text).toContain('"description":"N"');
    expect(text.length).toBeLessThan(5000);
  });

  it("has the parts of allOf taken together", () => {
    const schema = {
      allOf: [
        { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { b: { type: "number" } } },
      ],
    };
    expect(toGeminiSchema(schema)).toEqual({
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number" } },
      required: ["a"],
    });
  });

  it("has allOf around a reference resolved, even one that leads back to itself", () => {
    const schema = {
      type: "object",
      properties: { a: { allOf: [{ $ref: "#/$defs/t" }], description: "A" } },
      $defs: { t: { type: "integer", minimum: 1 }, u: { allOf: [{ $ref: "#/$defs/u" }] } },
    };
    expect(toGeminiSchema(schema)["properties"]).toEqual({ a: { type: "integer", minimum: 1, description: "A" } });
    expect(toGeminiSchema({ ...schema, properties: { a: { $ref: "#/$defs/u" } } })["properties"]).toEqual({
      a: { type: "object", properties: {} },
    });
  });

  it("does not grow without bound from references that branch", () => {
    const schema = {
      type: "object",
      properties: { a: { $ref: "#/$defs/t" } },
      $defs: { t: { type: "object", properties: { l: { $ref: "#/$defs/t" }, r: { $ref: "#/$defs/t" } } } },
    };
    expect(JSON.stringify(toGeminiSchema(schema)).length).toBeLessThan(1000);
    // Each definition uses the next one three times, and none itself.
    const definitions = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => {
        const next = { $ref: `#/$defs/d${index + 1}` };
        return [`d${index}`, { type: "object", properties: { a: next, b: next, c: next } }];
      }),
    );
    const laughing = {
      type: "object",
      properties: { a: { $ref: "#/$defs/d0" } },
      $defs: { ...definitions, d20: { type: "string" } },
    };
    expect(JSON.stringify(toGeminiSchema(laughing)).length).toBeLessThan(100_000);
  });
});
