// Builds the packages that `npm start` runs, if their sources changed since the last build; a few milliseconds otherwise.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const lockFolder = join(root, "node_modules/.ccpb-build-lock");
const maxBuildMs = 120_000;
const stampFile = join(root, "packages/server/dist/.sources");
const built = ["packages/core", "packages/server", "packages/redis"];
// The demo's fake upstreams are bundled into the server.
const sources = ["packages/core/src", "packages/server/src", "packages/redis/src", "packages/fake-upstream/src"];
const settings = [
  "tsconfig.base.json",
  "pnpm-lock.yaml",
  "packages/server/third-party-licences.ts",
  ...built.flatMap((name) => [`${name}/package.json`, `${name}/tsup.config.ts`]),
];

function fingerprint() {
  const hash = createHash("sha1").update(process.version);
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

function build(name) {
  const tsup = createRequire(join(root, "package.json")).resolve("tsup/package.json");
  const cli = join(dirname(tsup), "dist/cli-default.js");
  rmSync(join(root, name, "dist"), { recursive: true, force: true });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, "--silent"], {
      cwd: join(root, name),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => resolve({ name, code, output }));
  });
}

function isUpToDate(current) {
  const isBuilt = built.every((name) => existsSync(join(root, name, "dist")));
  return isBuilt && existsSync(stampFile) && readFileSync(stampFile, "utf8") === current;
}

async function buildAll(current) {
  if (process.stderr.isTTY) process.stderr.write("building ccpb …\n");
  const failed = (await Promise.all(built.map(build))).filter(({ code }) => code !== 0);
  for (const { name, output } of failed) process.stderr.write(`${name} could not be built:\n${output}\n`);
  if (failed.length > 0) process.exitCode = 1;
  else writeFileSync(stampFile, current);
}

// Two builds at once would take each other's files away; the one that comes second waits for the first.
async function withLock(work) {
  for (;;) {
    try {
      mkdirSync(lockFolder);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const age = Date.now() - (statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (age > maxBuildMs) rmSync(lockFolder, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  try {
    await work();
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

const current = fingerprint();
if (!isUpToDate(current)) {
  await withLock(async () => {
    if (!isUpToDate(current)) await buildAll(current);
  });
}
