import { join } from "node:path";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";
import { mkdtempSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type DocumentedExport, documentedExports } from "../scripts/public-docs.ts";
import { compileVirtual } from "./compile-virtual.ts";

const root = join(import.meta.dirname, "..");
const documented = documentedExports(root);

/** The names that an example may take as given, and the values with which it is run. */
const given = `
import { Balancer, type BalancerConfig, type MessagesRequest } from "@ccpb/core";
import type { Message } from "@ccpb/core/protocol";
import { encodeEvent } from "@ccpb/core/sse";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { messageToEvents } from "@ccpb/core/translate";

const provider = (name: string) => ({
  name,
  type: "anthropic",
  baseUrl: \`https://\${name}.test\`,
  auth: { type: "api_key", keys: ["sk-ant-0123456789"] },
  models: [{ pattern: "claude-opus-5", model: "passthrough" }, { pattern: "claude-haiku-4-5", model: "passthrough" }],
}) as const;
const message: Message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-5",
  content: [{ type: "text", text: "Hello." }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 9, output_tokens: 3, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
};

export function setUp() {
  const clock = new VirtualClock();
  const providers: BalancerConfig["providers"] = [provider("first"), provider("second")];
  const config: BalancerConfig = { providers };
  const balancer = new Balancer(config, { clock, random: () => 0.5 });
  const { transport } = scriptedTransport(clock, ({ url, body }) => ({
    headers: { "content-type": body.includes('"stream":true') ? "text/event-stream" : "application/json" },
    body: url.includes("count_tokens")
      ? '{"input_tokens":9}'
      : body.includes('"stream":true') ? messageToEvents(message).map(encodeEvent) : JSON.stringify(message),
  }));
  const request: MessagesRequest = { model: "claude-opus-5", max_tokens: 64, messages: [{ role: "user", content: "Hi" }] };
  return { clock, config, providers, balancer, transport, request, message };
}
`;

const declared = `
import type { LanguageModelV3 } from "@ai-sdk/provider";
import type { setUp } from "./given.ts";
type Given = ReturnType<typeof setUp>;
declare global {
  const clock: Given["clock"];
  const config: Given["config"];
  const providers: Given["providers"];
  const balancer: Given["balancer"];
  const transport: Given["transport"];
  const request: Given["request"];
  const message: Given["message"];
  /** Models of the AI SDK. */
  const opus: LanguageModelV3, sonnet: LanguageModelV3, gpt: LanguageModelV3;
}
`;

/** Where virtual files stand: in a package that has everything that the examples import. */
const folderOf = (entry: string): string =>
  join(root, "packages", entry.split("/")[1] === "core" ? "server" : (entry.split("/")[1] ?? ""));

interface Example {
  readonly title: string;
  readonly entry: string;
  readonly file: string;
  readonly code: string;
}

/** Which entry each name comes from, the example's own first. */
function importsFor(code: string, entry: string): string {
  const seen = new Set<string>();
  const sources = [...documented].sort((one, other) => Number(other.entry === entry) - Number(one.entry === entry));
  return sources
    .filter(({ name, entry: from }) => {
      if (seen.has(name) || !new RegExp(String.raw`(?<![.\w"'])${name}\b(?!["':])`).test(code)) return false;
      if (new RegExp(String.raw`(?:const|let) ${name}\b`).test(code)) return false;
      if (from.split("/")[1] !== "core" && from !== entry) return false;
      seen.add(name);
      return true;
    })
    .map(({ name, kind, entry: from }) => {
      const isType = kind === "interface" || kind === "type";
      return `import ${isType ? "type " : ""}{ ${name} } from "${from}";`;
    })
    .join("\n");
}

