import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CredentialError } from "@ccpb/core";

/** Describes a package that only some credentials need, and that is not installed with ccpb. */
export interface OptionalPackage {
  /** Name of the package. */
  readonly name: string;
  /** Setting that needs it, for the error: `auth_type: google`. */
  readonly need: string;
  /** All packages that the setting needs, which the error says how to install. */
  readonly packages: readonly string[];
  /** Folders in which it is looked for where the import does not find it. Default: `globalFolders` of this process. */
  readonly folders?: readonly string[];
}

/**
 * Loads a package that only some credentials need: by its import, else from the folder of npm's global packages.
 *
 * @param load - Imports it: `() => import("google-auth-library")`.
 * @throws `CredentialError` naming the command that installs it.
 */
export async function loadOptional<Module>(
  load: () => Promise<Module>,
  { name, need, packages, folders = globalFolders(process) }: OptionalPackage,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const found = folders.map((folder) => requireFrom(folder, name)).find((module) => module !== undefined);
    // `require` gives the names that the import would have.
    if (found !== undefined) return found as Module;
    const names = packages.join(" ");
    const asPackages = packages.map((one) => `--package ${one}`).join(" ");
    throw new CredentialError(
      `${need} needs ${packages.length === 1 ? "a package" : "packages"} that cannot be loaded: npm install --global ${names} (without --global beside a local @ccpb/server; with npx: npx --yes ${asPackages} --package @ccpb/server ccpb)`,
      { cause },
    );
  }
}

/**
 * Lists the folders in which npm keeps global packages. A global ccpb that is a link into a clone does not find them by itself, because Node follows the
 * link first and looks above the clone.
 *
 * @param place - The arguments, the program and the variables of a process.
 */
export function globalFolders({
  argv,
  execPath,
  env,
}: Pick<NodeJS.Process, "argv" | "execPath" | "env">): readonly string[] {
  const command = argv[1];
  const { npm_config_global_prefix: prefix, APPDATA: appData } = env;
  return [
    // PREFIX/bin/ccpb and PREFIX/bin/node
    ...(command === undefined ? [] : [join(dirname(command), "../lib/node_modules")]),
    ...(prefix === undefined ? [] : [join(prefix, "lib/node_modules"), join(prefix, "node_modules")]),
    join(dirname(execPath), "../lib/node_modules"),
    // Windows has no lib in between.
    join(dirname(execPath), "node_modules"),
    ...(appData === undefined ? [] : [join(appData, "npm/node_modules")]),
  ];
}

function requireFrom(folder: string, name: string): unknown {
  try {
    return createRequire(join(folder, "ccpb.js"))(name);
  } catch {
    // It is not there. Where it is and cannot be loaded, the error of the import says enough.
    return undefined;
  }
}
