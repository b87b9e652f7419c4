import { CredentialError } from "@ccpb/core";

/**
 * Loads a package that only some credentials need, and that is not installed with ccpb.
 *
 * @param load - Imports it: `() => import("google-auth-library")`.
 * @param need - Setting that needs it, for the error: `auth_type: google`.
 * @param packages - Packages to install.
 * @throws `CredentialError` naming the command that installs it.
 */
export async function loadOptional<Module>(
  load: () => Promise<Module>,
  need: string,
  packages: readonly string[],
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const names = packages.join(" ");
    const verb = packages.length === 1 ? "which cannot be loaded" : "which cannot all be loaded";
    throw new CredentialError(
      `${need} needs ${packages.join(" and ")}, ${verb}: install where ccpb is (npm install ${names}, with --global for a global ccpb; with npx: npx --yes ${packages.map((name) => `--package ${name}`).join(" ")} --package @ccpb/server ccpb)`,
      { cause },
    );
  }
}
