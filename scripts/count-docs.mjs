// Counts docstrings and their tags in the sources of the packages, without tests, and compares them with an earlier commit:
// node scripts/count-docs.mjs [commit]
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });

await withSource("docstrings.ts", ({ docstringsOf, isHeadless, isRiddle, isSource, packageSources }) => {
  const textsOf = (files, read) => files.flatMap((name) => docstringsOf(read(name)).map(({ text }) => text));

  /** Counts docstrings, tags by kind, headless openings and riddles. */
  const count = (docstrings) => {
    const counts = { docstrings: docstrings.length };
    for (const tag of ["param", "returns", "throws", "example", "see", "deprecated"]) {
      counts[`@${tag}`] = docstrings.flatMap((text) => text.match(new RegExp(`@${tag}\\b`, "g")) ?? []).length;
    }
    counts["headless openings"] = docstrings.filter(isHeadless).length;
    counts["nobody, whoever, somebody, lets go of"] = docstrings.filter(isRiddle).length;
    return counts;
  };

  const now = textsOf(packageSources(root), (name) => readFileSync(join(root, name), "utf8"));
  const [commit] = process.argv.slice(2);
  if (commit === undefined) {
    console.table(count(now));
    return;
  }
  const names = git("ls-tree", "-r", "--name-only", commit, "packages").split("\n").filter(isSource);
  const before = textsOf(names, (name) => git("show", `${commit}:${name}`));
  const known = new Set(before);
  const [old, recent] = [count(before), count(now)];
  console.table(Object.fromEntries(Object.keys(old).map((key) => [key, { before: old[key], now: recent[key] }])));
  console.log(`docstrings that did not stand there before: ${now.filter((text) => !known.has(text)).length}`);
});
