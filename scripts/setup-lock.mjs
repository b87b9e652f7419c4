import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Not below node_modules, which the installer may empty.
const lockFile = join(dirname(fileURLToPath(import.meta.url)), "../.ccpb-setup.lock");
const pollMs = 100;

/**
 * Runs `work` while no other process installs or builds in this checkout: two at once would take each other's files away. The second one waits,
 * says so on stderr, and goes on when the first is over; a lock whose process is gone is taken over.
 *
 * @throws what `work` throws, and the file system's error where the checkout cannot be written
 */
export async function withLock(work) {
  let hasSaid = false;
  while (!take()) {
    const owner = ownerOf();
    if (owner !== undefined && !hasSaid) {
      hasSaid = true;
      process.stderr.write(`process ${owner} installs or builds here already: waiting for it\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const stop = (signal) => process.exit(signal === "SIGINT" ? 130 : 143);
  process.on("exit", release);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);
  try {
    await work();
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, stop);
    process.off("exit", release);
    release();
  }
}

function take() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  }
}

/** The process that holds the lock; undefined where it is gone, and then the lock is removed. */
function ownerOf() {
  let text;
  try {
    text = readFileSync(lockFile, "utf8");
  } catch {
    return undefined;
  }
  const owner = Number(text);
  // Written an instant ago and still empty.
  if (text === "") return undefined;
  try {
    process.kill(owner, 0);
    return owner;
  } catch (error) {
    if (error.code === "EPERM") return owner;
    release();
    return undefined;
  }
}

function release() {
  rmSync(lockFile, { force: true });
}
