// Writes docs/doors/responses-fields.md from the table of the reader of Responses requests: node scripts/write-responses-fields.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const outfile = resolve(root, "node_modules/.cache/responses-fields-doc.mjs");
await build({
  entryPoints: [resolve(root, "scripts/responses-fields-doc.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
});
const { responsesFieldsDoc } = await import(outfile);
mkdirSync(resolve(root, "docs/doors"), { recursive: true });
writeFileSync(resolve(root, "docs/doors/responses-fields.md"), responsesFieldsDoc());
