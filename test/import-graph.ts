import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "..");
/** What a build makes, and takes away again while other tests run: `dist.new`, and `tsup.config.bundled_x.mjs`, which tsup reads its settings from. */
const isMade = /^(?:dist|dist\.new|dist\.old|node_modules)$|\.bundled_/;
const sourceFile = /\.(?:[cm]?ts|tsx|[cm]?js|jsx)$/;

/** Source files by their path from the root of the repository, each with the source files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * Lists the source files below a folder, tests too; what was installed or built is left out.
 *
 * @param folder - a path from the root of the repository
 */
export function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return isMade.test(entry.name) ? [] : sourceFiles(path);
    return sourceFile.test(entry.name) && !isMade.test(entry.name) ? [path] : [];
  });
}

/** Whether the test runner runs a file. */
export function isTest(file: string): boolean {
  return file.endsWith(".test.ts");
}

/**
 * Lists what a source text imports: values, types (`import type`, `import("…").Type`), side effects, dynamic imports, `require`, and exports from
 * another file. TypeScript's scanner reads it, so strings and comments that look like imports do not count.
 *
 * @returns the names between the quotes, in the order of the text
 */
export function importsIn(text: string): string[] {
  // The scanner overlooks `export * as name from "…"`.
  const plain = text.replaceAll(/\bexport\s+(?:type\s+)?\*\s+as\s+\w+\s+from\b/g, "export * from");
  return ts.preProcessFile(plain, true, true).importedFiles.map((one) => one.fileName);
}

/** Lists what a file imports; see {@link importsIn}. */
export function importsOf(file: string): string[] {
  return importsIn(readFileSync(join(root, file), "utf8"));
}

/**
 * Reads the imports of files and finds the files that they name, also across packages.
 *
 * @param files - paths from the root of the repository, as {@link sourceFiles} lists them
 * @throws Error when a relative import names no file: an import that is not understood would hide a circle
 */
export function graphOf(files: readonly string[]): ImportGraph {
  return new Map(files.map((file) => [file, importsOf(file).flatMap((name) => fileOf(file, name) ?? [])]));
}

/** Returns every import circle that a walk over the graph meets, as `a → b → a`. */
export function circles(graph: ImportGraph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node].join(" → "));
    else if (!done.has(node)) {
      done.add(node);
      for (const next of graph.get(node) ?? []) walk(next, [...path, node]);
    }
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}

/** Returns the file that an import names; `undefined` for packages that were installed, modules of Node, and files that are no source of ours. */
function fileOf(from: string, name: string): string | undefined {
  if (!name.startsWith(".")) return entryPoints.get(name);
  const path = resolve(root, dirname(from), name);
  if (/[\\/](?:dist|node_modules)[\\/]/.test(path)) return undefined;
  const found = [path, path.replace(/js$/, "ts"), `${path}.ts`].find(
    (one) => existsSync(one) && statSync(one).isFile(),
  );
  if (found === undefined) throw new Error(`${from} imports ${name}, but there is no such file`);
  return sourceFile.test(found) ? relative(root, found).replaceAll(sep, "/") : undefined;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
}

/** Where each import of a package of ours by its name leads: `@ccpb/core/sse` to `packages/core/src/sse/index.ts`. */
const entryPoints: ReadonlyMap<string, string> = new Map(
  readdirSync(join(root, "packages")).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as Manifest;
    return Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
      const file = typeof target === "string" ? target : String(target["@ccpb/source"]);
      return sourceFile.test(file)
        ? [[manifest.name + path.slice(1), `packages/${folder}/${file.slice(2)}`] as const]
        : [];
    });
  }),
);
