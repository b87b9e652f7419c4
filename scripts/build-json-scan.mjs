// Compiles packages/json-scan/native/json-scan.c to WebAssembly and writes it, as base64, into the module beside it. Needs clang with its
// wasm32 target and wasm-ld (Debian: clang, lld). Only for those who change the C file: the result is committed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const packageFolder = new URL("../packages/json-scan/", import.meta.url);
const source = new URL("native/json-scan.c", packageFolder);
const target = new URL("src/json-scan-module.ts", packageFolder);

const folder = mkdtempSync(join(tmpdir(), "json-scan-"));
try {
  const output = join(folder, "json-scan.wasm");
  const flags = [
    "--target=wasm32",
    "-O3",
    "-msimd128",
    "-nostdlib",
    "-ffreestanding",
    "-fno-builtin",
    "-Wall",
    "-Wextra",
    "-Werror",
  ];
  const linking = ["-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=4096"];
  execFileSync("clang", [...flags, ...linking, "-o", output, source.pathname], { stdio: "inherit" });
  const base64 = readFileSync(output).toString("base64");
  const lines = base64.match(/.{1,140}/g).map((line) => `  "${line}",`);
  writeFileSync(
    target,
    [
      "// Made by scripts/build-json-scan.mjs from native/json-scan.c; not written by hand.",
      "",
      "/** WebAssembly with SIMD, as base64. */",
      "export const jsonScanModule: string = [",
      ...lines,
      '].join("");',
      "",
    ].join("\n"),
  );
} finally {
  rmSync(folder, { recursive: true });
}
