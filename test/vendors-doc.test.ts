import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parts, vendorTables } from "../scripts/vendor-doc.ts";

// When it fails: node scripts/write-vendor-doc.mjs
test.each(parts)("docs/vendors.md has the table of %s as the files of the vendors say it", (part) => {
  const text = readFileSync(new URL("../docs/vendors.md", import.meta.url), "utf8");
  const [begin, end] = [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`];
  expect(text.slice(text.indexOf(begin) + begin.length, text.indexOf(end)).trim()).toBe(vendorTables()[part]);
});
