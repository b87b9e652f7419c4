import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** Public surface of one entry of a published package: its report, and its exports without documentation. */
export interface ApiReport {
  /** Name of the report: the subpath of an entry of `@ccpb/core`, else the package, with the subpath: `sse`, `redis`, `otel-register`. */
  readonly name: string;
  readonly markdown: string;
  /** `name`, or `Class.member`. */
  readonly undocumented: readonly string[];
  /** Types that the exports mention, that belong to this package, and that no entry exports: an embedder cannot name them. */
  readonly unexported: readonly string[];
}

interface Declared {
  readonly name: string;
  readonly declarations: readonly ts.Declaration[];
}

/** The entry for this repository's own packages, which promises nothing to anybody else. */
const internalEntry = "./internal";

/** Published packages, by their folders. */
const published = ["core", "redis", "ai-sdk", "otel", "server"];

/**
 * Reads the surface of every public entry of the published packages. It reads each file's declarations from the sources as they would be emitted, so that
 * no build is needed.
 */
export function apiReports(root: string): readonly ApiReport[] {
  return published.flatMap((name) => reportsOf(root, name));
}

interface ReportedEntry {
  readonly name: string;
  /** Import specifier, such as `@ccpb/core/sse`. */
  readonly specifier: string;
  readonly file: string;
}

function reportsOf(root: string, packageName: string): readonly ApiReport[] {
  const folder = join(root, "packages", packageName);
  const entries = entriesOf(folder, packageName);
  const program = createDeclarationProgram(
    root,
    folder,
    entries.map(({ file }) => file),
  );
  const checker = program.getTypeChecker();
  const surfaces = entries.map((entry) => ({ ...entry, exported: exportsOf(program, checker, entry.file) }));
  const known = new Set(surfaces.flatMap(({ exported }) => exported.flatMap(({ declarations }) => declarations)));
  return surfaces.map(({ name, specifier, exported }) => {
    const hidden = mentioned(checker, exported, { folder: join(folder, "src"), known });
    return {
      name,
      markdown: render(specifier, exported, hidden),
      undocumented: exported.flatMap((one) => undocumentedIn(checker, one)),
      unexported: hidden.map((one) => one.name),
    };
  });
}

function entriesOf(folder: string, packageName: string): readonly ReportedEntry[] {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Record<string, { "@ccpb/source"?: string }>;
  };
  return Object.entries(manifest.exports).flatMap(([subpath, { "@ccpb/source": file }]) => {
    if (file === undefined || subpath === internalEntry) return [];
    const part = subpath.slice(2);
    const name = part === "" ? packageName : packageName === "core" ? part : `${packageName}-${part}`;
    return [{ name, specifier: `${manifest.name}${subpath.slice(1)}`, file: join(folder, file) }];
  });
}

/** Makes a program over the emitted declarations of a package's sources, each under its source's own name. */
function createDeclarationProgram(root: string, folder: string, files: readonly string[]): ts.Program {
  // Core has stricter settings of its own; the others have those of the repository.
  const own = join(folder, "tsconfig.json");
  const settings = ts.sys.fileExists(own) ? own : join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(settings, (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(
    { ...(config as object), include: [], files: [...files] },
    ts.sys,
    folder,
  );
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, language, ...rest) => {
    if (relative(join(folder, "src"), file).startsWith("..")) return getSourceFile(file, language, ...rest);
    const { outputText } = ts.transpileDeclaration(readFileSync(file, "utf8"), {
      fileName: file,
      compilerOptions: options,
    });
    return ts.createSourceFile(file, outputText, language, true);
  };
  return ts.createProgram([...files], options, host);
}

function exportsOf(program: ts.Program, checker: ts.TypeChecker, file: string): readonly Declared[] {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} exports nothing`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => declaredAs(checker, symbol, symbol.name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function declaredAs(checker: ts.TypeChecker, symbol: ts.Symbol, name: string): Declared {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return { name, declarations: target.declarations ?? [] };
}

/** What the declarations mention of this package and no entry exports, and what those mention in their turn. */
function mentioned(
  checker: ts.TypeChecker,
  exported: readonly Declared[],
  { folder, known }: { readonly folder: string; readonly known: ReadonlySet<ts.Declaration> },
): readonly Declared[] {
  const found = new Map<string, Declared>();
  const seen = new Set<ts.Declaration>(known);
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) look(node);
    ts.forEachChild(node, visit);
  };
  const look = (identifier: ts.Identifier): void => {
    const symbol = checker.getSymbolAtLocation(identifier);
    if (!symbol || symbol.flags & ts.SymbolFlags.TypeParameter) return;
    const declared = declaredAs(checker, symbol, symbol.name);
    const [first] = declared.declarations;
    // What stands at the top of a file, and is neither the file itself nor a part of something else.
    if (!first || seen.has(first) || ts.isSourceFile(first) || !ts.isSourceFile(statementOf(first).parent)) return;
    if (relative(folder, first.getSourceFile().fileName).startsWith("..")) return;
    seen.add(first);
    found.set(declared.name, declared);
    declared.declarations.forEach(visit);
  };
  exported.forEach(({ declarations }) => declarations.forEach(visit));
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The node that stands in the file: a variable's statement, else the declaration itself. */
function statementOf(declaration: ts.Declaration): ts.Node {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

function undocumentedIn(checker: ts.TypeChecker, { name, declarations }: Declared): readonly string[] {
  const isDocumented = declarations.some((declaration) => hasComment(statementOf(declaration)));
  const methods = declarations.filter(ts.isClassDeclaration).flatMap((declaration) => {
    // What an interface promises is documented there.
    const promised = new Set(
      (declaration.heritageClauses ?? [])
        .flatMap(({ types }) => types)
        .flatMap((type) =>
          checker
            .getTypeAtLocation(type)
            .getProperties()
            .map((property) => property.name),
        ),
    );
    return declaration.members
      .filter((member) => ts.isMethodDeclaration(member) && ts.isIdentifier(member.name) && !hasComment(member))
      .map((member) => member.name?.getText() ?? "")
      .filter((method) => !promised.has(method))
      .map((method) => `${name}.${method}`);
  });
  return [...(isDocumented ? [] : [name]), ...new Set(methods)];
}

function hasComment(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).some((comment) => ts.isJSDoc(comment) && comment.comment !== undefined);
}

const nothing = "It exports nothing: a program imports it for its effect.";

function render(entry: string, exported: readonly Declared[], hidden: readonly Declared[]): string {
  const list = hidden.length === 0 ? [] : ["## Mentioned by these, not exported", "", code(hidden), ""];
  const note =
    "Written by `node scripts/write-api-report.mjs` from the sources; a test fails where it is not what they export.";
  return [`# ${entry}`, "", note, "", exported.length === 0 ? nothing : code(exported), "", ...list].join("\n");
}

function code(declared: readonly Declared[]): string {
  return ["```ts", declared.map(textOf).join("\n\n"), "```"].join("\n");
}

function textOf({ name, declarations }: Declared): string {
  return declarations
    .map((declaration) => {
      const node = statementOf(declaration);
      const own = ts.getNameOfDeclaration(declaration)?.getText();
      const text = node
        .getFullText()
        .trim()
        .replaceAll(/^export declare /gm, "export ");
      return own === name || own === undefined ? text : `${text}\n// exported as ${name}`;
    })
    .join("\n");
}

/** Where the report of an entry stands, from the root on. */
export function reportPath(name: string): string {
  return join("docs/api", `${name}.md`);
}
