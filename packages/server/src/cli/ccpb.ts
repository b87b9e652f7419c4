#!/usr/bin/env node
// Nothing is imported before this: a Node that is too old must get as far as the message, and `--version` costs next to nothing.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
// 22.3 is the first of its line by which the bundle can take Node's modules; 21 never could.
const isTooOld = major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 3);

if (isTooOld) {
  process.stderr.write(`ccpb needs Node.js 20.19, or 22.3 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else if (process.argv.length === 3 && ["--version", "-V", "-v"].includes(process.argv[2] ?? "")) {
  void import("../base/version.ts").then(({ version }) => process.stdout.write(`${version}\n`));
} else {
  void import("./main.ts").then(({ main }) => main(process.argv));
}
