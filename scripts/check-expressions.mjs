// Checks every regular expression literal of the sources that is not yet in test/linear-expressions.json with recheck, and writes the linear ones there, so
// that the test need not check them. Usage: node scripts/check-expressions.mjs [--all], where --all checks those of the list again (a minute). Exits with 1
// where one is not linear.
import { readFileSync, writeFileSync } from "node:fs";
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

// Wordings of errors, read from texts of at most 8 kB: recheck takes minutes for them.
const wordings = /^packages\/core\/src\/(?:failures\/|policy\/refus)/;
const list = resolve(root, "test/linear-expressions.json");
const known = new Set(process.argv[2] === "--all" ? [] : JSON.parse(readFileSync(list, "utf8")));
const linear = new Set();
let isFaulty = false;
for (const { place, source, flags } of readSources().expressions) {
  const text = `/${source}/${flags}`;
  if (wordings.test(place) || linear.has(text)) continue;
  const found = known.has(text) ? { status: "safe" } : checkSync(source, flags, { timeout: 60_000 });
  if (found.status === "safe") linear.add(text);
  else {
    isFaulty = true;
    process.stdout.write(`${place} ${text}: ${found.status} ${found.complexity?.summary ?? ""}\n`);
  }
}
writeFileSync(
  list,
  `${JSON.stringify(
    [...linear].sort((one, other) => (one < other ? -1 : 1)),
    null,
    2,
  )}\n`,
);
process.exitCode = isFaulty ? 1 : 0;
