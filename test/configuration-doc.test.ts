import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationDoc, schemaText } from "../scripts/configuration-doc.ts";

const read = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");

// When these fail: node scripts/write-configuration-doc.mjs
test("docs/configuration.md is what the schema of the file format says", () => {
  expect(read("configuration.md")).toBe(configurationDoc());
});

test("docs/providers.schema.json is the schema of the file format", () => {
  expect(read("providers.schema.json")).toBe(schemaText());
});
