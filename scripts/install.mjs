import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describeFault } from "./install-faults.mjs";

const pnpm = "pnpm@10.34.9";
// npm's own values keep a person without a network waiting for two minutes. What somebody has configured stays.
const patience = {
  npm_config_fetch_retries: "1",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "5000",
  npm_config_fetch_timeout: "20000",
  npm_config_prefer_offline: "true",
  npm_config_update_notifier: "false",
  npm_config_audit: "false",
  npm_config_fund: "false",
};
// What `npm start` does without is in the root's devDependencies.
const runOnly = ["--prod", "--filter", "@ccpb/server...", "--filter", "@ccpb/redis"];

/**
 * Installs the dependencies of the checkout in `root` with the pinned pnpm, and says on stderr what it does and how far it is.
 *
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {boolean} options.all whether to install the tools for tests too
 * @param {(title: string) => (state?: string) => void} options.reportProgress starts a report; the returned function goes on with it or ends it
 * @throws an error with `isExplained`, whose message has the tool's own words and what to do
 */
export async function install({ root, all, reportProgress }) {
  process.stderr.write(
    all
      ? "installing everything, with the tools for tests (about 650 MB; 30 s on a fast line)\n"
      : "installing what ccpb needs to run (about 110 MB; 15 s on a fast line); only the first start does this\n",
  );
  const startMs = Date.now();
  const report = reportProgress("installing");
  report(`fetching ${pnpm}`);
  let outcome;
  try {
    outcome = await runPnpm(root, [...(all ? [] : runOnly)], report);
  } finally {
    report();
  }
  if (outcome.code !== 0) {
    throw Object.assign(new Error(describeFault(outcome)), { isExplained: true });
  }
  const seconds = Math.round((Date.now() - startMs) / 1000);
  process.stderr.write(
    outcome.packages === 0
      ? "every package was there already\n"
      : `installed ${outcome.packages} packages in ${seconds} s\n`,
  );
}

function runPnpm(root, selection, report) {
  const args = ["exec", "--yes", "--package", pnpm, "--", "pnpm", ...selection, "install", "--frozen-lockfile"];
  args.push("--prefer-offline", "--reporter=ndjson", "--config.fetch-retries=2", "--config.fetch-timeout=30000");
  // npm names its own program to the scripts that it runs; a bare "npm" would be a .cmd file on Windows, which only a shell starts.
  const npm = process.env.npm_execpath;
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm);
  const [program, before] = isNpm ? [process.execPath, [npm]] : ["npm", []];
  const child = spawn(program, [...before, ...args], {
    cwd: root,
    env: { ...patience, ...process.env, CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    shell: !isNpm && process.platform === "win32",
  });
  const seen = new InstallEvents(report);
  const readers = [createInterface({ input: child.stdout }), createInterface({ input: child.stderr })];
  readers[0].on("line", (line) => seen.readLine(line));
  readers[1].on("line", (line) => seen.words.push(line));
  // The process may be gone before its last lines are read.
  const read = Promise.all(readers.map((reader) => once(reader, "close")));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      void read.then(() => resolve({ code, packages: seen.imported.size, words: seen.words }));
    });
  });
}

/** What pnpm's `ndjson` reporter has said: the packages that are there, and the sentences meant for people. */
class InstallEvents {
  imported = new Set();
  resolved = new Set();
  words = [];
  #report;

  constructor(report) {
    this.#report = report;
  }

  readLine(line) {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      this.words.push(line);
      return;
    }
    if (event.name === "pnpm:progress") this.#count(event);
    else if (event.name === "pnpm:request-retry") {
      const { code, message } = event.error ?? {};
      this.#report(`no answer from ${event.url} (${code ?? message}), trying again`);
    } else if (event.level === "error") {
      this.words.push(event.err?.message ?? event.message ?? line);
    }
  }

  #count({ status, packageId, to }) {
    if (status === "resolved") this.resolved.add(packageId);
    else if (status === "imported") this.imported.add(to);
    this.#report(`${this.imported.size} of ${this.resolved.size} packages`);
  }
}
