import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { renderTable, wrapWords } from "./text-table.ts";

describe("a table", () => {
  const rows = [
    ["", "PROVIDER", "STATE", "WHY"],
    ["✗", "月之暗面", "open", "billing: Your credit balance is too low to access the Anthropic API."],
    ["✓", "a_rather_long_name", "closed"],
  ];

  it("is aligned by terminal columns, each row on one line, where there is room", () => {
    expect(renderTable(rows, Infinity)).toBe(
      [
        "   PROVIDER            STATE   WHY",
        "✗  月之暗面            open    billing: Your credit balance is too low to access the Anthropic API.",
        "✓  a_rather_long_name  closed",
        "",
      ].join("\n"),
    );
  });

  it("gives a reason that does not fit lines of its own", () => {
    expect(renderTable(rows, 44)).toBe(
      [
        "   PROVIDER            STATE   WHY",
        "✗  月之暗面            open",
        "    billing: Your credit balance is too low",
        "    to access the Anthropic API.",
        "✓  a_rather_long_name  closed",
        "",
      ].join("\n"),
    );
  });

  it("paints a moved reason line by line, and never counts the paint as width", () => {
    const paint = (text: string): string => `<${text}>`;
    const table = renderTable([["name", { text: "one two three four five six seven", paint }]], 24);
    expect(table).toBe("name\n    <one two three four>\n    <five six seven>\n");
  });

  it("loses no word and no name at any width", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "中", "é"), minLength: 1, maxLength: 30 });
    const row = fc.tuple(word, word, fc.array(word, { minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 120 }), (cells, width) => {
        const words = cells.flatMap(([name, state, reason]) => [name, state, ...reason]);
        const table = renderTable(
          cells.map(([name, state, reason]) => [name, state, reason.join(" ")]),
          width,
        );
        expect(table.split(/\s+/).filter((part) => part !== "")).toEqual(words);
        for (const line of table.split("\n")) expect(line).toBe(line.trimEnd());
      }),
    );
  });

  it("keeps wrapped text within the width, longer words excepted", () => {
    const word = fc.string({ unit: fc.constantFrom("x", "汉"), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (words, width) => {
        for (const line of wrapWords(words.join(" "), width)) {
          expect(stringWidth(line) <= width || !line.includes(" ")).toBe(true);
        }
      }),
    );
  });
});
