// Writes docs/doors/chat-fields.md from the table of the Chat members: node scripts/write-chat-fields.mjs
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// Inside of the project, because what is bundled still imports its packages from there.
const folder = mkdtempSync(join(root, "node_modules", ".ccpb-doc-"));

try {
  await build({
    entry: [join(root, "scripts/chat-fields-doc.ts")],
    outDir: folder,
    format: "esm",
    platform: "node",
    noExternal: [/./],
    config: false,
    silent: true,
    tsconfig: join(root, "tsconfig.json"),
  });
  const { chatFieldsDoc } = await import(pathToFileURL(join(folder, "chat-fields-doc.mjs")).href).catch(
    () => import(pathToFileURL(join(folder, "chat-fields-doc.js")).href),
  );
  mkdirSync(join(root, "docs/doors"), { recursive: true });
  writeFileSync(join(root, "docs/doors/chat-fields.md"), chatFieldsDoc());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
