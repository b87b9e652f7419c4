// Writes docs/recipes/providers.md and its Chinese counterpart from the presets of `ccpb init`: node scripts/write-provider-recipes.mjs
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(root, "node_modules", ".ccpb-doc-"));

try {
  const outfile = join(folder, "recipes.mjs");
  await build({
    entryPoints: [join(root, "scripts/provider-recipes.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const { providerRecipes } = await import(pathToFileURL(outfile).href);
  writeFileSync(join(root, "docs/recipes/providers.md"), providerRecipes("en"));
  writeFileSync(join(root, "docs/recipes/providers.zh-CN.md"), providerRecipes("zh"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
