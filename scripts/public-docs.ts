import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** The documentation of one name that an entry of a published package exports. */
export interface DocumentedExport {
  /** The import specifier: `@ccpb/core`, `@ccpb/core/config`. */
  readonly entry: string;
  readonly name: string;
  readonly kind: "function" | "class" | "interface" | "type" | "constant";
  /** `file:line` of the declaration, from the root on. */
  readonly place: string;
  /** What is missing, one item each: `Balancer.open: no @returns`. */
  readonly missing: readonly string[];
  /** The TypeScript code of each `@example`, of the export and of its members. */
  readonly examples: readonly string[];
}

/** How often each tag stands in the sources of a package. */
export type TagCounts = Readonly<Record<string, number>>;

/** Entries whose interfaces mirror an API that its vendor documents: an `@see` stands for texts of their members. */
const mirrored = ["@ccpb/core/protocol"];

/** Entries that promise nothing to users. */
const unpromised = new Set(["@ccpb/core/internal"]);

interface Entry {
  readonly specifier: string;
  readonly file: string;
}

/**
 * Reads the documentation of every export of every published package from the sources.
 *
 * @param root - the folder of the repository.
 * @returns one item for each name and entry, sorted by entry as in the manifests.
 */
export function documentedExports(root: string): readonly DocumentedExport[] {
  const entries = entriesOf(root);
  const program = createProgram(
    root,
    entries.map(({ file }) => file),
  );
  const checker = program.getTypeChecker();
  return entries.flatMap(({ specifier, file }) =>
    exportsOf(program, checker, file).map((exported) => describe(root, specifier, exported)),
  );
}

/** Reads which entries the packages have that are published: those whose manifest does not say `private`. */
function entriesOf(root: string): readonly Entry[] {
  return ["core", "redis", "ai-sdk", "otel", "server"].flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as {
      readonly name: string;
      readonly exports: Record<string, string | { "@ccpb/source"?: string }>;
    };
    return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
      const source = typeof target === "string" ? undefined : target["@ccpb/source"];
      const specifier = manifest.name + subpath.slice(1);
      if (source === undefined || unpromised.has(specifier)) return [];
      return [{ specifier, file: join(root, "packages", folder, source) }];
    });
  });
}

function createProgram(root: string, files: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return ts.createProgram([...files], { ...options, noEmit: true });
}

interface Exported {
  readonly name: string;
  readonly symbol: ts.Symbol;
  /** True if the export is `export type`, so that a class among them cannot be constructed. */
  readonly isType: boolean;
}

function exportsOf(program: ts.Program, checker: ts.TypeChecker, file: string): readonly Exported[] {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) return [];
  return checker.getExportsOfModule(module).map((symbol): Exported => ({
    name: symbol.name,
    symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    isType: symbol.declarations?.some((node) => ts.isTypeOnlyImportOrExportDeclaration(node)) === true,
  }));
}

function describe(root: string, entry: string, { name, symbol, isType }: Exported): DocumentedExport {
  const declarations = symbol.declarations ?? [];
  const [first] = declarations;
  if (!first) throw new Error(`${entry} exports ${name}, which is declared nowhere`);
  const file = first.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(first.getStart());
  const parts = declarations.map((declaration) => examine(name, declaration, mirrored.includes(entry)));
  const missing = parts.flatMap((part) => part.missing);
  return {
    entry,
    name,
    kind: kindOf(first),
    place: `${relative(root, file.fileName)}:${line + 1}`,
    missing: isType ? missing.filter((tag) => tag !== `${name}: no @example`) : missing,
    examples: parts.flatMap(({ examples }) => examples),
  };
}

function kindOf(declaration: ts.Declaration): DocumentedExport["kind"] {
  if (ts.isFunctionDeclaration(declaration)) return "function";
  if (ts.isClassDeclaration(declaration)) return "class";
  if (ts.isInterfaceDeclaration(declaration)) return "interface";
  return ts.isTypeAliasDeclaration(declaration) ? "type" : "constant";
}

interface Examined {
  readonly missing: readonly string[];
  readonly examples: readonly string[];
}

