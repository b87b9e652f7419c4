import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs/embedding.md"), "utf8");
const blockWith = (text: string): string =>
  [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code).find((code) => code.includes(text)) ?? "";

/** Runs a block of the page, with a program around it, in a process of its own; gives what it prints as JSON. */
async function run(program: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-embedding-"));
  try {
    const outfile = join(folder, "block.mjs");
    await build({
      stdin: { contents: program, resolveDir: join(root, "packages/server"), loader: "ts" },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      conditions: ["@ccpb/source"],
      logLevel: "silent",
    });
    const output = execFileSync(process.execPath, [outfile], {
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, ...env },
    });
    return JSON.parse(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const print = (value: string): string => `process.stdout.write(JSON.stringify(${value}));`;

describe("the page about embedding", () => {
  it("shows a balancer that names the variable which is not set, and lists models", async () => {
    const block = blockWith("otherwise: fetch");
    const ending = `const listed = await serve("https://api.anthropic.com/v1/models"); ${print("listed.status")}`;
    expect(await run(`${block}\n${ending}`, { ANTHROPIC_API_KEY: "a-key-of-a-test" })).toBe(200);
    await expect(run(`${block}\n${ending}`, { ANTHROPIC_API_KEY: "" })).rejects.toThrow(/keys\[0\] is an empty string/);
  });

  it("shows a server that answers, and refuses a body of more than 32 MiB", async () => {
    const answer = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-5",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const program = `
      import { Balancer } from "@ccpb/core";
      ${blockWith("function serveOn").replace("type Balancer, ", "")}
      const ask = globalThis.fetch;
      globalThis.fetch = (url, init) => String(url).includes("one.test")
        ? Promise.resolve(Response.json(${JSON.stringify(answer)})) : ask(url, init);
      const balancer = new Balancer({ providers: [{ name: "one", type: "anthropic", baseUrl: "https://one.test", auth: { type: "api_key", keys: ["key"] }, bigModel: "passthrough", smallModel: "passthrough" }] });
      const server = serveOn(balancer, 0);
      await new Promise((resolve) => server.once("listening", resolve));
      const url = "http://127.0.0.1:" + server.address().port + "/v1/messages";
      const post = (body) => ask(url, { method: "POST", body });
      const small = await post(JSON.stringify({ model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }));
      const large = await post(new Uint8Array(33 * 1024 * 1024));
      const seen = [small.status, (await small.json()).content[0].text, large.status];
      server.closeAllConnections();
      server.close();
      ${print("seen")}`;
    expect(await run(program)).toEqual([200, "Hi", 413]);
  });

  it("has no key with an empty string behind it, nor any other page", () => {
    const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !name.startsWith("api"))
      .map((name) => join("docs", name));
    const examples = readdirSync(join(root, "examples")).map((name) => join("examples", name, "README.md"));
    const hiding = [...pages, ...examples, "README.md"].filter((name) =>
      readFileSync(join(root, name), "utf8").includes('?? ""'),
    );
    expect(hiding).toEqual([]);
  });
});
