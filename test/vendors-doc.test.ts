import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { marks, vendorRows } from "../scripts/vendor-doc.ts";

// When it fails: node scripts/write-vendor-doc.mjs
test("docs/vendors.md has every row of the vendors, with its source and date", () => {
  const text = readFileSync(new URL("../docs/vendors.md", import.meta.url), "utf8");
  const [begin, end] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
  expect(text.slice(begin + marks[0].length, end).trim()).toBe(vendorRows());
});
