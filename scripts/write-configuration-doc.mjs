// Writes docs/configuration.md, docs/configuration.zh-CN.md, docs/providers.schema.json and the settings of providers.example.yaml from the settings and the
// schema of the file format: node scripts/write-configuration-doc.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("configuration-pages.ts", (pages) => {
  const { configurationDoc, chineseConfigurationDoc, schemaText, untranslated, withExampleSettings } = pages;
  writeFileSync(join(root, "docs/configuration.md"), configurationDoc());
  writeFileSync(join(root, "docs/configuration.zh-CN.md"), chineseConfigurationDoc());
  const { missing } = untranslated();
  if (missing.length > 0)
    console.log(`scripts/configuration-zh.ts has no Chinese text for:\n  ${missing.join("\n  ")}`);
  writeFileSync(join(root, "docs/providers.schema.json"), schemaText());
  const example = join(root, "providers.example.yaml");
  writeFileSync(example, withExampleSettings(readFileSync(example, "utf8")));
});
