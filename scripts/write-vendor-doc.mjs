// Writes the rows of docs/vendors.md from the vendors: node scripts/write-vendor-doc.mjs
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// Inside of the project, because what is bundled still imports its packages from there.
const folder = mkdtempSync(join(root, "node_modules", ".ccpb-vendors-"));

try {
  await build({
    entry: [join(root, "scripts/vendor-doc.ts")],
    outDir: folder,
    format: "esm",
    platform: "node",
    noExternal: [/./],
    config: false,
    silent: true,
    tsconfig: join(root, "tsconfig.json"),
  });
  const { marks, vendorRows } = await import(pathToFileURL(join(folder, "vendor-doc.mjs")).href).catch(
    () => import(pathToFileURL(join(folder, "vendor-doc.js")).href),
  );
  const path = join(root, "docs/vendors.md");
  const text = readFileSync(path, "utf8");
  const [begin, end] = marks.map((mark) => text.indexOf(mark));
  writeFileSync(path, `${text.slice(0, begin + marks[0].length)}\n\n${vendorRows()}\n\n${text.slice(end)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
