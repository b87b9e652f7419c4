import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { docstringsOf, isHeadless, isRiddle, packageSources, unclearDocstrings } from "../scripts/docstrings.ts";

const root = join(import.meta.dirname, "..");

describe("the docstrings of all packages", () => {
  it("begin with a verb or a thing, and name the actor", () => {
    expect(packageSources(root).length).toBeGreaterThan(700);
    expect(unclearDocstrings(root)).toEqual([]);
  });
});

describe("the reader of docstrings", () => {
  it("says the line of each, and reads it without its frame", () => {
    const source = "const a = 1;\n/** One. */\nconst b = 2;\n/**\n * Two\n * lines.\n *\n * @returns it.\n */\n";
    expect(docstringsOf(source)).toEqual([
      { line: 2, text: "One." },
      { line: 4, text: "Two lines. @returns it." },
    ]);
  });

  it.each([
    ["What the client may see.", true],
    ["whether it may", true],
    ["Where a report stands.", true],
    ["Such as `2026-11`.", true],
    ["Reads it. @param name - whom to ask.", true],
    ["Reads it. @returns what came.", true],
    ["Decides whether it may.", false],
    ["Whatever's name.", false],
    ["Returns what came.", false],
  ])("%s headless: %s", (text, expected) => {
    expect(isHeadless(text)).toBe(expected);
  });

  it.each([
    ["Ports that nobody listens on.", true],
    ["Lets go of the upstream.", true],
    ["Letting go of it ends the call.", true],
    ["Closes the body.", false],
  ])("%s riddle: %s", (text, expected) => {
    expect(isRiddle(text)).toBe(expected);
  });
});
