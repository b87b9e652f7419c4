import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { analyse } from "scslre";
import { expect, test } from "vitest";
import { readSources, type SourceExpression } from "./expression-sources.ts";

process.env["RECHECK_BACKEND"] = "pure"; // plain JavaScript: no binary has to be installed

const { expressions, built, spreads } = readSources();
/** Expressions that recheck has found linear; `scripts/check-expressions.mjs` adds to the list. Any other is checked here. */
const linear: ReadonlySet<string> = new Set(
  JSON.parse(readFileSync(resolve(import.meta.dirname, "linear-expressions.json"), "utf8")) as string[],
);

test("no expression of the sources takes more than linear time, as scslre sees it", () => {
  expect(expressions.length).toBeGreaterThan(200);
  const faults = expressions.flatMap((expression) => {
    const { reports } = analyse({ source: expression.source, flags: expression.flags });
    return reports.map(({ type }) => `${expression.place} ${textOf(expression)}: ${type}`);
  });
  expect(faults).toEqual([]);
});

test(
  "no expression of the sources takes more than linear time, as recheck sees it",
  { timeout: 1_800_000 },
  async () => {
    const { checkSync } = await import("recheck");
    const faults = expressions
      .filter(({ place }) => !isWording(place))
      .filter((expression) => !linear.has(textOf(expression)))
      .flatMap((expression) => {
        const found = checkSync(expression.source, expression.flags, { timeout: 300_000 });
        return found.status === "safe" ? [] : [`${expression.place} ${textOf(expression)}: ${describe(found)}`];
      });
    expect(faults).toEqual([]);
  },
);

// Each is built of parts that are linear, or for a text of known length.
const knownBuilt: Readonly<Record<string, string>> = {
  "packages/core/src/policy/error-rules.ts": "an operator's expression, whose ways are counted before it is used",
  "packages/core/src/policy/expression-cost.ts": "one atom, for one character",
  "packages/core/src/failures": "wordings with a list of words for money; the text is cut",
  "packages/core/src/policy/refus": "wordings, over texts that are cut to 2,000 characters",
  "packages/server/src/log/redact.ts": "the configured secrets, as they stand",
  "packages/server/src/tokenizer/o200k.ts": "runs of 201 characters, so that a start costs at most 201 steps",
  "packages/server/src/ui/page.ts": "the page of the product itself, once",
};

test("every expression that is built at run time is known, with a reason", () => {
  expect(built.filter((place) => !Object.keys(knownBuilt).some((known) => place.startsWith(known)))).toEqual([]);
});

// A list of another party must not become arguments: from about 120,000 on it overflows the stack.
const boundedSpreads = [
  "packages/core/src/conversation/ids/meant-name.ts", // three separators
  "packages/core/src/conversation/ids/base64url.ts", // 8,192 bytes at a time
  "packages/server/src/config/secrets.ts", // at most one entry
  "packages/server/src/cli/banner.ts", // one entry a line of the banner
  "packages/server/src/cli/init.ts", // one entry a provider that the product knows
];

test("no list is spread into the arguments of a call", () => {
  expect(spreads.filter((place) => !boundedSpreads.some((known) => place.startsWith(known)))).toEqual([]);
});

function textOf({ source, flags }: SourceExpression): string {
  return `/${source}/${flags}`;
}

function describe(found: { readonly status: string; readonly complexity?: unknown }): string {
  return JSON.stringify([found.status, found.complexity]);
}

/** Wordings of errors, read from texts of at most 8 kB: recheck takes minutes for them. */
function isWording(place: string): boolean {
  return /^packages\/core\/src\/(?:failures\/|policy\/refus)/.test(place);
}
