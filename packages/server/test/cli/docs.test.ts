import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { knownRoutes } from "../../src/routes/routes.ts";

const root = join(import.meta.dirname, "../../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...["core", "redis", "server"].map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(root, "examples")).map((name) => `examples/${name}/README.md`),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** A call of `ccpb` that a page shows: its arguments, and the place where it stands. */
interface Call {
  readonly place: string;
  readonly args: readonly string[];
  /** It stands in a sentence, where an option may be named without its value. */
  readonly isInline: boolean;
}

/** The words of a simple command, without redirections. A quoted text is one word, whatever is in it. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words
    .filter((word, index) => !/^\d?[<>]/.test(word) && !/^\d?[<>]+$/.test(words[index - 1] ?? ""))
    .map((word) => word.replaceAll(/["']/g, ""));
}

// Variables, and words that a shell runs before a command.
const before = /^(?:[A-Z_]+=\S*|exec|sudo|nohup|time)$/;

/** The arguments of `ccpb` in a simple command; undefined where it calls something else. */
function argumentsIn(command: string): string[] | undefined {
  const words = wordsOf(command);
  const [first = "", ...rest] = words.slice(words.findIndex((word) => !before.test(word)));
  if (/^(?:\S*\/)?ccpb(?:\.cmd)?$/.test(first)) return rest;
  if (first === "npx" && rest[0] === "ccpb") return rest.slice(1);
  const start = rest.indexOf("start");
  const isStart = first === "npm" && rest.slice(0, start).every((word) => word.startsWith("-"));
  return isStart && rest[start + 1] === "--" ? rest.slice(start + 2) : undefined;
}

/** Every call of `ccpb`, by that name or as `npm start --`, in a shell block, or inline in the text. */
function callsIn(page: string): Call[] {
  const text = read(page);
  const lineOf = (index: number): number => text.slice(0, index).split("\n").length;
  const scripts = [...text.matchAll(/^ *```(?:sh|powershell)\n([\s\S]*?)^ *```$/gm)].flatMap(
    ({ index, 1: code = "" }) =>
      code
        .replaceAll(/(?:\\|`)\n\s*/g, "")
        .split("\n")
        .map((line, row) => ({ line: line.replace(/(?:^| )#.*$/, ""), at: lineOf(index) + 1 + row, isInline: false })),
  );
  const blanked = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, (block) => block.replaceAll(/[^\n]/g, " "));
  const inline = [...blanked.matchAll(/`((?:ccpb|npm (?:--silent )?start --)(?: [^`]*)?)`/g)].map(
    ({ index, 1: line = "" }) => ({ line, at: lineOf(index), isInline: true }),
  );
  return [...scripts, ...inline].flatMap(({ line, at, isInline }) =>
    line
      .split(/\||&&|;|\$\(|<\(/)
      .map((part) => argumentsIn(part.replace(/\)$/, "").trim()))
      .flatMap((args) => (args === undefined ? [] : [{ place: `${page}:${at}`, args, isInline }])),
  );
}

/** What the command's own parser says of arguments; undefined where it takes them. */
async function complaintOf(args: readonly string[]): Promise<string | undefined> {
  const ran: string[] = [];
  const program = createProgram((verb) => Promise.resolve(void ran.push(verb.name)));
  let said = "";
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeErr: (text) => (said += text), writeOut: () => undefined });
  try {
    await program.parseAsync(["node", "ccpb", ...args]);
  } catch (error) {
    // What help and version throw is no complaint.
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return `${args.join(" ")}: ${said.split("\n")[0]}`;
  }
  return ran.length === 1 ? undefined : `${args.join(" ")}: runs nothing`;
}

/** Verbs with an argument that must be given. */
const needing = new Set(
  createProgram(() => Promise.resolve())
    .commands.filter((command) => command.registeredArguments.some(({ required }) => required))
    .map((command) => command.name()),
);

/** Calls of which the text speaks as a form: `ccpb VERB --help`, `ccpb code -- …`, and a verb that needs more than its name. */
function isForm([verb = "", ...rest]: readonly string[]): boolean {
  return verb === "VERB" || verb === "…" || (rest.length === 0 && needing.has(verb));
}

/** Whether a report of the public surface has `@deprecated` in the comment right above an export. */
function isDeprecated(report: string, name: string): boolean {
  const [before = ""] = report.split(new RegExp(`^export .*\\b${name}\\b`, "m"));
  return before.slice(before.lastIndexOf("/**")).includes("@deprecated");
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const prose = read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the reference of the command line and of the routes", () => {
  const codes = new Set([
    "0",
    "1",
    "2",
    "3",
    ...verbs.flatMap(({ exitCodes = [] }) => exitCodes.map(([code]) => String(code))),
  ]);
  codes.delete("any"); // of Claude Code

  it.each(["docs/cli.md", "docs/cli.zh-CN.md"])("%s has a row for every exit code, and for every verb", (page) => {
    const first = [...read(page).matchAll(/^\| *([^|]+?) *\|/gm)].map(([, cell = ""]) => cell.replaceAll("、", ", "));
    for (const code of codes) expect(first).toContain(code);
    for (const { name, isHidden } of verbs) {
      if (isHidden !== true)
        expect(
          first.some((cell) => new RegExp(`^\`${name}\\b`).test(cell)),
          name,
        ).toBe(true);
    }
  });

  it("names exit code 3 in the help of every verb that asks a server", () => {
    const asking = createProgram(() => Promise.resolve())
      .commands.filter((command) => command.options.some(({ long }) => long === "--url"))
      .map((command) => command.name());
    expect(asking.length).toBeGreaterThan(8);
    for (const name of asking) {
      const verb = verbs.find((one) => one.name === name);
      expect(
        verb?.exitCodes?.some(([code]) => code === 3),
        name,
      ).toBe(true);
    }
  });

  it.each(["README.md", "README.zh-CN.md"])("%s, or a page that it leads to, names every route", (readme) => {
    const text = [readme, "docs/doors/README.md", "docs/configuration.md"].map(read).join("\n");
    const isNamed = (path: string): boolean =>
      new RegExp(`[\`\\s]${path.replaceAll(/[{}/.]/g, "\\$&")}(?![\\w/-])`).test(text);
    // The page asks for its data at paths of its own, and those below a response are written short.
    const paths = new Set(knownRoutes().map(({ path }) => path));
    const missing = [...paths].filter((path) => !path.startsWith("/ui/") && !/\{id\}\/./.test(path) && !isNamed(path));
    expect(missing).toEqual([]);
  });
});

describe("the documentation", () => {
  it.each(pages)("%s links to files that are there", (page) => {
    // An expression in code, such as `[0-5](?:\D|$)`, is no link.
    const prose = read(page).replaceAll(/`[^`\n]*`/g, "");
    const links = [...prose.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
    const dead = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(root, dirname(page), link)));
    expect(dead).toEqual([]);
  });

  it.each(pages)("%s links to headings that are there", (page) => {
    const prose = read(page).replaceAll(/`[^`\n]*`/g, "");
    const links = [...prose.matchAll(/\]\(([^)#\s]*)#([^)]+)\)/g)]
      .map(([, file = "", anchor = ""]) => ({ file: file === "" ? page : join(dirname(page), file), anchor }))
      .filter(({ file }) => file.endsWith(".md") && existsSync(join(root, file)));
    const dead = links.filter(({ file, anchor }) => !anchorsOf(file).includes(decodeURIComponent(anchor)));
    expect(dead).toEqual([]);
  });

  it.each(pages)("%s has a head on every table, and as many cells in every row", (page) => {
    const prose = read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, (block) => block.replaceAll(/[^\n]/g, ""));
    const tables = prose.split(/\n(?:(?! *\|).*)(?=\n|$)/).filter((part) => /^ *\|/m.test(part));
    const cellsOf = (row: string): number => row.replaceAll(/\\\||`[^`\n]*`/g, "").split("|").length;
    const broken = tables.filter((table) => {
      const [head = "", rule = "", ...rows] = table.trim().split("\n");
      return !/^[|\s:-]+$/.test(rule) || [rule, ...rows].some((row) => cellsOf(row) !== cellsOf(head));
    });
    expect(broken).toEqual([]);
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

  it.each(pages)("%s calls ccpb by verbs, options and values that its own parser takes", async (page) => {
    const complaints: string[] = [];
    for (const { place, args, isInline } of callsIn(page).filter((call) => !isForm(call.args))) {
      const complaint = await complaintOf(args);
      const isNameOnly = isInline && complaint?.includes("argument missing") === true;
      if (complaint !== undefined && !isNameOnly) complaints.push(`${place}: ${complaint}`);
    }
    expect(complaints).toEqual([]);
  });

  it("shows many calls, and the parser of the test is that of the command", async () => {
    expect(pages.flatMap((page) => callsIn(page)).length).toBeGreaterThan(120);
    expect(await complaintOf(["chekc"])).toContain("unknown command");
    expect(await complaintOf(["check", "--lvie"])).toContain("unknown option");
    expect(await complaintOf(["check", "a.yaml", "b.yaml"])).toContain("too many arguments");
    expect(await complaintOf(["usage", "--by", "colour"])).toContain("Allowed choices");
    expect(await complaintOf(["completion", "tcsh"])).toContain("Allowed choices");
    expect(await complaintOf(["explain"])).toContain("missing required argument");
    expect(await complaintOf(["init", "--provider"])).toContain("argument missing");
  });

  it("has every verb and every option of its own in docs/cli.md", () => {
    const text = read("docs/cli.md");
    for (const { name, isHidden } of verbs)
      if (isHidden !== true) expect(text).toMatch(new RegExp(`^\\| \`${name}\\b`, "m"));
    const own = verbs.flatMap(({ define }) => define?.(new Command()).options.map(({ long }) => long) ?? []);
    for (const option of new Set(own)) expect(text).toContain(option);
  });

  it("names in the table of core's README only what each entry exports and does not deprecate", () => {
    const rows = [...read("packages/core/README.md").matchAll(/^\| `@ccpb\/core(\/\w+)?` \| (.*) \|$/gm)];
    expect(rows.length).toBeGreaterThan(6);
    const wrong = rows.flatMap(([, entry = "/core", text = ""]) => {
      const report = read(`docs/api${entry}.md`);
      const names = [...text.matchAll(/`([A-Za-z]+)`/g)].map(([, name = ""]) => name);
      return names.filter(
        (name) => !new RegExp(`^export .*\\b${name}\\b`, "m").test(report) || isDeprecated(report, name),
      );
    });
    expect(wrong).toEqual([]);
  });

  it("is all in its index", () => {
    const index = read("docs/README.md");
    const missing = pages
      .filter((page) => /^docs\/(?!decisions|README)/.test(page))
      .filter((page) => !index.includes(`(${page.slice("docs/".length)})`));
    expect(missing).toEqual([]);
  });
});
