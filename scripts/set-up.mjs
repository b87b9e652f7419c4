// Makes a checkout ready to run: installs dependencies and builds the command, each only where what is there is not of the current sources.
// `node scripts/set-up.mjs` installs everything, the tools for tests included.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, isBuilt, root } from "./build-if-changed.mjs";
import { install } from "./install.mjs";
import { withLock } from "./setup-lock.mjs";

const stampFile = join(root, "node_modules/.ccpb-installed");

/** Installs what running and building need, and builds. Returns false after it has said on stderr why it cannot; the exit code is then set. */
export async function setUp({ everything = false } = {}) {
  if (isBuilt() && (hasDependencies() || isInstalled(everything))) return true;
  return attempt(async () => {
    if (!isInstalled(everything)) await installHere(everything);
    if (!isBuilt()) await build(progressOf("building ccpb"));
  });
}

/** Installs everything, the tools for tests included, and builds nothing. Returns false after it has said on stderr why it cannot. */
export async function installEverything() {
  if (isInstalled(true)) return true;
  return attempt(async () => {
    if (!isInstalled(true)) await installHere(true);
  });
}

async function attempt(work) {
  try {
    await withLock(work);
    return true;
  } catch (error) {
    process.stderr.write(`ccpb: ${explain(error)}\n`);
    process.exitCode = 1;
    return false;
  }
}

function explain(error) {
  if (["EROFS", "EACCES", "EPERM"].includes(error.code) && error.path !== undefined) {
    return (
      `${error.path} cannot be written (${error.code}), and this checkout is not built yet.\n` +
      `Run npm start once as a user who may write to ${root}, or copy the checkout to a folder of your own.`
    );
  }
  return error.isExplained === true ? error.message : (error.stack ?? String(error));
}

/** The tools for tests, once they are there, are kept up to date by every later install. */
async function installHere(everything) {
  const all = everything || existsSync(join(root, "node_modules/vitest"));
  await install({ root, all, reportProgress: progressOf });
  writeFileSync(stampFile, `${all ? "all" : "run"} ${lockHash()}`);
}

/** `everything`: whether the tools for tests are wanted too. */
function isInstalled(everything) {
  if (!existsSync(stampFile) || !hasDependencies()) return false;
  const [kind, hash] = readFileSync(stampFile, "utf8").split(" ");
  return hash === lockHash() && (kind === "all" || !everything);
}

/** Whether what the built command imports is there: somebody may have deleted node_modules and kept the build. */
function hasDependencies() {
  const { dependencies } = JSON.parse(readFileSync(join(root, "packages/server/package.json"), "utf8"));
  return Object.keys(dependencies).every((name) => existsSync(join(root, "packages/server/node_modules", name)));
}

function lockHash() {
  const hash = createHash("sha1");
  for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

/**
 * Starts a report of progress on stderr: on a terminal one line that is drawn again every second, elsewhere a line at once and every five seconds.
 * The returned function takes what has happened so far; called with nothing, it ends the report.
 */
function progressOf(title) {
  const startMs = Date.now();
  const isTerminal = process.stderr.isTTY;
  let state = "";
  let shown = false;
  if (!isTerminal) process.stderr.write(`${title} …\n`);
  const seconds = () => Math.round((Date.now() - startMs) / 1000);
  const draw = () => {
    shown = true;
    const line = `${title}: ${state === "" ? "" : `${state}, `}${seconds()} s`;
    process.stderr.write(isTerminal ? `\r${line}\u001B[K` : `${line}\n`);
  };
  const timer = setInterval(draw, isTerminal ? 1000 : 5000);
  if (isTerminal) draw();
  return (next) => {
    if (next !== undefined) {
      state = next;
      return;
    }
    clearInterval(timer);
    if (isTerminal && shown) process.stderr.write("\r\u001B[K");
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await setUp({ everything: true });
