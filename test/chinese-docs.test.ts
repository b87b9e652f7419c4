import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");
const twinOf = (page: string): string => page.replace(/\.md$/, ".zh-CN.md");

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => folder + name);
const all = ["", "docs/", "docs/recipes/"].flatMap(markdownIn);
const isChinese = (page: string): boolean => page.endsWith(".zh-CN.md");

/** The pages that a user of the command reads must have a Chinese counterpart beside them, and others may. */
const needed = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/cli.md",
  "docs/configuration.md",
  "docs/errors.md",
  "docs/faq.md",
  "docs/operations.md",
  "docs/passthrough-mode.md",
  ...markdownIn("docs/recipes/").filter((page) => !isChinese(page)),
];
const pages = [...new Set([...needed, ...all.filter((page) => all.includes(twinOf(page)))])];

interface Page {
  readonly headings: readonly string[];
  readonly blocks: readonly { readonly language: string; readonly code: string }[];
  readonly links: readonly string[];
  readonly inlineCode: readonly string[];
  /** How many list items and table rows each section has, in order. */
  readonly shape: readonly string[];
}

// Comments are translated. A `#` within quotes, or in a URL, begins none.
const withoutComments = (code: string): string =>
  code.replaceAll(/^ *(?:#|\/\/) .*\n/gm, "").replaceAll(/ +(?:#|\/\/) .*$/gm, "");

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1));

/** What both pages of a pair must have alike. Links to a page or a picture that has a Chinese counterpart count as links to it, in any section. */
function pageOf(name: string): Page {
  // A table of names of the sources is for those who read the sources, in English.
  const text = read(name).replaceAll(
    /^<!-- in English alone, .*: begin -->$[^]*?^<!-- in English alone: end -->$/gm,
    "",
  );
  const prose = text.replaceAll(/^( *)```[\s\S]*?^ *```$/gm, "");
  const targets = [...prose.replaceAll(/`[^`\n]*`/g, "`").matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, target = ""]) => target,
  );
  const bodies = prose.split(/^#+ .*$/m);
  const count = (body: string, pattern: RegExp): number => body.match(pattern)?.length ?? 0;
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, level = ""]) => level),
    blocks: [...text.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)].map(([, language = "", code = ""]) => ({
      language,
      code: withoutComments(code),
    })),
    links: sorted(targets.map((target) => linkOf(name, target))),
    inlineCode: sorted([...prose.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g)].map(([, , code = ""]) => code)),
    shape: bodies.map(
      (body) =>
        `${count(body, /^ *(?:-|\d+\.) /gm)} items, ${count(body, /^\|/gm)} rows, ${body.trim().split(/\n{2,}/).length} parts`,
    ),
  };
}

function linkOf(page: string, target: string): string {
  if (/^https?:/.test(target)) return target;
  const [path = ""] = target.split("#");
  // The switch between the languages leads to the other page of the pair, from either.
  const file = path === "" ? page : normalize(join(dirname(page), path));
  return file.replace(/\.zh-CN(\.\w+)$/, "$1");
}

describe("the pages of users", () => {
  it("are many", () => {
    expect(pages.length).toBeGreaterThanOrEqual(14);
  });

  it.each(needed)("%s has a Chinese counterpart", (page) => {
    expect(existsSync(join(root, twinOf(page)))).toBe(true);
  });

  it("are there in English where they are in Chinese", () => {
    const alone = all.filter(isChinese).filter((page) => !all.includes(page.replace(".zh-CN.md", ".md")));
    expect(alone).toEqual([]);
  });
});

describe.each(pages)("the Chinese counterpart of %s", (page) => {
  const [english, chinese] = [pageOf(page), pageOf(twinOf(page))];

  it("has the same headings, and as many list items, table rows and paragraphs in each section", () => {
    expect(chinese.headings).toEqual(english.headings);
    expect(chinese.shape).toEqual(english.shape);
  });

  it("has the same code, comments aside", () => {
    expect(chinese.blocks).toEqual(english.blocks);
  });

  it("leads to the same pages", () => {
    expect(chinese.links).toEqual(english.links);
  });

  it("leads to Chinese pages where there are any", () => {
    const text = read(twinOf(page)).replaceAll(/`[^`\n]*`/g, "");
    const english = [...text.matchAll(/\]\((?!https?:)([^)#\s]+\.md)(?:#[^)\s]*)?\)/g)]
      .map(([, target = ""]) => normalize(join(dirname(page), target)))
      .filter((target) => !target.includes(".zh-CN.") && target !== page && pages.includes(target));
    expect(english).toEqual([]);
  });

  it("names the same commands, settings and messages", () => {
    expect(chinese.inlineCode).toEqual(english.inlineCode);
  });

  it("is Chinese, with one term for a provider and Chinese punctuation", () => {
    const prose = read(twinOf(page))
      .replaceAll(/^( *)```[\s\S]*?^ *```$/gm, "")
      .replaceAll(/`[^`\n]*`/g, "code");
    const text = prose.replaceAll(/\]\([^)]*\)/g, "]");
    expect(text).not.toMatch(/提供商|提供者|供应商|负载平衡/);
    expect(text).not.toMatch(/\p{Script=Han}[,;:?!]/u);
    expect(text).not.toMatch(/[，。；：？！、] *[，。；：？！、]/);
    const letters = text.match(/\p{Script=Han}/gu)?.length ?? 0;
    expect(letters).toBeGreaterThan(100);
  });
});
