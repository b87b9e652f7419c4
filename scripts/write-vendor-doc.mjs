// Writes the rows of docs/vendors.md from the vendors: node scripts/write-vendor-doc.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("vendor-doc.ts", ({ marks, vendorRows }) => {
  const path = join(root, "docs/vendors.md");
  const text = readFileSync(path, "utf8");
  const [begin, end] = marks.map((mark) => text.indexOf(mark));
  writeFileSync(path, `${text.slice(0, begin + marks[0].length)}\n\n${vendorRows()}\n\n${text.slice(end)}`);
});
