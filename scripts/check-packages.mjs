// Packs each public package as it would be published and checks what comes out: exports, types, unused code, sizes, and that an empty project can
// install and use it, by import, by require and by npx; counts what comes with it. Needs a build, and a registry for the dependencies.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const packages = ["core", "redis", "ai-sdk", "otel", "server"];
// What an installation may hold at most: its packages, this one among them, and their files.
const budgets = {
  core: { packages: 5, megabytes: 12 },
  redis: { packages: 25, megabytes: 20 },
  "ai-sdk": { packages: 10, megabytes: 14 },
  otel: { packages: 7, megabytes: 14 },
  server: { packages: 75, megabytes: 40 },
};
const folder = mkdtempSync(join(tmpdir(), "ccpb-pack-"));
let failed = 0;

/** @param {string} name @param {string} command @param {readonly string[]} args @param {string} [cwd] */
function check(name, command, args, cwd = ".") {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? "ok" : "FAILED"}: ${name}`);
}

const entries = ["", "/config", "/protocol", "/sse", "/translate", "/tokens", "/vendors", "/testing", "/internal"].map(
  (path) => `@ccpb/core${path}`,
);

/** @param {string} what @param {boolean} isGood */
function verify(what, isGood) {
  if (!isGood) failed += 1;
  console.log(`${isGood ? "ok" : "FAILED"}: ${what}`);
}

/** Installs a package alone, counts what came with it, and has npm write its bill of materials. */
function checkFootprint(name, tarballs) {
  const project = join(folder, `footprint-${name}`);
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name":"footprint","version":"1.0.0","private":true}');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", ...tarballs], { cwd: project });
  const modules = join(project, "node_modules");
  const bytes = readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  const sbom = JSON.parse(
    execFileSync("npm", ["sbom", "--sbom-format=cyclonedx"], { cwd: project, encoding: "utf8", stdio: "pipe" }),
  );
  const found = { packages: sbom.components.length, megabytes: Math.ceil(bytes / 1e5) / 10 };
  const budget = budgets[name];
  const isWithin = found.packages <= budget.packages && found.megabytes <= budget.megabytes;
  verify(
    `@ccpb/${name} installs as ${found.packages} packages, ${found.megabytes} MB (at most ${budget.packages}, ${budget.megabytes} MB)`,
    isWithin,
  );
  const own = readdirSync(join(modules, "@ccpb", name));
  if (name === "server") {
    const carried = readdirSync(join(modules, "@ccpb", name, "dist")).filter((file) => /licences.*\.txt$/.test(file));
    verify("@ccpb/server has the licences of what it carries", carried.length === 2);
  }
  verify(`@ccpb/${name} has its README and its licence`, own.includes("README.md") && own.includes("LICENSE"));
}

/** Names in a tarball that are of no use to its users: tests, recordings, sources, what a build leaves behind. */
const foreign =
  /(?:^|\/)(?:test|tests|recordings|fixtures|src|node_modules|logs)\/|\.test\.|\.tsbuildinfo$|\.env|providers\.yaml$/;
/** Paths of the machine that built it. */
const ownPaths = [process.cwd(), homedir()].filter((path) => path.length > 3).map((path) => `${path}/`);

/** Checks that a tarball holds nothing of the repository but what is published, and prints what docs/runtimes.md says of it. */
function checkContents(name, tarball) {
  const unpacked = join(folder, `unpacked-${name}`);
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", tarball, "-C", unpacked]);
  const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const kilobytes = (size) => `${(size / 1000).toFixed(1)} kB`;
  console.log(
    `@ccpb/${name}: ${files.length} files, ${kilobytes(statSync(tarball).size)}, unpacked ${kilobytes(bytes)}`,
  );
  const odd = files.map((file) => file.slice(unpacked.length + 1)).filter((file) => foreign.test(file));
  verify(
    `@ccpb/${name} holds no tests, recordings or sources${odd.length > 0 ? `: ${odd.join(", ")}` : ""}`,
    odd.length === 0,
  );
  const telling = files.filter((file) => ownPaths.some((path) => readFileSync(file, "utf8").includes(path)));
  verify(
    `@ccpb/${name} names no path of this machine${telling.length > 0 ? `: ${telling.join(", ")}` : ""}`,
    telling.length === 0,
  );
}

/** @param {readonly string[]} tarballs */
function checkNpx(tarballs) {
  const empty = join(folder, "empty-folder");
  mkdirSync(empty);
  const packages = tarballs.flatMap((file) => ["--package", file]);
  check("npx of the tarballs in an empty folder", "npx", ["--yes", ...packages, "ccpb", "--version"], empty);
}

/** @param {readonly string[]} tarballs */
function checkInstalled(tarballs) {
  const project = join(folder, "empty-project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name":"empty","private":true,"type":"module"}');
  const all = [...entries, "@ccpb/redis", "@ccpb/ai-sdk", "@ccpb/otel", "@ccpb/otel/register", "@ccpb/server"];
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
    checkContents(name, path);
    check(`publint ${name}`, "node_modules/.bin/publint", ["run", path, "--strict"]);
    // To CommonJS, core declares what `require` gives there: the names of an ES module.
    check(`attw ${name}`, "node_modules/.bin/attw", [
      path,
      "--profile",
      "node16",
      "--ignore-rules",
      "false-cjs",
      "cjs-resolves-to-esm",
    ]);
    if (name === "core")
      check("types in every version of TypeScript", process.execPath, ["scripts/check-types.mjs", path]);
  }
  const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const paths = tarballs.map((file) => join(folder, file));
  checkInstalled(tarballs);
  checkNpx(paths);
  const alone = (...names) => paths.filter((path) => names.some((name) => path.includes(`ccpb-${name}-`)));
  checkFootprint("core", alone("core"));
  checkFootprint("redis", alone("core", "redis"));
  checkFootprint("ai-sdk", alone("core", "ai-sdk"));
  checkFootprint("otel", alone("core", "otel"));
  checkFootprint("server", alone("core", "server"));
  check("knip", "node_modules/.bin/knip", []);
  check("size-limit", "node_modules/.bin/size-limit", []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
