import type { Writable } from "node:stream";
import type { BalancerConfig } from "@ccpb/core";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { App } from "../app/app.ts";
import { defaultServerSettings } from "../app/create-server.ts";
import { commandName } from "../base/command-name.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { openLog } from "../log/logger.ts";
import { UnexpectedResult } from "./expectation.ts";
import { Narrator } from "./narrator.ts";
import { PausableClock } from "./pausable-clock.ts";
import { scenes } from "./scenes.ts";
import { demoCooldownMs, type Stage } from "./stage.ts";

export interface DemoOptions {
  /** Default: the process's. Coloured where it is a terminal and `NO_COLOR` is not set. */
  readonly stdout?: Writable & { readonly isTTY?: boolean };
  /** Ends the demo early, with everything that it started. */
  readonly signal?: AbortSignal;
}

const interrupted = 130;

/**
 * `ccpb demo`: a balancer and two fake providers on loopback, in this process; streams answers through it, breaks the providers, and holds what the
 * client gets against what it should. Answers 0, 1 where something was not as it should be, 130 where the signal ended it. Writes no file.
 */
export async function runDemo(options: DemoOptions = {}): Promise<number> {
  const stdout = options.stdout ?? process.stdout;
  const narrator = new Narrator(stdout, stdout.isTTY === true && process.env["NO_COLOR"] === undefined);
  const signal = options.signal ?? new AbortController().signal;
  const startedAt = performance.now();
  try {
    await perform(narrator, signal);
    narrator.blank();
    narrator.passed(
      `All ${scenes.length} scenes as they should be, in ${seconds(performance.now() - startedAt)} s. Nothing is left behind.`,
    );
    narrator.say(`With your own providers: ${commandName()} init; see README.md.`);
    return exitCodes.ok;
  } catch (error) {
    if (signal.aborted) return interrupted;
    narrator.failed(error instanceof UnexpectedResult ? error.message : `the demo itself failed: ${messageOf(error)}`);
    return exitCodes.failed;
  }
}

async function perform(narrator: Narrator, signal: AbortSignal): Promise<void> {
  await using alpha = await startFakeUpstream({ dialect: "anthropic" });
  await using beta = await startFakeUpstream({ dialect: "openai" });
  const clock = new PausableClock();
  clock.pause();
  const server = { ...defaultServerSettings, host: "127.0.0.1", port: 0, logFile: null };
  const log = openLog({ level: server.logLevel, file: null, console: null, secrets: [] });
  const app = new App({ active: { config: demoConfig(alpha.url, beta.url), server }, log, balancerClock: clock });
  try {
    const stage: Stage = { alpha, beta, narrator, signal, clock, url: await app.listen() };
    introduce(stage);
    for (const [index, scene] of scenes.entries()) {
      narrator.headline(`${index + 1}. ${scene.title}`);
      await scene.play(stage);
    }
  } finally {
    await app.close(0);
    await log.close();
  }
}

function demoConfig(alphaUrl: string, betaUrl: string): BalancerConfig {
  const common = {
    auth: { type: "api_key", keys: ["no-real-key"] },
    bigModel: "fake-big",
    smallModel: "fake-small",
    enabled: true,
  } as const;
  return {
    providers: [
      { ...common, name: "alpha", type: "anthropic", baseUrl: alphaUrl },
      { ...common, name: "beta", type: "openai", baseUrl: betaUrl },
    ],
    // With the default, requests would wait for a probe in the scene in which both are down: it shows the 503 instead.
    settings: { failureCooldownMs: demoCooldownMs, lastResort: false },
  };
}

function introduce({ narrator, url }: Stage): void {
  narrator.title("ccpb demo: a real balancer, two fake providers, no key, all on 127.0.0.1");
  narrator.say(`balancer  ${url}  (what ANTHROPIC_BASE_URL would be)`);
  narrator.say("alpha     anthropic type, first in the list: passed through");
  narrator.say("beta      openai type, second: translated to and from Chat Completions");
  narrator.say(`A provider that fails is left alone for ${demoCooldownMs / 1000} s here (60 s by default).`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
