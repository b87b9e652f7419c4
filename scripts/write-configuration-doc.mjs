// Writes docs/configuration.md and docs/providers.schema.json from the schema of the file format: node scripts/write-configuration-doc.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("configuration-doc.ts", ({ configurationDoc, schemaText }) => {
  writeFileSync(join(root, "docs/configuration.md"), configurationDoc());
  writeFileSync(join(root, "docs/providers.schema.json"), schemaText());
});
