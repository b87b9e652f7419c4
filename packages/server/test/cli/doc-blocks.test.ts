import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments, parseDocument } from "yaml";
import { loadConfig } from "../../src/config/config-file.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { prepareConfig } from "../../src/app/prepared-config.ts";
import { TemporaryFolder } from "../temporary-folder.ts";

const root = join(import.meta.dirname, "../../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const fixture = (name: string): string => read(`packages/server/test/fixtures/${name}`);
const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => `${folder}/${name}`);
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...["core", "redis", "server"].map((name) => `packages/${name}/README.md`),
  ...markdownIn("docs"),
  ...markdownIn("examples"),
];

interface Block {
  /** The page and the line of the fence, as in an editor. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

function blocksOf(page: string): Block[] {
  const text = read(page);
  // A fence may be indented, within a list.
  return [...text.matchAll(/^( *)```([^\n`]*)\n([\s\S]*?)^ *```$/gm)].map(
    ({ index, 1: indent = "", 2: language = "", 3: code = "" }) => ({
      place: `${page}:${text.slice(0, index).split("\n").length}`,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

const blocks = pages.flatMap(blocksOf);
const inLanguage = (...languages: string[]): [place: string, code: string][] =>
  blocks.filter(({ language }) => languages.includes(language)).map(({ place, code }) => [place, code]);

/** Languages whose blocks some test reads; `text` is for what a program prints. */
const readElsewhere = ["ts", "promql", "xml"];
/** No parser of these is at hand. */
const unread = ["text", "powershell", "ini", "http"];

const provider = `providers:
  - name: first
    type: anthropic
    base_url: https://api.anthropic.com
    auth_value: sk-ant-0123456789abcdef
    big_model: passthrough
    small_model: passthrough
  - name: cheap-one
    type: openai
    base_url: https://llm.example.com/v1
    auth_value: sk-0123456789abcdef
    big_model: large
    small_model: small
`;

/** A whole configuration out of what a page shows: a file, a section of one, or lines of a provider. Undefined where it is none of ccpb's. */
function configurationOf(code: string): string | undefined {
  if (/^ {4}\w/.test(code)) return mergedProvider(code);
  const document: unknown = parse(code);
  if (typeof document !== "object" || document === null) return undefined;
  const keys = Object.keys(document).filter((key) => !key.startsWith("x-"));
  // An ellipsis in a comment stands for the lines that every provider needs.
  if (/^ +# …$/m.test(code)) return mergedProvider(code.replaceAll(/^(?:providers:| {2}- name: .*| +# …)\n/gm, ""));
  if (keys.includes("providers")) return code;
  return keys.length > 0 && keys.every((key) => key === "settings" || key === "model_routes")
    ? `${provider}${code}`
    : undefined;
}

/** The provider above with the lines that a page shows instead of its own. A credential of another kind takes the place of the key. */
function mergedProvider(lines: string): string {
  const shown = parse(`shown:\n${lines}`) as { readonly shown: Readonly<Record<string, unknown>> };
  const document = parseDocument(provider);
  if (Object.keys(shown.shown).some((key) => key.startsWith("auth_")))
    document.deleteIn(["providers", 0, "auth_value"]);
  for (const [key, value] of Object.entries(shown.shown)) document.setIn(["providers", 0, key], value);
  return document.toString();
}

function valueOf(variable: string): string {
  if (variable.endsWith("BASE_URL"))
    return variable.includes("OPENAI") ? "https://relay.test/v1" : "https://relay.test";
  if (variable.endsWith("WEBHOOK_URL")) return "https://hooks.example.com/ccpb";
  if (variable.endsWith("WEBHOOK_SECRET")) return Buffer.alloc(32, 1).toString("base64");
  if (variable === "REDIS_URL") return "redis://127.0.0.1:6379";
  return variable.endsWith("REGION") ? "us-east-1" : `a-value-of-${variable.toLowerCase().replaceAll("_", "-")}`;
}

/** What a start with this configuration would complain of, in a folder that holds the certificates that it names. */
function problemsOf(configuration: string): readonly string[] {
  using folder = new TemporaryFolder();
  for (const [, kind, file = ""] of configuration.matchAll(/\b(ca|cert|key): ([\w./-]+\.(?:pem|key))\b/g)) {
    folder.write(file, fixture(kind === "key" ? "first.key.pem" : "first.cert.pem"));
  }
  folder.write("providers.yaml", configuration);
  const names = [...configuration.matchAll(/\$\{([A-Z_]+)(?:\}|:-)/g)].map(([, name = ""]) => name);
  const env = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
  try {
    const loaded = loadConfig({ cwd: folder.path, home: folder.path, env });
    prepareConfig(loaded, env);
    return loaded.warnings.map(({ message }) => message).filter((message) => !message.includes("readable"));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ line, message }) => `${line}: ${message}`);
    throw error;
  }
}

describe("the code blocks of the documentation", () => {
  it("name a language that is known", () => {
    const known = ["sh", "yaml", "json", ...readElsewhere, ...unread];
    expect(blocks.length).toBeGreaterThan(120);
    expect(blocks.filter(({ language }) => !known.includes(language)).map(({ place }) => place)).toEqual([]);
  });

  it.each(inLanguage("sh"))("%s is a shell script that bash can parse", (_place, code) => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each(inLanguage("json"))("%s is JSON", (_place, code) => {
    expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  it.each(inLanguage("yaml"))("%s is YAML without a doubled key", (_place, code) => {
    const shown = /^ {4}\w/.test(code) ? `shown:\n${code}` : code;
    expect(parseAllDocuments(shown).flatMap(({ errors }) => errors)).toEqual([]);
  });

  const configurations = inLanguage("yaml").flatMap(([place, code]) => {
    const configuration = configurationOf(code);
    return configuration === undefined ? [] : [[place, configuration] as const];
  });

  it("hold configurations of ccpb", () => {
    expect(configurations.length).toBeGreaterThan(60);
  });

  it.each(configurations)("%s passes check without a warning", (_place, configuration) => {
    expect(problemsOf(configuration)).toEqual([]);
  });
});