const examples = documented.flatMap((one: DocumentedExport): Example[] =>
  one.examples.map((code, index) => {
    const title = `${one.entry} ${one.name}${index === 0 ? "" : ` (${index + 1})`}`;
    const name = title.replaceAll(/\W+/g, "-");
    const source = `${importsFor(code, one.entry)}\nexport {};\n${code}`;
    return { title, entry: one.entry, file: join(folderOf(one.entry), `example-${name}.ts`), code: source };
  }),
);

describe("the documentation of the public surface", () => {
  it("is there for every export of every package: summary, parameters, result, errors, example, members", () => {
    expect(documented.length).toBeGreaterThan(350);
    expect(documented.flatMap(({ place, missing }) => missing.map((tag) => `${place} ${tag}`))).toEqual([]);
  });

  it("has examples in TypeScript", () => {
    expect(examples.length).toBeGreaterThan(90);
    expect(examples.filter(({ code }) => code.trim().endsWith("export {};")).map(({ title }) => title)).toEqual([]);
  });

  it("has examples that compile", () => {
    const files = new Map(examples.map(({ file, code }) => [file, code]));
    for (const folder of new Set(examples.map(({ entry }) => folderOf(entry)))) {
      files.set(join(folder, "given.ts"), given);
    }
    // The models of the AI SDK are known in its package alone.
    files.set(join(root, "packages/ai-sdk/globals.ts"), declared);
    expect(compileVirtual(files)).toEqual([]);
  });
});

/** What an example says that it prints: `console.log(…); // text`, or `// prints: text` behind the call that leads to it. */
function promised(code: string): string[] {
  return [...code.matchAll(/(?:console\.log\(.*\); \/\/|\/\/ prints:) (.*)$/gm)].map(([, text = ""]) => text);
}

describe("the examples of core, run with what they may take as given", () => {
  const runnable = examples.filter(({ entry }) => entry.startsWith("@ccpb/core"));
  let folder = "";
  let modules: Readonly<Record<string, () => Promise<unknown>>> = {};
  let setUp: () => Readonly<Record<string, unknown>> = () => ({});

  beforeAll(async () => {
    folder = mkdtempSync(join(root, "node_modules", ".ccpb-examples-"));
    const outfile = join(folder, "examples.mjs");
    const virtual = new Map(runnable.map(({ code, title }) => [`example:${title}`, code]));
    const index = [
      `export { setUp } from "example:given";`,
      "export const modules = {",
      ...runnable.map(({ title }) => `${JSON.stringify(title)}: () => import(${JSON.stringify(`example:${title}`)}),`),
      "};",
    ].join("\n");
    await build({
      stdin: { contents: index, resolveDir: join(root, "packages/server"), loader: "ts" },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      conditions: ["@ccpb/source"],
      logLevel: "silent",
      plugins: [
        {
          name: "examples",
          setup: (plugin) => {
            plugin.onResolve({ filter: /^example:/ }, ({ path }) => ({ path, namespace: "example" }));
            plugin.onLoad({ filter: /.*/, namespace: "example" }, ({ path }) => ({
              contents: path === "example:given" ? given : (virtual.get(path) ?? ""),
              loader: "ts",
              resolveDir: join(root, "packages/server"),
            }));
          },
        },
      ],
    });
    ({ modules, setUp } = (await import(pathToFileURL(outfile).href)) as {
      modules: typeof modules;
      setUp: typeof setUp;
    });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(runnable)("$title prints what it says", async ({ title, code }) => {
    const lines: string[] = [];
    const print = (...values: readonly unknown[]): void => {
      const texts = values.map((value) => (typeof value === "string" ? value : inspect(value)));
      lines.push(texts.join(" ").replaceAll("\n", String.raw`\n`));
    };
    const world = setUp();
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json(world["message"])));
    for (const [name, value] of Object.entries(world)) vi.stubGlobal(name, value);
    vi.stubGlobal("console", { ...console, log: print });
    try {
      await modules[title]?.();
    } finally {
      vi.unstubAllGlobals();
    }
    expect(lines).toEqual(promised(code));
  });
});
