// Builds the packages that `npm start` runs, if their sources changed since the last build; a few milliseconds otherwise.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withLock } from "./setup-lock.mjs";

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = join(root, "packages/server/dist/.sources");
const built = ["packages/core", "packages/server", "packages/redis"];
// The demo's fake upstreams and the scanner are bundled into the server.
const sources = ["core", "server", "redis", "fake-upstream", "json-scan"].map((name) => `packages/${name}/src`);
const settings = [
  "tsconfig.base.json",
  "pnpm-lock.yaml",
  "packages/server/third-party-licences.ts",
  "packages/server/builtin-modules.ts",
  ...built.flatMap((name) => [`${name}/package.json`, `${name}/tsup.config.ts`]),
];

/** Tells whether the command is built of the sources that are there. */
export function isBuilt() {
  const isThere = built.every((name) => existsSync(join(root, name, "dist")));
  return isThere && existsSync(stampFile) && readFileSync(stampFile, "utf8") === fingerprint();
}

/**
 * Builds all packages into new folders and puts them in the place of the old ones when every one is whole.
 *
 * @param {(state?: string) => void} report is called without an argument at the end
 * @throws an error with `isExplained` where one cannot be built; the previous build is then still there
 */
export async function build(report = () => {}) {
  const current = fingerprint();
  try {
    const failed = (await Promise.all(built.map(buildOne))).filter(({ code }) => code !== 0);
    if (failed.length > 0) {
      const words = failed.map(({ name, output }) => `${name} could not be built:\n${output}`).join("\n");
      throw Object.assign(new Error(words), { isExplained: true });
    }
    for (const name of built) putInPlace(join(root, name));
    writeFileSync(stampFile, current);
  } finally {
    for (const name of built) rmSync(join(root, name, "dist.new"), { recursive: true, force: true });
    report();
  }
}

// The version of Node is no part of it: what is built is the same with each.
function fingerprint() {
  const hash = createHash("sha1");
  const files = sources.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...files.sort((a, b) => (a < b ? -1 : 1)), ...settings.map((name) => join(root, name))]) {
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function buildOne(name) {
  const tsup = createRequire(join(root, "package.json")).resolve("tsup/package.json");
  const cli = join(dirname(tsup), "dist/cli-default.js");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, "--silent", "--out-dir", "dist.new"], {
      cwd: join(root, name),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ name, code, output }));
  });
}

function putInPlace(folder) {
  const [now, next, old] = ["dist", "dist.new", "dist.old"].map((name) => join(folder, name));
  rmSync(old, { recursive: true, force: true });
  if (existsSync(now)) renameSync(now, old);
  renameSync(next, now);
  rmSync(old, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href && !isBuilt()) {
  await withLock(async () => {
    if (!isBuilt()) await build();
  });
}
