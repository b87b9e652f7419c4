import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "..");
const packages = ["core", "redis", "server"];

/** A regular expression literal of the sources. */
export interface SourceExpression {
  /** File and line, relative to the repository. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** What the sources of the published packages hold, tests excepted. */
export interface SourceFindings {
  readonly expressions: readonly SourceExpression[];
  /** Places of `new RegExp(…)`. */
  readonly built: readonly string[];
  /** Places of calls such as `Math.max(...list)`, which overflow the stack for a list of a hundred thousand. */
  readonly spreads: readonly string[];
}

/** Parses all sources of the published packages. */
export function readSources(): SourceFindings {
  const findings = { expressions: [] as SourceExpression[], built: [] as string[], spreads: [] as string[] };
  for (const name of packages)
    for (const file of sourceFiles(join(root, "packages", name, "src"))) visitFile(file, findings);
  return findings;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name));
}

function visitFile(file: string, findings: Mutable): void {
  const tree = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const placeOf = (node: ts.Node): string =>
    `${relative(root, file)}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      findings.expressions.push({
        place: placeOf(node),
        source: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      });
    } else if (ts.isNewExpression(node) && node.expression.getText() === "RegExp") findings.built.push(placeOf(node));
    else if (ts.isCallExpression(node) && node.arguments.some(ts.isSpreadElement) && takesList(node)) {
      findings.spreads.push(`${placeOf(node)} ${node.getText().slice(0, 80)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
}

type Mutable = { expressions: SourceExpression[]; built: string[]; spreads: string[] };

const listCallees = /^(?:Math\.(?:max|min)|String\.from(?:CharCode|CodePoint)|.*\.(?:push|unshift|splice|concat))$/s;

function takesList({ expression }: ts.CallExpression): boolean {
  return listCallees.test(expression.getText());
}
