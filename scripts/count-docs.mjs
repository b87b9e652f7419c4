// Counts docstrings and their tags in the sources of the packages, without tests, and compares them with an earlier commit:
// node scripts/count-docs.mjs [commit]
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./import-source.mjs";

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
const isSource = (name) => /^packages\/[\w-]+\/src\/.*\.ts$/.test(name) && !name.endsWith(".test.ts");

/** Openings without a verb or a thing, which leave the reader to find the subject. */
const headless = /^(?:What|Who|Whom|How|Whether|Whose|Tells whether|As in|By how)\b/;
const riddle = /\b(?:nobody|whoever|lets go of|let go of|anybody)\b/i;

/** Reads the docstrings of a list of files, without their frame of asterisks. */
function docstringsOf(files, read) {
  return files.flatMap((name) =>
    [...read(name).matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, text]) =>
      text
        .replaceAll(/^\s*\* ?/gm, "")
        .replaceAll(/\s+/g, " ")
        .trim(),
    ),
  );
}

/** Counts docstrings, tags by kind, headless openings and riddles. */
function count(docstrings) {
  const counts = { docstrings: docstrings.length };
  for (const tag of ["param", "returns", "throws", "example", "see", "deprecated"]) {
    counts[`@${tag}`] = docstrings.flatMap((text) => text.match(new RegExp(`@${tag}\\b`, "g")) ?? []).length;
  }
  counts["headless openings"] = docstrings.filter((text) => headless.test(text)).length;
  counts["nobody, whoever, lets go of"] = docstrings.filter((text) => riddle.test(text)).length;
  return counts;
}

const now = docstringsOf(git("ls-files", "packages").split("\n").filter(isSource), (name) =>
  readFileSync(join(root, name), "utf8"),
);
const [commit] = process.argv.slice(2);
if (commit === undefined) console.table(count(now));
else {
  const names = git("ls-tree", "-r", "--name-only", commit, "packages").split("\n").filter(isSource);
  const before = docstringsOf(names, (name) => git("show", `${commit}:${name}`));
  const known = new Set(before);
  const [old, recent] = [count(before), count(now)];
  console.table(Object.fromEntries(Object.keys(old).map((key) => [key, { before: old[key], now: recent[key] }])));
  console.log(`docstrings that did not stand there before: ${now.filter((text) => !known.has(text)).length}`);
}
