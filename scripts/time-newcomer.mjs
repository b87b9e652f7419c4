// A newcomer's path, timed: a fresh clone, an empty home and so empty caches, `npm start -- demo`, until the first word of a streamed answer and to the end.
// node scripts/time-newcomer.mjs [REPOSITORY] [RUNS]      (default: this one, 1)
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const [repository = here, runs = "1"] = process.argv.slice(2);
const seconds = (sinceMs) => ((Date.now() - sinceMs) / 1000).toFixed(1);

function npmStart(cwd, home, startMs) {
  const { npm_config_cache: _cache, XDG_DATA_HOME: _data, XDG_CACHE_HOME: _xdg, ...env } = process.env;
  const child = spawn("npm", ["start", "--", "demo"], { cwd, env: { ...env, HOME: home }, timeout: 600_000 });
  let output = "";
  let firstWord;
  return new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk) => (output += chunk));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (firstWord === undefined && /alpha.*│.*\S/.test(output.split("\n1. ")[1] ?? "")) firstWord = seconds(startMs);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 && firstWord !== undefined) resolve({ firstWord, end: seconds(startMs) });
      else reject(new Error(`npm start ended with ${code}:\n${output}`));
    });
  });
}

for (let run = 1; run <= Number(runs); run += 1) {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-newcomer-"));
  try {
    const home = join(folder, "home");
    mkdirSync(home);
    const startMs = Date.now();
    const cloned = spawnSync("git", ["clone", "--quiet", repository, join(folder, "ccpb")], { encoding: "utf8" });
    if (cloned.status !== 0) throw new Error(cloned.stderr);
    const clone = seconds(startMs);
    const { firstWord, end } = await npmStart(join(folder, "ccpb"), home, startMs);
    console.log(
      `${process.version}: cloned after ${clone} s, first streamed word after ${firstWord} s, demo over after ${end} s`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
