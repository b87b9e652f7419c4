import { existsSync } from "node:fs";
import { type FakeUpstream, paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import type { Browser } from "playwright-core";
import { postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";
import type { ServerSettings } from "../../src/config/server-settings.ts";

/** A Chromium of this machine; undefined where there is none. */
export const chromiumPath: string | undefined = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium"].find(
  (path) => path !== undefined && existsSync(path),
);

export async function launchChromium(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath: chromiumPath ?? "",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A server with a cooling provider, a cooling key, a disabled one, ended calls of all kinds, and one under way. */
export interface Stage extends AsyncDisposable {
  readonly server: TestServer;
  readonly preferred: FakeUpstream;
  readonly standby: FakeUpstream;
}

export async function setStage(settings: Partial<ServerSettings> = {}): Promise<Stage> {
  const preferred = await startFakeUpstream({ dialect: "anthropic" });
  const standby = await startFakeUpstream({ dialect: "openai" });
  const server = await startTestServer(
    {
      providers: [
        provider("anthropic_official", preferred.url, { auth: { type: "api_key", keys: ["sk-first", "sk-second"] } }),
        provider("月之暗面", standby.url, { type: "openai", bigModel: "kimi-k2", smallModel: "kimi-k2" }),
        provider("spare", "http://127.0.0.1:9/v1", { type: "openai", enabled: false }),
      ],
      settings: { failureCooldownMs: 300_000 },
    },
    settings,
  );
  return {
    server,
    preferred,
    standby,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await preferred[Symbol.asyncDispose]();
      await standby[Symbol.asyncDispose]();
    },
  };
}

/** Has the stage's server answer calls until its page has something of everything to show. */
export async function play({ server, preferred }: Stage, headers: Record<string, string> = {}): Promise<void> {
  const ask = (model: string): Promise<unknown> => postMessages(server.url, { model, stream: true }, headers);
  for (let index = 0; index < 26; index++) {
    const usage = {
      inputTokens: 900 + ((index * 733) % 4100),
      outputTokens: 160 + ((index * 397) % 1500),
      cacheReadTokens: index % 3 === 0 ? 0 : 2600 + index * 120,
    };
    preferred.script(paced(text("A short answer of a few words", { usage }), (index * 7) % 19));
    await ask(index % 4 === 0 ? "claude-haiku-4-5" : "claude-opus-4-5");
  }
  preferred.script(refuse(400, { message: "messages: at least one message is required" }));
  await ask("claude-opus-4-5");
  preferred.script(refuse(429), text("From the second key"));
  await ask("claude-opus-4-5");
  preferred.script(refuse(500, { message: "internal" }));
  await ask("claude-opus-4-5");
  // Both of the models that it has been asked for are out, and so is the provider.
  preferred.script(refuse(500, { message: "internal" }));
  await ask("claude-haiku-4-5");
}
