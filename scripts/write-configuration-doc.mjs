// Writes docs/configuration.md and docs/providers.schema.json from the schema of the file format: node scripts/write-configuration-doc.mjs
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// Inside of the project, because what is bundled still imports its packages from there.
const folder = mkdtempSync(join(root, "node_modules", ".ccpb-doc-"));

try {
  await build({
    entry: [join(root, "scripts/configuration-doc.ts")],
    outDir: folder,
    format: "esm",
    platform: "node",
    noExternal: [/./],
    config: false,
    silent: true,
    tsconfig: join(root, "tsconfig.json"),
  });
  const { configurationDoc, schemaText } = await import(
    pathToFileURL(join(folder, "configuration-doc.mjs")).href
  ).catch(() => import(pathToFileURL(join(folder, "configuration-doc.js")).href));
  writeFileSync(join(root, "docs/configuration.md"), configurationDoc());
  writeFileSync(join(root, "docs/providers.schema.json"), schemaText());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
