// Completes the declarations that tsup wrote into `dist`. Run it in the folder of a package after its build.
// Each file says which library of TypeScript it needs (`Disposable`), so that a program with another `lib` compiles. Each has a twin, `.d.cts`, for
// CommonJS: `module: node16` refuses declarations of an ES module there, though Node's `require` loads the module itself.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const reference = '/// <reference lib="esnext.disposable" />\n';
const files = readdirSync("dist", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"));
for (const file of files) {
  const path = join("dist", file);
  const text = reference + readFileSync(path, "utf8").replace(reference, "");
  writeFileSync(path, text);
  writeFileSync(path.replace(/\.d\.ts$/, ".d.cts"), text.replaceAll(/(['"]\.{1,2}\/[^'"\n]*)\.js(['"])/g, "$1.cjs$2"));
}
