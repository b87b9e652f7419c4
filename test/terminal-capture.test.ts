import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { terminalSvg } from "../scripts/terminal-svg.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const cast = read("docs/images/demo.cast");
const shown = cast
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => (JSON.parse(line) as [number, string, string])[2])
  .join("");

describe("the capture of the demo", () => {
  it("shows the command of the README, run to its good end, and nothing of the machine that it was recorded on", () => {
    expect(shown).toContain("$ npm start -- demo\r\n");
    expect(shown).toContain("All 7 scenes as they should be");
    expect(shown).not.toMatch(/\/(?:root|home|Users|tmp|work)\//);
  });

  it("is drawn from the recorded bytes, and stands in both READMEs", () => {
    expect(read("docs/images/demo.svg")).toBe(terminalSvg(cast));
    for (const name of ["README.md", "README.zh-CN.md"]) expect(read(name)).toContain("(docs/images/demo.svg)");
  });
});

describe("terminalSvg", () => {
  const svgOf = (...outputs: string[]): string =>
    terminalSvg(
      [{ version: 2, width: 20, height: 2 }, ...outputs.map((text, index) => [index, "o", text])]
        .map((line) => JSON.stringify(line))
        .join("\n"),
    );

  it("keeps colours, escapes markup, leaves out what was erased, and scrolls", () => {
    const svg = svgOf(
      "⠙\u001b[1G\u001b[0K",
      "\u001b[1mbo<&ld\u001b[22m plain\r\n",
      "\u001b[32mtwo\u001b[39m\r\n",
      "three",
    );
    expect(svg).not.toContain("⠙");
    expect(svg).toMatch(/class="line bold" x="0.0" y="14"[^>]*>bo&lt;&amp;ld</);
    expect(svg).toMatch(/class="line" x="50.4" y="14"[^>]*> plain</);
    expect(svg).toMatch(/class="line green" x="0.0" y="32"/);
    expect(svg).toContain("100.00%{transform:translateY(-18px)}");
  });

  it("refuses what it would show wrongly", () => {
    expect(() => svgOf("\u001b[2A")).toThrow("not understood");
    expect(() => svgOf("more than twenty columns of text")).toThrow("wider than 20");
  });
});
