// Writes docs/recipes/providers.md and its Chinese counterpart from the presets of `ccpb init`: node scripts/write-provider-recipes.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("provider-recipes.ts", ({ providerRecipes }) => {
  writeFileSync(join(root, "docs/recipes/providers.md"), providerRecipes("en"));
  writeFileSync(join(root, "docs/recipes/providers.zh-CN.md"), providerRecipes("zh"));
});
