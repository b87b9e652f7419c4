// Writes docs/configuration.md, docs/configuration.zh-CN.md and docs/providers.schema.json from the schema of the file format: node scripts/write-configuration-doc.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("configuration-doc.ts", ({ configurationDoc, chineseConfigurationDoc, schemaText, untranslated }) => {
  writeFileSync(join(root, "docs/configuration.md"), configurationDoc());
  writeFileSync(join(root, "docs/configuration.zh-CN.md"), chineseConfigurationDoc());
  const { missing } = untranslated();
  if (missing.length > 0)
    console.log(`scripts/configuration-zh.ts has no Chinese text for:\n  ${missing.join("\n  ")}`);
  writeFileSync(join(root, "docs/providers.schema.json"), schemaText());
});
