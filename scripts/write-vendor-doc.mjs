// Writes the tables of docs/vendors.md from the files of the vendors: node scripts/write-vendor-doc.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("vendor-doc.ts", ({ parts, vendorTables }) => {
  const path = join(root, "docs/vendors.md");
  const tables = vendorTables();
  let text = readFileSync(path, "utf8");
  for (const part of parts) {
    const [begin, end] = [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`].map((mark) => text.indexOf(mark));
    text = `${text.slice(0, begin)}<!-- ${part}: begin -->\n\n${tables[part]}\n\n${text.slice(end)}`;
  }
  writeFileSync(path, text);
});
