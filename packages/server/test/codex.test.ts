import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallTrace, ProviderConfig } from "@ccpb/core";
import {
  type BehaviourSource,
  claudeCode,
  cut,
  type FakeUpstream,
  paced,
  refuse,
  startFakeUpstream,
  text,
} from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer } from "./running-server.ts";

// Opt-in, for it runs a binary of a hundred megabytes: CCPB_CODEX=/path/to/codex. Seen with @openai/codex 0.171.0.
const codex = process.env["CCPB_CODEX"] ?? "";
const dialects = ["messages", "chat", "responses"] as const;
const words = "The file says 42, and so does the note.";
const runTimeoutMs = 400_000;

let home = "";
let project = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ccpb-codex-home-"));
  project = await mkdtemp(join(tmpdir(), "ccpb-codex-project-"));
  await writeFile(join(project, "number.txt"), "42\n");
});

afterEach(async () => {
  for (const folder of [home, project]) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

const patch = ["*** Begin Patch", "*** Add File: noted.txt", "+noted 42", "*** End Patch", ""].join("\n");

const read = { name: "exec_command", input: { cmd: "cat number.txt" } };
const patching = { name: "apply_patch", input: { input: patch } };
const echoing = { name: "exec_command", input: { cmd: "echo noted $(cat number.txt) > noted.txt" } };

/**
 * A model that reads the file with the shell, notes it down with `apply_patch`, and then speaks. The fake Responses upstream has function calls only, and
 * a call that is passed through stays what it is: there the shell notes it down.
 */
function loopOf(api: Api): BehaviourSource {
  return claudeCode({ turns: [[read], [api === "responses" ? echoing : patching]], text: words });
}

describe.skipIf(!existsSync(codex))(
  "Codex (opt-in: CCPB_CODEX=/path/to/codex)",
  { timeout: runTimeoutMs + 10_000 },
  () => {
    describe.each(dialects)("over a %s provider", (dialect) => {
      const loop = loopOf(dialect);
      it("completes a task with its shell and apply_patch", async () => {
        await using upstream = await start(dialect, loop);
        await using server = await startTracedServer([providerOf("only", upstream, dialect)]);
        const run = await runCodex(server, "Read number.txt and note the number down.");
        expect(run).toMatchObject({ code: 0, message: words });
        expect(await readFile(join(project, "noted.txt"), "utf8")).toBe("noted 42\n");
        expect(new Set(server.calls.map(({ state }) => state))).toEqual(new Set(["complete"]));
        expect(JSON.stringify(upstream.requests.at(-1)?.body)).toContain("42");
      });

      it.each([
        ["is down", refuse(500, { message: "broken" })],
        ["dies before its content", cut(text("never heard"), "before-content", "reset")],
      ] satisfies [string, BehaviourSource][])("does not notice a first provider that %s", async (_name, behaviour) => {
        await using bad = await start(dialect, behaviour);
        await using good = await start(dialect, loop);
        await using server = await startTracedServer([
          providerOf("bad", bad, dialect),
          providerOf("good", good, dialect),
        ]);
        const run = await runCodex(server, "Read number.txt and note the number down.");
        expect(run).toMatchObject({ code: 0, message: words, errors: [] });
        expect(await readFile(join(project, "noted.txt"), "utf8")).toBe("noted 42\n");
        expect(bad.requests.length).toBeGreaterThan(0);
      });

      it("gets the whole answer after a first provider cut its text", async () => {
        await using bad = await start(
          dialect,
          paced(cut(text("Half of an answer that never"), "mid-content", "reset"), 5),
        );
        await using good = await start(dialect, loop);
        await using server = await startTracedServer([
          providerOf("bad", bad, dialect),
          providerOf("good", good, dialect),
        ]);
        const run = await runCodex(server, "Read number.txt and note the number down.");
        expect(run).toMatchObject({ code: 0, message: words });
        expect(await readFile(join(project, "noted.txt"), "utf8")).toBe("noted 42\n");
        expect(server.calls[0]?.state).toBe("truncated");
      });
    });

    it("goes on over another kind of provider in the middle of its task", async () => {
      const loop = loopOf("messages");
      let turns = 0;
      const once: BehaviourSource = (request) => {
        turns += 1;
        if (turns > 1) return refuse(500, { message: "broken" });
        return typeof loop === "function" ? loop(request) : loop;
      };
      await using first = await start("messages", once);
      await using second = await start("chat", loop);
      await using server = await startTracedServer([
        providerOf("first", first, "messages"),
        providerOf("second", second, "chat"),
      ]);
      const run = await runCodex(server, "Read number.txt and note the number down.");
      expect(run).toMatchObject({ code: 0, message: words, errors: [] });
      expect(await readFile(join(project, "noted.txt"), "utf8")).toBe("noted 42\n");
      expect(second.requests.length).toBeGreaterThan(0);
    });
  },
);

type Api = (typeof dialects)[number];

function start(api: Api, defaultBehaviour: BehaviourSource): Promise<FakeUpstream> {
  return startFakeUpstream({ dialect: api === "messages" ? "anthropic" : "openai", defaultBehaviour });
}

function providerOf(name: string, upstream: FakeUpstream, api: Api): ProviderConfig {
  const models = { bigModel: "some-model", smallModel: "some-model" };
  return provider(
    name,
    upstream.url,
    api === "messages" ? { type: "anthropic", ...models } : { type: "openai", dialect: api, ...models },
  );
}

/** A server that keeps the trace of every call. */
interface TracedServer extends TestServer {
  readonly calls: CallTrace[];
}

async function startTracedServer(providers: readonly ProviderConfig[]): Promise<TracedServer> {
  const server = await startTestServer({ providers });
  const calls: CallTrace[] = [];
  server.balancer.on("call-end", (trace) => calls.push(trace));
  return { ...server, calls };
}

interface Run {
  readonly code: number | null;
  /** The last message of the model. */
  readonly message: string | undefined;
  readonly errors: readonly string[];
  readonly output: string;
}

async function runCodex(server: TestServer, prompt: string): Promise<Run> {
  const folder = join(home, ".codex");
  await mkdir(folder);
  // A model whose metadata Codex knows, so that it offers apply_patch.
  const settings = `model = "gpt-5.5"\nmodel_provider = "ccpb"\n[model_providers.ccpb]\nname = "ccpb"\nwire_api = "responses"\n`;
  await writeFile(join(folder, "config.toml"), `${settings}base_url = "${server.url}/v1"\nenv_key = "CCPB_KEY"\n`);
  const args = ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--json", prompt];
  const child = spawn(codex, args, {
    cwd: project,
    // Nothing of the surrounding environment: it may hold another address or credential.
    env: { PATH: process.env["PATH"], HOME: home, CODEX_HOME: folder, TMPDIR: home, CCPB_KEY: "a-client-credential" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", () => {});
  const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  const events = output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as CodexEvent] : []));
  const items = events.flatMap(({ item }) => (item ? [item] : []));
  return {
    code,
    message: items.findLast(({ type }) => type === "agent_message")?.text,
    errors: events.flatMap(({ type, message = "" }) => (type === "error" ? [message] : [])),
    output,
  };
}

interface CodexEvent {
  readonly type: string;
  readonly message?: string;
  readonly item?: { readonly type: string; readonly text?: string };
}
