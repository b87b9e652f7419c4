import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** Places where a configuration may be found. */
export interface FindOptions {
  /** `--config`, or the argument of `check`. */
  readonly configPath?: string;
  /** Source of `configPath` for messages; empty: the path stands in front of the message, and nothing else is to be said. Default: `--config`. */
  readonly configPathFrom?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

export type FoundConfig =
  /** `asked`: who named the file, so that it must be there; undefined where it was discovered. */
  | { readonly kind: "file"; readonly path: string; readonly asked?: string }
  /** No file; `looked` are the places, and `near` a file that is almost named right, or stands in a folder above that is not searched. */
  | { readonly kind: "none"; readonly looked: readonly string[]; readonly near?: string };

const names = ["providers.yaml", "ccpb.yaml"];
// Names that users write by mistake, and the name in later versions of the original.
const nearNames = [
  "providers.yml",
  "ccpb.yml",
  "config.yaml",
  "config.yml",
  "provider.yaml",
  "providers.yaml.txt",
  "providers.yml.txt",
  "providers.json",
];

/**
 * Returns the configuration file: `--config`, `CCPB_CONFIG` (or the original's `PROVIDERS_CONFIG_PATH`), `providers.yaml` or `ccpb.yaml` here and in each
 * folder above up to the project's root, `$XDG_CONFIG_HOME/ccpb/providers.yaml`.
 */
export function findConfig({ configPath, configPathFrom = "--config", cwd, env, home }: FindOptions): FoundConfig {
  if (configPath !== undefined) return { kind: "file", path: resolve(cwd, configPath), asked: configPathFrom };
  for (const variable of ["CCPB_CONFIG", "PROVIDERS_CONFIG_PATH"]) {
    const path = env[variable];
    if (path !== undefined && path !== "") return { kind: "file", path: resolve(cwd, path), asked: variable };
  }
  const folders = foldersUpToRoot(cwd);
  const xdg = env["XDG_CONFIG_HOME"];
  // A relative XDG folder is to be ignored, says the XDG base directory specification.
  const configHome = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, ".config");
  const looked = [
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    join(configHome, "ccpb", "providers.yaml"),
  ];
  const path = looked.find(isFile);
  if (path !== undefined) return { kind: "file", path };
  const near =
    folders.flatMap((folder) => nearNames.map((name) => join(folder, name))).find(isVisibleFile) ??
    foldersFrom(cwd)
      .flatMap((folder) => names.map((name) => join(folder, name)))
      .find(isVisibleFile);
  return { kind: "none", looked, ...(near !== undefined && { near }) };
}

// Up to the folder that a version control system or, failing that, the outermost package.json marks. Outside of any project no folder above is
// searched: another user may have put a file into a shared folder such as /tmp.
function foldersUpToRoot(cwd: string): readonly string[] {
  const above = foldersFrom(cwd);
  const repository = above.findIndex((folder) => [".git", ".hg", ".jj"].some((mark) => existsSync(join(folder, mark))));
  if (repository !== -1) return above.slice(0, repository + 1);
  const outermost = above.findLastIndex((folder) => existsSync(join(folder, "package.json")));
  return above.slice(0, Math.max(outermost, 0) + 1);
}

function foldersFrom(cwd: string): readonly string[] {
  const folders = [resolve(cwd)];
  for (let folder = folders[0]!; dirname(folder) !== folder; folder = dirname(folder)) folders.push(dirname(folder));
  return folders;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

// For a hint alone: a link that leads nowhere or into another user's folder, put into /tmp by anyone, must not keep ccpb from its start.
function isVisibleFile(path: string): boolean {
  try {
    return isFile(path);
  } catch {
    return false;
  }
}
