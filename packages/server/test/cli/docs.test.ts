import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { serveVerb, verbs } from "../../src/cli/verbs.ts";

const root = join(import.meta.dirname, "../../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const pages = [
  "README.md",
  "README.zh-CN.md",
  "CONTRIBUTING.md",
  "packages/server/README.md",
  "packages/core/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The options of every verb, with those that all have. */
const options = new Map(
  verbs.map(({ name, define }) => {
    const command = define?.(new Command(name)) ?? new Command(name);
    const own = command.options.flatMap(({ short, long }) => [short, long]);
    return [name, new Set([...own, "-c", "--config", "--host", "--port", "--workers", "-h", "--help"])];
  }),
);

/** What stands in code and begins with `ccpb`: inline, or as a line of a shell block. */
function commands(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  const lines = blocks.flatMap((code) =>
    [...code.matchAll(/(?:^|[|(] ?)ccpb( [^|#\n)]*)?/gm)].map(([, rest = ""]) => rest),
  );
  const inline = [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`ccpb( [^`]*)?`/g)].map(
    ([, rest = ""]) => rest,
  );
  return [...lines, ...inline].map((rest) => rest.trim());
}

describe("the documentation", () => {
  it.each(pages)("%s links to files that are there", (page) => {
    // An expression in code, such as `[0-5](?:\D|$)`, is no link.
    const prose = read(page).replaceAll(/`[^`\n]*`/g, "");
    const links = [...prose.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
    const dead = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(root, dirname(page), link)));
    expect(dead).toEqual([]);
  });

  it("names in docs/architecture.md only sources that are there", () => {
    const named = [...read("docs/architecture.md").matchAll(/`([a-z/-]+\.ts)`/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(30);
    const sourceOf = (name: string): string => {
      const [first, ...rest] = name.split("/");
      if (first === "test") return name;
      const folder = first === "server" ? "server" : "core";
      return join("packages", folder, "src", first === folder ? rest.join("/") : name);
    };
    expect(named.filter((name) => !existsSync(join(root, sourceOf(name))))).toEqual([]);
  });

  it.each(pages)("%s calls ccpb by verbs and options that it has", (page) => {
    const wrong = commands(read(page)).filter((command) => {
      const [verb = "serve", ...rest] = command.split(/\s+/).filter((word) => word !== "");
      if (verb === "VERB" || verb.startsWith("-")) return false;
      const known = options.get(verb);
      const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
      return !known || own.some((word) => word.startsWith("-") && !known.has(word.split("=")[0]));
    });
    expect(wrong).toEqual([]);
  });

  it("has every verb and every option of its own in docs/cli.md", () => {
    const text = read("docs/cli.md");
    for (const { name, isHidden } of verbs)
      if (isHidden !== true) expect(text).toMatch(new RegExp(`^\\| \`${name}\\b`, "m"));
    const own = verbs.flatMap(({ define }) => define?.(new Command()).options.map(({ long }) => long) ?? []);
    for (const option of new Set(own)) expect(text).toContain(option);
    expect(options.has(serveVerb.name)).toBe(true);
  });

  it("is all in its index", () => {
    const index = read("docs/README.md");
    const missing = pages
      .filter((page) => /^docs\/(?!decisions|README)/.test(page))
      .filter((page) => !index.includes(`(${page.slice("docs/".length)})`));
    expect(missing).toEqual([]);
  });
});
