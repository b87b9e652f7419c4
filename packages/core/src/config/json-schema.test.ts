import { expect, test } from "vitest";
import * as z from "zod";
import { configJsonSchema } from "./json-schema.ts";

// zod reads what it wrote: the notes for editors are left out, because its reader knows only what it can check.
function accepts(document: unknown): boolean {
  const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  return schema.safeParse(document).success;
}

const provider = { name: "a", type: "anthropic", base_url: "https://a.example", auth_value: "${KEY}" };

test("the schema is draft 7 and describes every key", () => {
  const schema = configJsonSchema();
  expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  const bare: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    const { properties } = value as { properties?: Record<string, { description?: string }> };
    for (const [key, child] of Object.entries(properties ?? {})) {
      if (child.description === undefined) bare.push(`${path}.${key}`);
    }
    for (const [key, child] of Object.entries(value)) walk(child, `${path}.${key}`);
  };
  walk(schema, "");
  expect(bare.filter((path) => !path.endsWith(".redis") && !path.endsWith(".prefix"))).toEqual([]);
});

test("it takes what loads", () => {
  expect(accepts({ providers: [provider] })).toBe(true);
  expect(
    accepts({ providers: [provider], settings: { port: "${PORT:-8080}", log_level: "info", metrics: "${M}" } }),
  ).toBe(true);
  expect(accepts({ providers: [provider], settings: { deduplication: {}, timeouts: { streaming: {} } } })).toBe(true);
});

test("it refuses what does not load", () => {
  expect(accepts({ providers: [{ ...provider, typ: "x" }] })).toBe(false);
  expect(accepts({ providers: [provider], settings: { port: "eighty" } })).toBe(false);
  expect(accepts({ providers: [{ ...provider, type: "x" }] })).toBe(false);
  expect(accepts({})).toBe(false);
});
