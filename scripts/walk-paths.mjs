// Walks two strangers' paths on a clean machine, by the commands that the documents show and by no others, and prints a table of the steps with their times.
// A step whose command no block of the document holds, whose command fails, or whose output is not what was promised, ends the walk with exit code 1.
// node scripts/walk-paths.mjs user|contributor [--language en|zh] [--repository FOLDER] [--quick]     (default: en, this repository; --quick leaves out lint and types)
// Needs bash, git, npm and the registry. The providers of the user's path are fake ones on loopback; everything is written to one temporary folder.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, withSource } from "./import-source.mjs";
import { contributorSteps } from "./walk-contributor.mjs";
import { Shell } from "./walk-shell.mjs";
import { userSteps } from "./walk-user.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    language: { type: "string", default: "en" },
    repository: { type: "string", default: root },
    quick: { type: "boolean", default: false },
  },
});
const [path] = positionals;
if (path !== "user" && path !== "contributor") throw new Error(`the path is "user" or "contributor", not "${path}"`);

const folder = mkdtempSync(join(tmpdir(), "ccpb-walk-"));
const shell = new Shell(folder);
let total = 0;

/** Runs one step and prints its row. */
async function walk(step) {
  const startMs = Date.now();
  const said = await step.run();
  const seconds = (Date.now() - startMs) / 1000;
  total += seconds;
  if (step.shows !== undefined && !step.shows.test(said))
    throw new Error(`"${step.does}" does not show ${step.shows}:\n${said}`);
  console.log(`| ${step.does} | ${step.from} | ${seconds.toFixed(1)} s | ${step.result ?? ""} |`);
}

try {
  mkdirSync(join(folder, "home"));
  console.log("| step | from | took | shows |\n| --- | --- | --- | --- |");
  const options = { shell, folder, isChinese: values.language === "zh", repository: values.repository };
  if (path === "contributor") for (const step of contributorSteps(options, values.quick)) await walk(step);
  else
    await withSource("../packages/fake-upstream/src/index.ts", async (fakes) => {
      for (const step of await userSteps(options, fakes)) await walk(step);
    });
  console.log(`| all of it | | ${total.toFixed(1)} s | |`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await shell.end();
  rmSync(folder, { recursive: true, force: true });
  process.exit();
}
