#!/usr/bin/env node
// Nothing is imported before this: a Node that is too old must get as far as the message, and `--version` costs next to nothing.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`ccpb needs Node.js 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else if (process.argv.length === 3 && ["--version", "-V", "-v"].includes(process.argv[2] ?? "")) {
  void import("./version.ts").then(({ version }) => process.stdout.write(`${version}\n`));
} else {
  void import("./cli/main.ts").then(({ main }) => main(process.argv));
}
