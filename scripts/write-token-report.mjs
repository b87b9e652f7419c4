// Writes the tables of docs/token-counts.md from the recordings, where they stand beside the repository: node scripts/write-token-report.mjs
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const page = join(root, "docs/token-counts.md");
const [begin, end] = ["<!-- measured -->\n", "<!-- /measured -->"];
const folder = mkdtempSync(join(root, "node_modules", ".ccpb-tokens-"));

try {
  await build({
    entry: { report: join(root, "scripts/token-report.ts") },
    outDir: folder,
    format: "esm",
    outExtension: () => ({ js: ".mjs" }),
    platform: "node",
    noExternal: [/./],
    config: false,
    silent: true,
    tsconfig: join(root, "tsconfig.json"),
  });
  const { tokenReport } = await import(pathToFileURL(join(folder, "report.mjs")).href);
  const report = tokenReport(root);
  if (report === undefined) throw new Error("../shared/fixtures is not there: nothing was measured");
  const text = readFileSync(page, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/token-counts.md: no ${begin.trim()} … ${end}`);
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(page, `${before}${begin}\nMeasured on ${date}. ${report}\n${end}${after}`);
  console.log(report);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
