// Packs each public package as it would be published and checks what comes out: exports, types, unused code, sizes. Needs a build.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const packages = ["core", "server"];
const folder = mkdtempSync(join(tmpdir(), "ccpb-pack-"));
let failed = 0;

/** @param {string} name @param {string} command @param {readonly string[]} args @param {string} [cwd] */
function check(name, command, args, cwd = ".") {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? "ok" : "FAILED"}: ${name}`);
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
  check("knip", "node_modules/.bin/knip", []);
  check("size-limit", "node_modules/.bin/size-limit", []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
