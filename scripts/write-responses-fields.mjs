// Writes docs/doors/responses-fields.md from the table of the reader of Responses requests: node scripts/write-responses-fields.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("responses-fields-doc.ts", ({ responsesFieldsDoc }) => {
  writeFileSync(join(root, "docs/doors/responses-fields.md"), responsesFieldsDoc());
});
