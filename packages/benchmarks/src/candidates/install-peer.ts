import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../rig/folders.ts";
import { UnavailableError } from "../rig/native-program.ts";

/** Installs a package of npm into a cache folder of its own, once, and returns the folder of the package. Throws `UnavailableError`. */
export function installPeer(name: string, version: string): string {
  const folder = cacheFolder("peers", `${name.replaceAll(/[@/]/g, "_")}-${version}`);
  const installed = join(folder, "node_modules", name);
  const done = join(folder, "installed");
  if (existsSync(done)) return installed;
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "--no-save", `${name}@${version}`], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 240_000,
    });
  } catch (cause) {
    const text = String((cause as { stderr?: unknown }).stderr ?? cause).trim();
    throw new UnavailableError(`npm could not install ${name}@${version}: ${text.slice(0, 300)}`, { cause });
  }
  writeFileSync(done, "");
  return installed;
}
