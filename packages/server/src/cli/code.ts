import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { startServer, type RunningServer } from "../app/start-server.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { complain } from "./output.ts";
import type { CommonOptions } from "./common-options.ts";
import { asksForKeys } from "../app/safe-binding.ts";

// Claude Code has ended: no client waits for the requests that are still under way.
const drainMs = 1_000;

/** `ccpb code -- ARGUMENTS`: Claude Code on a balancer of its own, on a free port; ends with its exit code. Log lines go to the log file only. */
export async function code(args: readonly string[], { config, host, port }: CommonOptions): Promise<number> {
  const server = await startServer({
    ...(config !== undefined && { configPath: config }),
    host: host ?? "127.0.0.1",
    port: port ?? "0",
  });
  try {
    return await runClient(args, server);
  } finally {
    await server.close(drainMs);
  }
}

async function runClient(args: readonly string[], server: RunningServer): Promise<number> {
  const named = process.env["CCPB_CLAUDE"];
  const program = named === undefined || named === "" ? "claude" : named;
  const child = spawn(program, args, {
    stdio: "inherit",
    env: clientEnvironment(server),
    // On Windows npm installs commands as .cmd files, which only a shell starts.
    shell: process.platform === "win32",
  });
  const stopForwarding = forwardSignals((signal) => child.kill(signal));
  try {
    const [exitCode, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = isMissing
      ? "is not there"
      : `cannot be started (${error instanceof Error ? error.message : String(error)})`;
    const remedy =
      "Install Claude Code (npm install -g @anthropic-ai/claude-code), or name its program in CCPB_CLAUDE.";
    return complain(`${program} ${reason}. ${remedy}`, exitCodes.failed);
  } finally {
    stopForwarding();
  }
}

/** The environment of Claude Code: this server as its API. Its own login stays where a passthrough provider needs it. */
function clientEnvironment({ url, loaded }: RunningServer): NodeJS.ProcessEnv {
  const { config, server } = loaded;
  const key = clientKey(server);
  const needsLogin =
    key === undefined && config.providers.some(({ enabled = true, auth }) => enabled && auth.type === "passthrough");
  const environment: NodeJS.ProcessEnv = { ...process.env, ANTHROPIC_BASE_URL: url };
  if (needsLogin) return environment;
  // Beside a token, Claude Code would warn of a second credential.
  delete environment["ANTHROPIC_API_KEY"];
  return { ...environment, ANTHROPIC_AUTH_TOKEN: key ?? "dummy" };
}

/** A key with which a client may ask models: `CCPB_API_KEY` where keys are asked for, else the first of the configuration. */
function clientKey({ auth }: RunningServer["loaded"]["server"]): string | undefined {
  const { apiKeys, clients = [] } = auth;
  if (!asksForKeys(auth)) return undefined;
  const named = clients.filter(({ role }) => role !== "monitor").flatMap(({ key }) => key ?? []);
  return process.env["CCPB_API_KEY"] || [...apiKeys, ...named][0];
}

function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const listener = (): void => {
      // A terminal has sent its Ctrl-C to the whole group, the client included.
      if (signal !== "SIGINT" || !process.stdin.isTTY) forward(signal);
    };
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
