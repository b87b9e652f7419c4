import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package, from its sources or from its bundle. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && readFileSync(manifest, "utf8").includes('"@ccpb/benchmarks"')) return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error("the benchmarks package was not found above its own code");
    folder = parent;
  }
}

/** The root of the repository. */
export function repositoryFolder(): string {
  return dirname(dirname(packageFolder()));
}

/** A folder under `.cache`, which git ignores; made if it is missing. */
export function cacheFolder(...names: readonly string[]): string {
  const folder = join(packageFolder(), ".cache", ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
