// Packs each public package as it would be published and checks what comes out: exports, types, unused code, sizes, and that an empty project can
// install and use it, by import and by require. Needs a build, and a registry for the dependencies.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const packages = ["core", "redis", "server"];
const folder = mkdtempSync(join(tmpdir(), "ccpb-pack-"));
let failed = 0;

/** @param {string} name @param {string} command @param {readonly string[]} args @param {string} [cwd] */
function check(name, command, args, cwd = ".") {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? "ok" : "FAILED"}: ${name}`);
}

const entries = ["", "/config", "/protocol", "/sse", "/translate", "/tokens", "/testing"].map(
  (path) => `@ccpb/core${path}`,
);

/** @param {readonly string[]} tarballs */
function checkInstalled(tarballs) {
  const project = join(folder, "empty-project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name":"empty","private":true,"type":"module"}');
  const all = [...entries, "@ccpb/redis", "@ccpb/server"];
  writeFileSync(join(project, "use.mjs"), all.map((entry) => `await import("${entry}");`).join("\n"));
  writeFileSync(join(project, "use.cjs"), all.map((entry) => `require("${entry}");`).join("\n"));
  const install = ["install", "--no-audit", "--no-fund", "--silent", ...tarballs.map((file) => join("..", file))];
  check("npm install of the tarballs", "npm", install, project);
  check("import of every entry", process.execPath, ["use.mjs"], project);
  check("require of every entry", process.execPath, ["--no-warnings", "use.cjs"], project);
  check("ccpb --version", join("node_modules", ".bin", "ccpb"), ["--version"], project);
  check("ccpb demo", join("node_modules", ".bin", "ccpb"), ["demo"], project);
}

try {
  for (const name of packages) {
    const source = join("packages", name);
    execFileSync("npx", ["--yes", "pnpm@10.34.9", "pack", "--pack-destination", folder], {
      cwd: source,
      stdio: "ignore",
    });
    const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
    const tarball = readdirSync(folder).find((file) => file === `ccpb-${name}-${version}.tgz`);
    if (tarball === undefined) throw new Error(`${name}: no tarball was packed`);
    const path = join(folder, tarball);
    check(`publint ${name}`, "node_modules/.bin/publint", ["run", path, "--strict"]);
    check(`attw ${name}`, "node_modules/.bin/attw", [path, "--profile", "esm-only"]);
  }
  checkInstalled(readdirSync(folder).filter((file) => file.endsWith(".tgz")));
  check("knip", "node_modules/.bin/knip", []);
  check("size-limit", "node_modules/.bin/size-limit", []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
