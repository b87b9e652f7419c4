import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const packages = ["core", "server", "redis"];

/** A collection that can grow: who holds it, as `Class.member`, or the name alone where a module holds it. */
interface State {
  readonly name: string;
  readonly file: string;
  readonly isModule: boolean;
}

const growing = /^(?:Map|Set|WeakMap|WeakSet|BoundedMap|LabelTree|Array)\b/;

/**
 * Whether a declaration is a collection that can grow. `readonly` arrays, `ReadonlyMap` and `ReadonlySet` cannot: what replaces them as a whole is
 * found where it is made.
 */
function isGrowing(type: ts.TypeNode | undefined, value: ts.Expression | undefined, source: ts.SourceFile): boolean {
  if (type !== undefined) {
    const members = ts.isUnionTypeNode(type) ? type.types : [type];
    return members.some((member) => ts.isArrayTypeNode(member) || growing.test(member.getText(source)));
  }
  if (value === undefined) return false;
  if (ts.isArrayLiteralExpression(value)) return value.elements.length === 0;
  return ts.isNewExpression(value) && growing.test(value.expression.getText(source));
}

function statesIn(file: string): State[] {
  const text = readFileSync(join(root, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const states: State[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyDeclaration(node) && isGrowing(node.type, node.initializer, source)) {
      const owner = ts.isClassLike(node.parent) ? (node.parent.name?.text ?? "") : "";
      states.push({ name: `${owner}.${node.name.getText(source)}`, file, isModule: false });
    }
    // Plain objects that hold state are described by interfaces; arrays in them are data.
    if (ts.isPropertySignature(node) && node.type && ts.isInterfaceDeclaration(node.parent)) {
      if (growing.test(node.type.getText(source)))
        states.push({ name: `${node.parent.name.text}.${node.name.getText(source)}`, file, isModule: false });
    }
    if (ts.isVariableStatement(node) && ts.isSourceFile(node.parent)) {
      for (const { name, type, initializer } of node.declarationList.declarations) {
        if (isGrowing(type, initializer, source)) states.push({ name: name.getText(source), file, isModule: true });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return states;
}

const states = packages.flatMap((name) => {
  const folder = join(root, "packages", name, "src");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => relative(root, join(folder, file)).replaceAll(sep, "/"))
    .sort()
    .flatMap(statesIn);
});

/** Objects of these folders live for one request, one answer or one reading of a file; what is large in them is bounded by the request's size. */
const perCallFolders = [
  "core/src/conversation/",
  "core/src/dialects/",
  "core/src/failures/",
  "core/src/delivery/",
  "core/src/sse/",
  "core/src/bytes/",
  "core/src/config/",
  "core/src/testing/",
  "server/src/config/",
  "server/src/demo/",
  "server/src/cli/",
];

/** Classes and interfaces whose objects live as long. */
const perCall: ReadonlySet<string> = new Set([
  "CallRefusals",
  "CallRetries",
  "BalancerCall",
  "Cancellation",
  "Cost",
  "MessageDraft",
  "BodyChunks",
  "ReplyBody",
  "Collector",
  "UsageGroups",
]);

/** Filled by the configuration or by the code alone, or counted by a row that holds it: nobody outside can feed it further entries. */
const byConfiguration: ReadonlySet<string> = new Set([
  // Tables of the code.
  "metadataAddresses",
  "metadataNames",
  "secretKeys",
  "publicKeys",
  "managedHeaders",
  "credentialHeaders",
  // By provider, rule, host name, domain or worker of the configuration.
  "Resets.#throughMs",
  "HealthTable.#providers",
  "ProviderLoad.#counters",
  "SignatureOrigins.#counts",
  "matchers",
  "profiles",
  "NameLookup.#names",
  "NameLookup.#queue",
  "Dispatcher.#workers",
  "Workers.#processes",
  "Workers.#failures",
  "Workers.#pauses",
  "Authorizers.#all",
  "UpstreamTlsFiles.#known",
  // By client of the configuration, by kind of budget, by worker.
  "ClientAccounts.#accounts",
  "ClientAccounts.#periods",
  "CountsElsewhere.#workers",
  "CountsHub.#workers",
  "Account.meters",
  "Account.noticed",
  "Metrics.#clients",
  // Listeners of the program itself.
  "EventEmitter.#listeners",
  "SharedHealth.#subscribers",
  // What bounds the others: each instance has a row of its own.
  "BoundedMap.#entries",
  "Tally.#counts",
  "Timings.#series",
  "Node.below",
  // One number for each open connection, and what callers of a name wait for: requests under way.
  "PipelinedRequests.#waiting",
  "NamedHost.#waits",
  "Wait.#waits",
]);

/** The rows of the table of state in docs/operations.md, by the names in their first cell. */
function documented(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(root, "docs/operations.md"), "utf8");
  const section = text.slice(text.indexOf("\n## State in memory"));
  const end = section.indexOf("\n## ", 4);
  const rows = (end === -1 ? section : section.slice(0, end)).split("\n").filter((line) => line.startsWith("| "));
  return new Map(
    rows.flatMap((line) => {
      const cells = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [...(cells[0] ?? "").matchAll(/`([^`]+)`/g)].map((match): [string, string[]] => [
        match[1] as string,
        cells,
      ]);
    }),
  );
}

function isPerCall({ name, file, isModule }: State): boolean {
  if (isModule) return false;
  return (
    perCall.has(name.split(".")[0] as string) || perCallFolders.some((folder) => file.startsWith(`packages/${folder}`))
  );
}

describe("state that outlives a call", () => {
  it("has a row with both bounds in docs/operations.md, or is filled by the configuration alone", () => {
    const rows = documented();
    const unbounded = states.filter(
      (state) => !isPerCall(state) && !byConfiguration.has(state.name) && !rows.has(state.name),
    );
    expect(unbounded.map(({ name, file }) => `${name} (${file})`)).toEqual([]);
  });

  it("is named in no row and no list that the sources do not have", () => {
    const names = new Set(states.map(({ name }) => name));
    const owners = new Set(states.map(({ name }) => name.split(".")[0]));
    expect([...documented().keys(), ...byConfiguration].filter((name) => !names.has(name))).toEqual([]);
    expect([...perCall].filter((name) => !owners.has(name))).toEqual([]);
  });

  it("has a number in every bound: entries, size of one, worst case", () => {
    const rows = [...documented()];
    expect(rows.length).toBeGreaterThan(10);
    for (const [name, cells] of rows) {
      const [, fedBy, entries, size, worst] = cells;
      expect({
        name,
        fedBy: fedBy !== "",
        bounds: [entries, size].every((cell) => cell !== undefined && cell !== ""),
      }).toEqual({ name, fedBy: true, bounds: true });
      expect({ name, worst }).toEqual({ name, worst: expect.stringMatching(/^(?:< )?[\d,.]+ (?:kB|MB)/) });
    }
  });
});