function examine(name: string, declaration: ts.Declaration, isMirrored: boolean): Examined {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const examples = examplesOf(node);
  const isType = ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration);
  const wantsExample = !isType && tagsOf(node, "deprecated").length === 0;
  const own = [
    ...(summaryOf(node) === "" ? [`${name}: no summary`] : []),
    ...(wantsExample && examples.length === 0 ? [`${name}: no @example`] : []),
  ];
  if (ts.isFunctionDeclaration(declaration)) return { missing: [...own, ...missingTags(name, declaration)], examples };
  if (ts.isClassDeclaration(declaration)) return withMembers({ missing: own, examples }, name, declaration);
  if (isMirrored || !ts.isInterfaceDeclaration(declaration)) {
    const isSourceNamed = !isMirrored || tagsOf(node, "see").length > 0 || ts.isTypeAliasDeclaration(declaration);
    return { missing: [...own, ...(isSourceNamed ? [] : [`${name}: no @see`])], examples };
  }
  return withMembers({ missing: own, examples }, name, declaration);
}

function withMembers(
  own: Examined,
  name: string,
  declaration: ts.ClassDeclaration | ts.InterfaceDeclaration,
): Examined {
  const members = declaration.members.filter((member) => !isHidden(member));
  const missing = members.flatMap((member) => {
    if (ts.isConstructorDeclaration(member)) return missingTags(`new ${name}`, member);
    const label = `${name}.${member.name?.getText() ?? "[index]"}`;
    if (ts.isClassDeclaration(declaration) && isPromised(declaration, member)) return [];
    const summary = summaryOf(member) === "" ? [`${label}: no summary`] : [];
    if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member))
      return [...summary, ...missingTags(label, member)];
    return summary;
  });
  return { missing: [...own.missing, ...missing], examples: [...own.examples, ...members.flatMap(examplesOf)] };
}

/** Says whether a member is private, internal or computed, so that users do not see it or know it already (`[Symbol.dispose]`). */
function isHidden(member: ts.ClassElement | ts.TypeElement): boolean {
  if (member.name && (ts.isPrivateIdentifier(member.name) || ts.isComputedPropertyName(member.name))) return true;
  if (ts.canHaveModifiers(member)) {
    if (ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) return true;
  }
  return tagsOf(member, "internal").length > 0;
}

/** Says whether the class implements a type of the same file or another that documents the member. */
function isPromised(declaration: ts.ClassDeclaration, member: ts.ClassElement | ts.TypeElement): boolean {
  const promises = (declaration.heritageClauses ?? []).some(({ token }) => token === ts.SyntaxKind.ImplementsKeyword);
  return promises && summaryOf(member) === "";
}

function missingTags(
  label: string,
  node: ts.FunctionDeclaration | ts.MethodDeclaration | ts.MethodSignature | ts.ConstructorDeclaration,
): readonly string[] {
  const documented = new Set(
    tagsOf(node, "param").flatMap((tag) =>
      ts.isJSDocParameterTag(tag) && textOf(tag.comment) !== "" ? [tag.name.getText()] : [],
    ),
  );
  const missing = node.parameters.flatMap((parameter, place) => {
    // A destructured parameter has no name of its own: its tag stands at the same place, under any name.
    const isThere = ts.isIdentifier(parameter.name) ? documented.has(parameter.name.text) : documented.size > place;
    return isThere ? [] : [`${label}: no @param ${ts.isIdentifier(parameter.name) ? parameter.name.text : place + 1}`];
  });
  if (!ts.isConstructorDeclaration(node) && returnsValue(node) && tagsOf(node, "returns").length === 0)
    missing.push(`${label}: no @returns`);
  if (throwsItself(node) && tagsOf(node, "throws").length === 0) missing.push(`${label}: no @throws`);
  return missing;
}

function returnsValue(node: ts.SignatureDeclaration): boolean {
  const text = node.type?.getText() ?? "void";
  return !["void", "never", "Promise<void>", "undefined"].includes(text) && !text.startsWith("asserts ");
}

/** Says whether the body has a `throw` of its own: not in a function within it, and not within a `try`. */
function throwsItself(node: ts.FunctionLikeDeclaration | ts.MethodSignature): boolean {
  const body = "body" in node ? node.body : undefined;
  let isFound = false;
  const visit = (part: ts.Node): void => {
    if (ts.isThrowStatement(part)) isFound = true;
    if (!ts.isFunctionLike(part)) ts.forEachChild(part, visit);
  };
  if (body) ts.forEachChild(body, visit);
  return isFound;
}

function tagsOf(node: ts.Node, name: string): readonly ts.JSDocTag[] {
  return ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === name);
}

function summaryOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map(({ comment }) => textOf(comment))
    .join("\n")
    .trim();
}

function textOf(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  return ts.getTextOfJSDocComment(comment) ?? "";
}

function examplesOf(node: ts.Node): readonly string[] {
  return tagsOf(node, "example").map(({ comment }) => /```ts\n([\s\S]*?)```/.exec(textOf(comment))?.[1] ?? "");
}
