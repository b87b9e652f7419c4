import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { responsesFieldsDoc } from "../scripts/responses-fields-doc.ts";

// When this fails: node scripts/write-responses-fields.mjs
test("docs/doors/responses-fields.md is what the reader of Responses requests does", () => {
  const text = readFileSync(new URL("../docs/doors/responses-fields.md", import.meta.url), "utf8");
  expect(text).toBe(responsesFieldsDoc());
});
