// Checks every regular expression literal of the sources with recheck, and writes those that are linear to test/linear-expressions.json, so that the
// test need not check them again. Usage: node scripts/check-expressions.mjs [EXPRESSION OF PLACES TO LEAVE OUT]. Takes a minute; exits with 1 where one is not linear.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

process.env["RECHECK_BACKEND"] = "pure";
const { checkSync } = await import("recheck");

const root = resolve(import.meta.dirname, "..");
const outfile = resolve(root, "node_modules/.cache/expression-sources.mjs");
await build({
  entryPoints: [resolve(root, "test/expression-sources.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  define: { "import.meta.dirname": JSON.stringify(resolve(root, "test")) },
});
const { readSources } = await import(outfile);

const linear = new Set();
let isFaulty = false;
for (const { place, source, flags } of readSources().expressions) {
  if (process.argv[2] !== undefined && new RegExp(process.argv[2]).test(place)) continue;
  const text = `/${source}/${flags}`;
  if (linear.has(text)) continue;
  const found = checkSync(source, flags, { timeout: 30_000 });
  if (found.status === "safe") linear.add(text);
  else {
    isFaulty = true;
    process.stdout.write(`${place} ${text}: ${found.status} ${found.complexity?.summary ?? ""}\n`);
  }
}
writeFileSync(resolve(root, "test/linear-expressions.json"), `${JSON.stringify([...linear], null, 2)}\n`);
process.exitCode = isFaulty ? 1 : 0;
