import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  commentsOf,
  docstringsOf,
  isHeadless,
  isHeadlessComment,
  isRiddle,
  packageSources,
  unclearTexts,
} from "../scripts/docstrings.ts";

const root = join(import.meta.dirname, "..");

describe("the docstrings and comments of all packages", () => {
  it("begin with a verb or a thing, and name the actor", () => {
    expect(packageSources(root).length).toBeGreaterThan(700);
    expect(unclearTexts(root)).toEqual([]);
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

  it("reads comments on lines of their own, and joins lines that follow each other", () => {
    const source = "const a = 1; // not this\n  // One\n  // comment.\nconst b = 'http://host';\n// Two.\n";
    expect(commentsOf(source)).toEqual([
      { line: 2, text: "One comment." },
      { line: 5, text: "Two." },
    ]);
  });

  it.each([
    ["What a page can show.", true],
    ["A full disk. What was written is removed.", true],
    ["Where names are passed through, one stands for all.", false],
    ["Bytes that a page can show.", false],
  ])("%s comment: %s", (text, expected) => {
    expect(isHeadlessComment(text)).toBe(expected);
  });

  it.each([
    ["What the client may see.", true],
    ["whether it may", true],
    ["Where a report stands.", true],
    ["Such as `2026-11`.", true],
    ["Reads it. @param name - whom to ask.", true],
    ["Reads it. @returns what came.", true],
    ["Reads it. What comes later is dropped.", true],
    ["Reads it; what comes later is dropped.", false],
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
