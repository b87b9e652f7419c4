import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const english = read("README.md");
const chinese = read("README.zh-CN.md");

interface Block {
  readonly language: string;
  readonly code: string;
}

function blocks(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
    language: language as string,
    code: code as string,
  }));
}

// Comments are translated. A `#` within quotes, or in a URL, begins none.
const withoutComments = (code: string) => code.replaceAll(/ +(?:#|\/\/) .*$/gm, "");

const headings = (text: string) => [...text.matchAll(/^(#+) /gm)].map(([, level]) => level);
const codeOf = (language: string, holding: string) =>
  blocks(english).find((block) => block.language === language && block.code.includes(holding))?.code ?? "";

/** Bundles a program against the sources, runs it in a process of its own and gives what `result` evaluates to. */
async function run(source: string, result: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-readme-"));
  try {
    const outfile = join(folder, "block.mjs");
    await build({
      stdin: {
        contents: `${source}\nprocess.stdout.write(JSON.stringify(${result}));`,
        resolveDir: join(root, "packages/server"),
        loader: "ts",
      },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      conditions: ["@ccpb/source"],
      nodePaths: [join(root, "node_modules")],
      // Packages in CommonJS, bundled as ESM, still ask for require.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "silent",
    });
    return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const chat =
  'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const answer = JSON.stringify({
  id: "c",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1 },
});

describe("the READMEs", () => {
  it("have the same headings and the same code in both languages, comments aside", () => {
    expect(headings(chinese)).toEqual(headings(english));
    const bare = (text: string) =>
      blocks(text).map(({ language, code }) => ({ language, code: withoutComments(code) }));
    expect(bare(chinese)).toEqual(bare(english));
  });

  it("link to files that are there", () => {
    for (const text of [english, chinese]) {
      for (const [, path] of text.matchAll(/\]\((?!http)([^)#]+)\)/g))
        expect(() => readFileSync(join(root, path as string))).not.toThrow(/ENOENT/);
    }
  });

  it("name npm scripts that exist, and an example file to copy", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    for (const { code } of blocks(english)) {
      for (const [, script] of code.matchAll(/^npm (start|test|run \w+)/gm))
        expect(Object.keys(scripts)).toContain((script as string).replace("run ", ""));
      for (const [, file] of code.matchAll(/^cp (\S+)/gm)) expect(() => read(file as string)).not.toThrow();
    }
  });

  it("show a providers.yaml that loads", async () => {
    const env = { ANTHROPIC_API_KEY: "a-key-000000000000", OPENROUTER_API_KEY: "o-key-000000000000" };
    const parsed = await run(
      `
      import { parseConfig } from "@ccpb/core/config";
      import { parse } from "yaml";
      const parsed = parseConfig(parse(${JSON.stringify(codeOf("yaml", "providers:"))}), { env: ${JSON.stringify(env)} });`,
      "parsed",
    );
    expect(parsed).toMatchObject({
      ok: true,
      config: { providers: [{ name: "anthropic_official" }, { name: "openrouter" }] },
    });
  });

  it("embed the balancer in the official SDK", async () => {
    const preamble = `
      const fetch = (async () => new Response(${JSON.stringify(answer)})) as typeof globalThis.fetch;
      const providers = [{ name: "a", type: "openai" as const, baseUrl: "https://a.test/v1", auth: { type: "api_key" as const, keys: ["k-00000000000000"] }, bigModel: "m", smallModel: "m", enabled: true }];`;
    const ending = `const message = await client.messages.create({ model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] });`;
    const message = await run(`${preamble}\n${codeOf("ts", "createFetch")}\n${ending}`, "message");
    expect(message).toMatchObject({ model: "claude-opus-5", content: [{ type: "text", text: "Hi" }] });
  });

  it("use the translators alone", async () => {
    const preamble = `
      const lines: string[] = [];
      const console = { log: (line: string) => lines.push(line) };
      const fetch = async (_url: string, _init: object) => new Response(${JSON.stringify(chat)});
      const url = "https://a.test"; const headers = {};
      const request = { model: "claude-opus-5", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] };`;
    const lines = await run(`${preamble}\n${codeOf("ts", "fromChatStream")}`, "lines");
    expect(lines).toEqual(expect.arrayContaining(["message_start", "content_block_delta", "message_stop"]));
  });
});
