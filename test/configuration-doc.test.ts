import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chineseConfigurationDoc, configurationDoc, schemaText, untranslated } from "../scripts/configuration-doc.ts";
import { withExampleSettings } from "../scripts/example-settings.ts";

const read = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");

// When these fail: node scripts/write-configuration-doc.mjs
test("docs/configuration.md is what the schema of the file format says", () => {
  expect(read("configuration.md")).toBe(configurationDoc());
});

test("docs/providers.schema.json is the schema of the file format", () => {
  expect(read("providers.schema.json")).toBe(schemaText());
});

test("providers.example.yaml shows every setting as its row says", () => {
  const example = read("../providers.example.yaml");
  expect(example).toBe(withExampleSettings(example));
});

test("docs/configuration.zh-CN.md is what the schema and its Chinese texts say", () => {
  expect(read("configuration.zh-CN.md")).toBe(chineseConfigurationDoc());
});

// A setting that was added a moment ago may wait for its Chinese text; the page as a whole may not.
test("nearly every description has its Chinese text", () => {
  const { all, missing } = untranslated();
  expect(all.length).toBeGreaterThan(150);
  expect(missing.length, missing.join("\n")).toBeLessThan(all.length / 20);
});
