import { createContext, Script } from "node:vm";
import { resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** What every runtime with web-standard globals has: browsers, workers, Deno, Bun. Nothing of Node's own. */
const webGlobals = {
  AbortController,
  AbortSignal,
  Headers,
  performance,
  ReadableStream,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  TransformStream,
  URL,
  setTimeout,
  clearTimeout,
};

async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: resolve(import.meta.dirname, "../packages/server"), loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bundle",
    conditions: ["@ccpb/source"],
    target: "es2022",
    platform: "neutral",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

const program = `
import { Balancer, createFetch, fetchTransport } from "@ccpb/core";
import { toChatRequest, translateChatStream } from "@ccpb/core/translate";
import { parseConfig } from "@ccpb/core/config";
import { VirtualClock } from "@ccpb/core/testing";

const provider = (name, type) => ({ name, type, baseUrl: "https://" + name + ".test/v1", auth: { type: "api_key", keys: ["k-0000000000000000"] }, bigModel: "m", smallModel: "m", enabled: true });
const chat = 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"}}]}\\n\\ndata: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\\n\\ndata: [DONE]\\n\\n';
const upstream = async (url) => url.includes("down") ? new Response("no", { status: 500 }) : new Response(chat);

export async function run() {
  const balancer = new Balancer({ providers: [provider("down", "anthropic"), provider("up", "openai")] }, { clock: new VirtualClock() });
  const ask = createFetch(balancer, fetchTransport(upstream));
  const body = JSON.stringify({ model: "claude-opus-5", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] });
  const response = await ask("https://any/v1/messages", { method: "POST", body, headers: { "content-type": "application/json" } });
  const events = [];
  const { context } = toChatRequest(JSON.parse(body), { model: "m" });
  async function* source() { yield new TextEncoder().encode(chat); }
  for await (const event of translateChatStream(source(), context)) events.push(event.type);
  const parsed = parseConfig({ providers: [] }, { env: {} });
  return { provider: response.headers.get("x-ccpb-provider"), text: await response.text(), events, isRefused: !parsed.ok };
}
`;

describe("core in a runtime that has only web-standard globals", () => {
  it("balances, translates and reads a configuration", async () => {
    const context = createContext({ ...webGlobals });
    // Node 20 gives the well-known symbol to its main realm only; the runtimes meant here have it.
    new Script('Symbol.dispose ??= Symbol.for("Symbol.dispose");').runInContext(context);
    new Script(`${await bundle(program)}\nthis.result = bundle.run();`).runInContext(context);
    const result = (await context["result"]) as {
      provider: string;
      text: string;
      events: string[];
      isRefused: boolean;
    };
    expect(result.provider).toBe("up");
    expect(result.text).toContain('"text":"Hi"');
    expect(result.text.endsWith('data: {"type":"message_stop"}\n\n')).toBe(true);
    expect(result.events).toContain("message_stop");
    expect(result.isRefused).toBe(true);
  });

  it("names no global of Node's in its bundle", async () => {
    const text = await bundle('export * from "@ccpb/core"; export * from "@ccpb/core/translate";');
    // A word of its own, not a part of another.
    expect(text.match(/(?<![\w$.#"'`])(?:process\.|Buffer\.|setImmediate\(|__dirname)|\brequire\("/g)).toBeNull();
  });
});
