import type { ConfigPath } from "@ccpb/core/config";
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import { oddCharacters } from "./odd-characters.ts";
import { explainYamlError, type SourceFault, withoutConsequences } from "./yaml-faults.ts";

/** A stretch of a source, offsets in UTF-16 units. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** Part of a problem's place: the key, the value, or the place where something is missing. */
export type SourceTarget = "key" | "value" | "missing";

/** The text of a YAML file, its content as plain data, and where each of its values stands. */
export class YamlSource {
  readonly text: string;
  /** Faults that YAML itself finds, in order. */
  readonly faults: readonly SourceFault[];
  /** True if enough of the content is readable to be checked. */
  readonly isReadable: boolean;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.text = text;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      schema: "core",
      merge: true,
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: "error",
    });
    const found = [...this.#document.errors, ...this.#document.warnings];
    const first = onePerLine(found, this.#lines, (error) => error.pos[0]);
    const faults = first.map((error) => explainYamlError(error, this.#document, text));
    const odd = oddCharacters(text);
    // They explain whatever YAML itself stumbles over.
    const all = odd.length > 0 ? odd : [...withoutConsequences(faults), ...aliasFaults(this.#document)];
    this.faults = onePerLine(all, this.#lines, (fault) => fault.offset);
    this.isReadable = this.faults.every((fault) => fault.isLocal);
  }

  /** The content as plain data: `null` if there is none. Throws an `Error` where aliases multiply beyond reason or cannot be resolved. */
  toData(): unknown {
    return this.#document.toJS({ maxAliasCount: 100 });
  }

  /** Line and column, both from 1. */
  position(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  /** Finds the place of `path`; the nearest place above it if it is absent. */
  locate(path: ConfigPath, target: SourceTarget): SourceRange {
    const { pair, node, isWhole } = this.#find(path);
    const key = pair === undefined ? undefined : rangeOf(pair.key);
    const value = rangeOf(node);
    if (target === "value" && isWhole && value !== undefined && value.end > value.start && !isBlock(node)) return value;
    if (key !== undefined) return key;
    const first = isMap(node) && !node.flow ? rangeOf(node.items[0]?.key) : undefined;
    return first ?? { start: value?.start ?? 0, end: (value?.start ?? 0) + 1 };
  }

  /** Every scalar of the source with the path of its place; keys end their own path and are marked. Aliases are not followed. */
  scalars(): readonly {
    readonly path: ConfigPath;
    readonly isKey: boolean;
    readonly range: SourceRange;
    readonly value: unknown;
  }[] {
    const found: { path: ConfigPath; isKey: boolean; range: SourceRange; value: unknown }[] = [];
    const walk = (node: unknown, path: ConfigPath): void => {
      if (isScalar(node)) {
        const range = rangeOf(node);
        if (range !== undefined) found.push({ path, isKey: false, range, value: node.value });
      } else if (isSeq(node)) {
        for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
      } else if (isMap(node)) {
        for (const { key, value } of node.items) {
          const inner = [...path, isScalar(key) ? String(key.value) : ""];
          const range = rangeOf(key);
          if (isScalar(key) && range !== undefined) found.push({ path: inner, isKey: true, range, value: key.value });
          walk(value, inner);
        }
      }
    };
    walk(this.#document.contents, []);
    return found;
  }

  /** The ranges of what the aliases below `path` stand for. */
  aliased(isMeant: (path: ConfigPath) => boolean): readonly SourceRange[] {
    const found: SourceRange[] = [];
    const walk = (node: unknown, path: ConfigPath): void => {
      if (isAlias(node)) {
        const range = isMeant(path) ? rangeOf(node.resolve(this.#document)) : undefined;
        if (range !== undefined) found.push(range);
      } else if (isSeq(node)) {
        for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
      } else if (isMap(node)) {
        for (const { key, value } of node.items) walk(value, [...path, isScalar(key) ? String(key.value) : ""]);
      }
    };
    walk(this.#document.contents, []);
    return found;
  }

  #find(path: ConfigPath): { pair: Pair | undefined; node: unknown; isWhole: boolean } {
    let pair: Pair | undefined;
    let node: unknown = this.#document.contents;
    for (const step of path) {
      const container = isAlias(node) ? node.resolve(this.#document) : node;
      if (isMap(container)) {
        const next = this.#pairOf(container, String(step), 0);
        if (next === undefined) return { pair, node, isWhole: false };
        pair = next;
        node = next.value;
      } else if (isSeq(container) && container.items[Number(step)] !== undefined) {
        pair = undefined;
        node = container.items[Number(step)];
      } else {
        return { pair, node, isWhole: false };
      }
    }
    return { pair, node, isWhole: true };
  }

  // A key of a map, or of what is merged into it with <<.
  #pairOf(map: YAMLMap, key: string, depth: number): Pair | undefined {
    // Of a key that stands twice the last one counts.
    const own = map.items.findLast((item) => isScalar(item.key) && String(item.key.value) === key);
    if (own !== undefined || depth > 10) return own;
    for (const item of map.items) {
      if (!isScalar(item.key) || String(item.key.value) !== "<<") continue;
      for (const merged of isSeq(item.value) ? item.value.items : [item.value]) {
        const source = isAlias(merged) ? merged.resolve(this.#document) : merged;
        const found = isMap(source) ? this.#pairOf(source, key, depth + 1) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

function isBlock(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}

function rangeOf(node: unknown): SourceRange | undefined {
  const range = typeof node === "object" && node !== null && "range" in node ? (node as Node).range : undefined;
  return range === undefined || range === null ? undefined : { start: range[0], end: range[1] };
}

function aliasFaults(document: Document.Parsed): readonly SourceFault[] {
  const faults: SourceFault[] = [];
  visit(document, {
    Alias: (_, alias) => {
      const offset = alias.range?.[0] ?? 0;
      if (alias.resolve(document) === undefined) {
        const message =
          'a text that begins with * is an alias in YAML, and no & gives it a meaning; put it in quotes, such as "*opus*"';
        faults.push({ offset, message, isLocal: false });
      }
    },
  });
  return faults;
}

// The first of a line explains the line best; the others mostly follow from it.
function onePerLine<Item>(
  items: readonly Item[],
  lines: LineCounter,
  offsetOf: (item: Item) => number,
): readonly Item[] {
  const byLine = new Map<number, Item>();
  for (const item of items) {
    const { line } = lines.linePos(offsetOf(item));
    if (!byLine.has(line)) byLine.set(line, item);
  }
  return [...byLine.values()].sort((one, other) => offsetOf(one) - offsetOf(other));
}
