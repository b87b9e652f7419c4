// Writes docs/api/*.md, the public surface of @ccpb/core entry by entry: node scripts/write-api-report.mjs
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// Inside of the project, because what is bundled still imports its packages from there.
const folder = mkdtempSync(join(root, "node_modules", ".ccpb-api-"));

try {
  const outfile = join(folder, "api-report.mjs");
  const entryPoints = [join(root, "scripts/api-report.ts")];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", packages: "external" });
  const { apiReports, reportPath } = await import(pathToFileURL(outfile).href);
  mkdirSync(join(root, "docs/api"), { recursive: true });
  for (const { name, markdown } of apiReports(root)) writeFileSync(join(root, reportPath(name)), markdown);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
