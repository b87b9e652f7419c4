import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** The folder of the project. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Imports a TypeScript file of `scripts`, with all that it imports of the sources, without a build of the packages.
 *
 * @param name - such as `configuration-doc.ts`.
 * @param use - is given the module. Files that it imports later are not there any more when it has returned.
 * @param options - further options of the bundler.
 */
export async function withSource(name, use, options = {}) {
  // Inside of the project, because what is bundled may still import its packages from there.
  const folder = mkdtempSync(join(root, "node_modules", ".ccpb-doc-"));
  try {
    const outfile = join(folder, "made.mjs");
    const entryPoints = [join(root, "scripts", name)];
    await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", logLevel: "error", ...options });
    await use(await import(pathToFileURL(outfile).href));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
