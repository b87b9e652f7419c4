// Compiles programs of an embedder against the packed @ccpb/core with every supported version of TypeScript, in every kind of module, with
// `skipLibCheck: false` and without the libraries that the types need. Usage: node scripts/check-types.mjs TARBALL (after a build; needs a registry).
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [tarball] = process.argv.slice(2);
if (tarball === undefined) throw new Error("Usage: node scripts/check-types.mjs TARBALL");

const versions = ["5.7", "5.8", "5.9", "6.0", "7.0"];
const modes = [
  { module: "nodenext", moduleResolution: "nodenext", file: "program.mts" },
  { module: "node16", moduleResolution: "node16", file: "program.mts" },
  { module: "esnext", moduleResolution: "bundler", file: "program.mts" },
  { module: "nodenext", moduleResolution: "nodenext", file: "program.cts" },
  { module: "node16", moduleResolution: "node16", file: "program.cts" },
];
const libraries = [
  ["es2022", "dom"],
  ["es2023", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"],
];

const folder = mkdtempSync(join(tmpdir(), "ccpb-types-"));
let failed = 0;
try {
  writeFileSync(join(folder, "package.json"), '{"name":"consumer","private":true}');
  const npm = ["install", "--no-audit", "--no-fund", "--silent"];
  execFileSync("npm", [...npm, resolve(tarball)], { cwd: folder });
  cpSync("test/consumer", folder, { recursive: true });
  for (const version of versions) {
    const compiler = join(folder, `typescript-${version}`);
    mkdirSync(compiler);
    writeFileSync(join(compiler, "package.json"), '{"name":"compiler","private":true}');
    execFileSync("npm", [...npm, `typescript@${version}`], { cwd: compiler });
    for (const { module, moduleResolution, file } of modes) {
      for (const lib of libraries) {
        const options = { module, moduleResolution, lib, types: [], strict: true, exactOptionalPropertyTypes: true };
        const compilerOptions = { ...options, target: "es2022", skipLibCheck: false, noEmit: true };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
        const tsc = join(compiler, "node_modules", ".bin", "tsc");
        const { status, stdout } = spawnSync(tsc, ["-p", "."], { cwd: folder, encoding: "utf8" });
        if (status !== 0) failed += 1;
        console.log(
          `${status === 0 ? "ok" : "FAILED"}: TypeScript ${version}, ${file}, module ${module}, lib ${lib.join()}`,
        );
        if (status !== 0) console.log(stdout.slice(0, 2_000));
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
