import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { type FakeUpstream, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../../src/app/start-server.ts";
import { postMessages, until } from "../running-server.ts";
import { TemporaryFolder } from "../temporary-folder.ts";

/** A server that was started from a file, with a terminal. */
interface Stage extends AsyncDisposable {
  readonly server: RunningServer;
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
  readonly logFile: string;
  /** What the terminal shows. */
  shown(): string;
  ask(): Promise<void>;
}

/** `settings`: lines of YAML; `prepare`: called with the path of the log before the server starts. */
async function setStage(settings = "", prepare: (logFile: string) => void = () => undefined): Promise<Stage> {
  const folder = new TemporaryFolder();
  const first = await startFakeUpstream({ dialect: "anthropic" });
  const second = await startFakeUpstream({ dialect: "anthropic" });
  const logFile = join(folder.path, "logs", "balancer.jsonl");
  folder.write(
    "providers.yaml",
    `settings:
  port: 0
  log_color: false
${settings}providers:
${[first, second].map((upstream, index) => `  - {name: ${["anthropic", "kimi"][index]}, type: anthropic, base_url: ${upstream.url}, auth_type: api_key, auth_value: sk-file-key-0001, big_model: passthrough, small_model: passthrough}\n`).join("")}`,
  );
  prepare(logFile);
  let shown = "";
  const terminal = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      shown += chunk.toString();
      callback();
    },
  });
  const console = Object.assign(terminal, { isTTY: true });
  const server = await startServer({ env: {}, cwd: folder.path, home: folder.path, console });
  return {
    server,
    first,
    second,
    logFile,
    shown: () => shown,
    ask: async () => void (await postMessages(server.url, { model: "claude-opus-4-5" })),
    async [Symbol.asyncDispose]() {
      await server.close(0);
      for (const upstream of [first, second]) await upstream[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Whether the file has a whole line about a call that ended. */
function hasCompleted({ logFile }: Stage): boolean {
  return existsSync(logFile) && /"request_completed".*\n/.test(readFileSync(logFile, "utf8"));
}

describe("the log of a server", () => {
  it("has one line for a call on the terminal: models, attempts, time, tokens and cost", async () => {
    await using stage = await setStage();
    stage.first.script(refuse(429, { message: "slow down" }));
    stage.second.script(text("Hi", { usage: { inputTokens: 26_000, outputTokens: 1_300 } }));
    await stage.ask();
    await until(() => stage.shown().includes("request_completed"));
    const lines = stage
      .shown()
      .split("\n")
      .filter((line) => line.includes("request_completed"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /request_completed claude-opus-4-5 → anthropic ✗ 429 → kimi ✓ (?:\d+ ms|\d+(?:\.\d)? s), 26k → 1\.3k, \$0\.16$/,
    );
  });

  it.each([
    ["the file was removed", (path: string) => rmSync(path)],
    ["its folder was removed", (path: string) => rmSync(dirname(path), { recursive: true, maxRetries: 100 })],
  ])("goes on in a new file after %s", async (_what, remove) => {
    await using stage = await setStage();
    await stage.ask();
    await until(() => hasCompleted(stage));
    remove(stage.logFile);
    await stage.ask();
    await until(() => hasCompleted(stage));
    const lines = readFileSync(stage.logFile, "utf8").trimEnd().split("\n");
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    // The ledger, which was in the folder too, may have told by now that its file is gone.
    expect(events.filter((event) => event !== "usage_problem")).toEqual(["request_completed"]);
  });

  it("begins on a new line behind half of one", async () => {
    await using stage = await setStage();
    await until(() => existsSync(stage.logFile));
    appendFileSync(stage.logFile, '{"level":"INFO","timest');
    await stage.ask();
    await until(() => hasCompleted(stage));
    const [last] = readFileSync(stage.logFile, "utf8").trimEnd().split("\n").slice(-1);
    expect(JSON.parse(last ?? "")).toMatchObject({ event: "request_completed", status: 200 });
  });

  it("is kept as log_keep says: so large, so many, and for so long", async () => {
    const old = new Date(Date.now() - 3 * 86_400_000);
    await using stage = await setStage("  log_keep: {files: 2, megabytes: 1, days: 2}\n", (logFile) => {
      const folder = new URL(`file://${dirname(logFile)}/`);
      appendLarge(logFile, 990_000);
      appendLarge(`${logFile}.1`, 10);
      appendLarge(`${logFile}.2`, 10);
      utimesSync(`${logFile}.2`, old, old);
      expect(readdirSync(folder)).toHaveLength(3);
    });
    const names = (): string[] =>
      readdirSync(dirname(stage.logFile))
        .filter((name) => name.startsWith("balancer"))
        .sort();
    // The old one is removed at the start; the live one is renamed when it would grow beyond its size, and the oldest of two dropped.
    await until(() => names().length === 2);
    for (let index = 0; index < 40 && names().length < 3; index += 1) await stage.ask();
    await until(() => names().length === 3);
    expect(names()).toEqual(["balancer.jsonl", "balancer.jsonl.1", "balancer.jsonl.2"]);
    expect(readFileSync(`${stage.logFile}.1`).length).toBeGreaterThan(900_000);
    expect(readFileSync(`${stage.logFile}.1`).length).toBeLessThanOrEqual(1_000_000);
    await until(() => readFileSync(stage.logFile, "utf8").startsWith('{"level"'));
  });
});

function appendLarge(path: string, bytes: number): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${"x".repeat(bytes - 1)}\n`);
}
