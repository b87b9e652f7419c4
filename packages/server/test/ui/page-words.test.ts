import { readdirSync, readFileSync } from "node:fs";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { pageLanguage, readStatusPage, scriptParts } from "../../src/ui/page.ts";

const folder = new URL("../../src/ui/page/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

describe("the script of the page", () => {
  it("is made of every part, in an order in which no part comes before what it imports", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
    expect(files.map((name) => name.replace(".js", "")).toSorted()).toEqual(scriptParts.toSorted());
    for (const [index, part] of scriptParts.entries()) {
      const imported = [...read(`${part}.js`).matchAll(/from "\.\/(\w+)\.js"/g)].map(([, name]) => name);
      expect(imported.filter((name) => !scriptParts.slice(0, index).some((before) => before === name))).toEqual([]);
    }
  });

  it("is one script without imports, in which no name stands twice", () => {
    const page = Buffer.from(readStatusPage("en").body).toString();
    const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? "";
    expect(script).not.toMatch(/^(?:import|export) /m);
    expect(() => new Script(script)).not.toThrow();
    const names = [...script.matchAll(/^(?:async )?(?:function|const|let) (\w+)/gm)].map(([, name]) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("makes elements of texts only as texts", () => {
    for (const part of scriptParts)
      expect(read(`${part}.js`)).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/);
  });
});

describe("the words of the page", () => {
  const words = read("words.js");
  const known = new Map(
    [...words.matchAll(/^ {2}(?:"((?:[^"\\]|\\.)*)"|([\p{L}]+)):\s+"((?:[^"\\]|\\.)*)",$/gmu)].map(
      ([, quoted, plain, chinese = ""]) => [quoted ?? plain ?? "", chinese] as const,
    ),
  );

  it("are in Chinese too, with the same values in them", () => {
    const sources = scriptParts.map((part) => read(`${part}.js`)).join("\n");
    const inScript = [...sources.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text);
    const inPage = [...read("page.html").matchAll(/data-t(?:-placeholder)?="([^"]*)"/g)].map(([, text = ""]) => text);
    const used = new Set([...inScript, ...inPage]);
    expect(used.size).toBeGreaterThan(120);
    expect([...used].filter((text) => !known.has(text))).toEqual([]);
    expect([...known.keys()].filter((text) => !used.has(text))).toEqual([]);
    const values = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
    for (const [english, chinese] of known) expect([english, values(chinese)]).toEqual([english, values(english)]);
  });

  it.each([
    [undefined, "en"],
    ["", "en"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["en-US,en;q=0.9,zh-CN;q=0.8", "en"],
    ["fr-FR, zh;q=0.5", "zh"],
    ["en;q=0.2, zh-Hant;q=0.7", "zh"],
    ["zh;q=0, en;q=0.1", "en"],
    ["de", "en"],
    ["zhuang", "en"],
    ["*", "en"],
    ["zh;q=nonsense", "en"],
    ["x".repeat(100_000), "en"],
  ])("are chosen by Accept-Language %j: %s", (header, language) => {
    expect(pageLanguage(header)).toBe(language);
  });
});
