// Times what a newcomer waits for, each case with a fresh clone and an empty home (so empty caches), and says what was printed meanwhile.
// node scripts/time-newcomer.mjs [--repository FOLDER] [--commit NAME] [--limit SECONDS] [CASE...]     (default: this repository, its HEAD, 200, all cases)
// The cases of a machine without a network, and the checkout that cannot be written, need Linux with root; they are skipped elsewhere.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repository: { type: "string", default: here },
    commit: { type: "string", default: "HEAD" },
    limit: { type: "string", default: "200" },
  },
});
const isRoot = process.platform === "linux" && process.getuid() === 0;

/** A fresh clone beside an empty home, removed at the end. */
class Newcomer {
  folder = mkdtempSync(join(tmpdir(), "ccpb-newcomer-"));
  clone = join(this.folder, "ccpb");
  environment = this.#environment();

  constructor() {
    mkdirSync(join(this.folder, "home"));
    const isCloned = [
      ["clone", "--quiet", values.repository, this.clone],
      ["-C", this.clone, "checkout", "--quiet", values.commit],
    ].every((args) => spawnSync("git", args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0);
    if (!isCloned) throw new Error(`${values.commit} of ${values.repository} cannot be cloned`);
  }

  #environment() {
    const kept = Object.entries(process.env).filter(([name]) => !/^(?:npm_|XDG_|PNPM_|CI$)/i.test(name));
    return { ...Object.fromEntries(kept), HOME: join(this.folder, "home") };
  }

  /** Runs a command in the clone; returns its exit code and what it printed, with the longest time in which nothing was printed. */
  run(command, env = {}) {
    const startMs = Date.now();
    const child = spawn(command[0], command.slice(1), {
      cwd: this.clone,
      env: { ...this.environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const lines = [];
    let lastMs = startMs;
    let silentMs = 0;
    const hear = (chunk) => {
      silentMs = Math.max(silentMs, Date.now() - lastMs);
      lastMs = Date.now();
      lines.push(...String(chunk).split("\n"));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), Number(values.limit) * 1000);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        silentMs = Math.max(silentMs, Date.now() - lastMs);
        const said = lines.map((line) => line.trimEnd()).filter((line) => line !== "" && !line.startsWith("> "));
        resolve({ seconds: (Date.now() - startMs) / 1000, silent: silentMs / 1000, code: code ?? signal, said });
      });
    });
  }

  /** The clone's size on disk in megabytes, the size of git's own folder taken off. */
  megabytes() {
    const du = (path) => Number(spawnSync("du", ["-sm", path], { encoding: "utf8" }).stdout.split("\t")[0]);
    return du(this.clone) - du(join(this.clone, ".git"));
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const version = ["npm", "start", "--", "--version"];

function show(name, { seconds, silent, code, said }) {
  console.log(`${name}: ${seconds.toFixed(1)} s, silent for ${silent.toFixed(1)} s at most, exit code ${code}`);
  for (const line of said.length > 14 ? [...said.slice(0, 4), "…", ...said.slice(-9)] : said)
    console.log(`    ${line}`);
}

/** A program that takes connections and never answers. */
async function withSilentServer(work) {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await work(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
  }
}

/** Another Node from npm, installed into `folder`; its `bin` then goes before PATH. */
function fetchNode(major, folder) {
  const name = `node-linux-${process.arch}`;
  const args = ["install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, `${name}@${major}`];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  spawnSync("npm", args, { stdio: "ignore", timeout: 180_000 });
  const bin = join(folder, "node_modules", name, "bin");
  return existsSync(bin) ? bin : undefined;
}

async function onNode(major, newcomer) {
  const bin = fetchNode(major, join(newcomer.folder, "node"));
  if (bin === undefined) {
    console.log(`Node ${major}: skipped, npm does not give it here`);
    return;
  }
  const PATH = `${bin}${delimiter}${process.env.PATH}`;
  if (major < 20) show("built with this Node", await newcomer.run(version));
  show(`Node ${major}`, await newcomer.run(version, { PATH }));
  show(`Node ${major} again`, await newcomer.run(version, { PATH }));
  console.log(
    `    the built command is ${existsSync(join(newcomer.clone, "packages/server/dist/cli.js")) ? "there" : "gone"}`,
  );
}

const cases = {
  "cold, warm, and again": async (newcomer) => {
    show("cold", await newcomer.run(version));
    console.log(`    ${newcomer.megabytes()} MB on disk`);
    show("warm", await newcomer.run(version));
    show("again", await newcomer.run(version));
    show("the binary alone", await newcomer.run([process.execPath, "packages/server/dist/cli.js", "--version"]));
    show("npm test, of one file", await newcomer.run(["npm", "test", "--", "packages/core/src/sse/decode.test.ts"]));
    console.log(`    ${newcomer.megabytes()} MB on disk`);
    show("npm start after npm test", await newcomer.run(version));
  },
  "demo, from a clone": async (newcomer) => show("demo", await newcomer.run(["npm", "start", "--", "demo"])),
  "no network": async (newcomer) => {
    if (isRoot) show("no network at all", await newcomer.run(["unshare", "--net", ...version]));
  },
  "registry refuses": async (newcomer) =>
    show("registry refuses connections", await newcomer.run(version, { npm_config_registry: "http://127.0.0.1:1/" })),
  "registry is silent": (newcomer) =>
    withSilentServer(async (url) =>
      show("registry never answers", await newcomer.run(version, { npm_config_registry: url })),
    ),
  "proxy refuses": async (newcomer) =>
    show(
      "proxy refuses connections",
      await newcomer.run(version, { HTTPS_PROXY: "http://127.0.0.1:1", HTTP_PROXY: "http://127.0.0.1:1" }),
    ),
  "read-only checkout": async (newcomer) => {
    if (!isRoot) return;
    const asOther = (command) => ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...command];
    spawnSync("chmod", ["-R", "go+rX", newcomer.folder]);
    const home = join(newcomer.folder, "other-home");
    mkdirSync(home, { mode: 0o777 });
    spawnSync("chmod", ["777", home]);
    show("read-only, not built", await newcomer.run(asOther(version), { HOME: home }));
    show("built by its owner", await newcomer.run(version));
    show("read-only, built", await newcomer.run(asOther(version), { HOME: home }));
  },
  "Node 18": (newcomer) => onNode(18, newcomer),
  "Node 24": (newcomer) => onNode(24, newcomer),
};

const chosen = positionals.length === 0 ? Object.keys(cases) : positionals;
console.log(`Node ${process.versions.node}, ${values.commit}`);
for (const name of chosen) {
  if (cases[name] === undefined)
    throw new Error(`there is no case "${name}"; there are: ${Object.keys(cases).join("; ")}`);
  console.log(`\n== ${name}`);
  const newcomer = new Newcomer();
  try {
    await cases[name](newcomer);
  } finally {
    newcomer.remove();
  }
}
