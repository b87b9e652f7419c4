// Runs the built core (scripts/runtime-smoke.mjs), each way to embed it (scripts/runtime-situations.mjs, runtime-commonjs.cjs) and the built server
// (`ccpb demo`) in every runtime that npm can give, and prints a table of what was run: node scripts/check-runtimes.mjs
// The runtimes are installed once, outside of the project's dependencies; one that npm cannot give here is skipped with a notice.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "node_modules/.cache/ccpb-runtimes");
const node = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const runtimes = [
  { name: "Node (this one)", command: [process.execPath] },
  ...[20, 22, 24, 26].map((major) => ({
    name: `Node ${major}`,
    install: `node${major}@npm:${node}@${major}`,
    command: [join(folder, `node_modules/node${major}/bin/node`)],
  })),
  { name: "Bun", install: "bun@1", command: [join(folder, "node_modules/.bin/bun"), "run"] },
  {
    name: "Deno",
    install: "deno@2",
    command: [join(folder, "node_modules/.bin/deno"), "run", "-A", "--no-lock", "--node-modules-dir=manual"],
  },
];
const programs = [
  { name: "core", args: ["scripts/runtime-smoke.mjs"], expected: /^ok$/m },
  ...["driver", "transport", "fetch", "sdks", "translators"].map((situation) => ({
    name: situation,
    args: ["scripts/runtime-situations.mjs", situation],
    expected: /^ok$/m,
  })),
  { name: "CommonJS", args: ["scripts/runtime-commonjs.cjs"], expected: /^ok$/m },
  { name: "ccpb demo", args: ["packages/server/dist/cli.js", "demo"], expected: /All 7 scenes as they should be/ },
];

/** Whether the runtime's program is there, installed now if need be. */
function provide({ install, command: [program] }) {
  if (install === undefined || existsSync(program)) return true;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "package.json"))) writeFileSync(join(folder, "package.json"), '{"private":true}');
  const args = ["install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, install];
  spawnSync("npm", args, { stdio: "ignore", timeout: 180_000 });
  return existsSync(program);
}

const rows = [];
for (const runtime of runtimes) {
  if (!provide(runtime)) {
    console.log(`skipped: ${runtime.name} (npm does not give ${runtime.install} here)`);
    continue;
  }
  const [program, ...before] = runtime.command;
  const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim().split("\n")[0];
  const cells = programs.map(({ name, args, expected }) => {
    const options = { cwd: root, encoding: "utf8", timeout: 120_000 };
    const { status, stdout, stderr } = spawnSync(program, [...before, ...args], options);
    const isGood = status === 0 && expected.test(stdout);
    console.log(`${isGood ? "ok" : "FAILED"}: ${name} in ${runtime.name} (${version})`);
    if (!isGood) console.log(stdout + stderr);
    return isGood ? "ok" : "FAILED";
  });
  rows.push([`${runtime.name} (${version})`, ...cells]);
}
const head = ["runtime", ...programs.map(({ name }) => name)];
for (const cells of [head, head.map(() => "---"), ...rows]) console.log(`| ${cells.join(" | ")} |`);
process.exitCode = rows.flat().includes("FAILED") ? 1 : 0;
