import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BalancerConfig, CallTrace, ProviderConfig } from "@ccpb/core";
import {
  type BehaviourSource,
  body as rawBody,
  claudeCode,
  cut,
  type Dialect,
  type FakeUpstream,
  offeredTools,
  paced,
  type Place,
  refuse,
  startFakeUpstream,
  text,
  tools,
} from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer } from "./running-server.ts";

// Opt-in, for it runs a binary of several hundred megabytes: CCPB_CLAUDE_CODE=/path/to/claude. Seen with @anthropic-ai/claude-code 2.1.330 and 2.1.332.
const claude = process.env["CCPB_CLAUDE_CODE"] ?? "";
const dialects = ["anthropic", "openai"] as const;
const words = "The file says 42, as it should.";
const runTimeoutMs = 400_000;

let home = "";
let project = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ccpb-claude-home-"));
  project = await mkdtemp(join(tmpdir(), "ccpb-claude-project-"));
  await writeFile(join(project, "number.txt"), "42\n");
});

afterEach(async () => {
  for (const folder of [home, project]) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

describe.skipIf(!existsSync(claude))(
  "Claude Code (opt-in: CCPB_CLAUDE_CODE=/path/to/claude)",
  { timeout: runTimeoutMs + 10_000 },
  () => {
    describe.each(dialects)("over a provider of type %s", (dialect) => {
      it("gets a text answer", async () => {
        await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: claudeCode({ text: words }) });
        await using server = await startTracedServer({ providers: [providerOf("only", upstream)] });
        const run = await runClaude(server, "What does the file say?");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words, num_turns: 1 } });
        expect(states(server)).toEqual(["complete"]);
      });

      it("runs a loop of tools, each tool once", async () => {
        await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: loop() });
        await using server = await startTracedServer({ providers: [providerOf("only", upstream)] });
        const run = await runClaude(server, "Read the file and note it down.");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words, num_turns: 3 } });
        expect(await noted()).toBe("noted 42\n");
        const last = JSON.stringify(upstream.requests.at(-1)?.body);
        expect(last).toContain("42");
        expect(new Set(states(server))).toEqual(new Set(["complete"]));
      });
    });

    it("runs a loop of tools over OpenAI Responses", async () => {
      await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: loop() });
      const only: ProviderConfig = { ...providerOf("only", upstream), dialect: "responses" };
      await using server = await startTracedServer({ providers: [only] });
      const run = await runClaude(server, "Read the file and note it down.");
      expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words, num_turns: 3 } });
      expect(await noted()).toBe("noted 42\n");
      expect(new Set(upstream.requests.map(({ dialect }) => dialect))).toEqual(new Set(["responses"]));
      expect(new Set(states(server))).toEqual(new Set(["complete"]));
    });

    const pairs = dialects.flatMap((first) => dialects.map((second) => ({ first, second })));
    describe.each(pairs)("over a provider of type $first that fails and one of type $second", ({ first, second }) => {
      it("does not notice a first provider that dies before its content", async () => {
        await using bad = await startFakeUpstream({ dialect: first });
        bad.setDefault(unlessAside(cut(text("never heard"), "before-content", "reset")));
        await using good = await startFakeUpstream({ dialect: second, defaultBehaviour: loop() });
        await using server = await startTracedServer({ providers: [providerOf("bad", bad), providerOf("good", good)] });
        const run = await runClaude(server, "Read the file and note it down.");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words } });
        expect(await noted()).toBe("noted 42\n");
        expect(new Set(states(server))).toEqual(new Set(["complete"]));
        expect(bad.requests).toHaveLength(1);
      });

      it("gets the whole answer after a first provider cut its text", async () => {
        await using bad = await startFakeUpstream({ dialect: first });
        bad.setDefault(unlessAside(paced(cut(text("Half of an answer that never"), "mid-content", "reset"), 5)));
        await using good = await startFakeUpstream({ dialect: second, defaultBehaviour: claudeCode({ text: words }) });
        await using server = await startTracedServer({ providers: [providerOf("bad", bad), providerOf("good", good)] });
        const run = await runClaude(server, "What does the file say?");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words } });
        expect(states(server)).toEqual(["truncated", "complete"]);
        expect([bad.requests.length, good.requests.length]).toEqual([1, 1]);
        expect(good.requests[0]?.body).toMatchObject({ stream: true });
      });

      it.each<Place>(["after-content", "mid-content", "before-end"])(
        "runs a tool once after a first provider cut its call (%s)",
        async (place) => {
          await using bad = await startFakeUpstream({ dialect: first });
          bad.setDefault(unlessAside(paced(cut(tools(note), place, "reset"), 5)));
          await using good = await startFakeUpstream({ dialect: second, defaultBehaviour: loop() });
          await using server = await startTracedServer({
            providers: [providerOf("bad", bad), providerOf("good", good)],
          });
          const run = await runClaude(server, "Read the file and note it down.");
          expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words } });
          expect(await noted()).toBe("noted 42\n");
          expect(states(server)[0]).toBe("truncated");
        },
      );
    });

    it.each(dialects)(
      "keeps and runs once a tool call that was whole before the cut, whatever answers next (%s)",
      async (second) => {
        await using bad = await startFakeUpstream({ dialect: "anthropic" });
        bad.setDefault(unlessAside(paced(cut(tools(note), "before-terminal", "reset"), 5)));
        await using good = await startFakeUpstream({
          dialect: second,
          defaultBehaviour: claudeCode({ turns: [[note]], text: words }),
        });
        await using server = await startTracedServer({ providers: [providerOf("bad", bad), providerOf("good", good)] });
        const run = await runClaude(server, "Note it down.");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words } });
        expect(await noted()).toBe("noted 42\n");
        expect(states(server)).toEqual(["truncated", "complete"]);
      },
    );

    describe("over an upstream behind an alias that is known for nothing", () => {
      const alias = (upstream: FakeUpstream, profile: ProviderConfig["profile"]): ProviderConfig => ({
        ...provider("alias", upstream.url, {
          type: "openai",
          bigModel: "hcp-vision-latest",
          smallModel: "hcp-vision-latest",
        }),
        dialect: "chat",
        // What it hopes for is refused.
        ...(profile && { profile }),
      });

      it.each(refusers)("is refused once, and finishes its tools: $name", async ({ profile, refuses }) => {
        let refused = 0;
        const behaviour = loop();
        await using upstream = await startFakeUpstream({
          dialect: "openai",
          defaultBehaviour: (request) => {
            const message = refuses(JSON.stringify(request.body));
            if (message === undefined) return typeof behaviour === "function" ? behaviour(request) : behaviour;
            refused += 1;
            return refuse(400, { message });
          },
        });
        await using server = await startTracedServer({ providers: [alias(upstream, profile)] });
        const run = await runClaude(server, "Read the file and note it down.");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words, num_turns: 3 } });
        expect(await noted()).toBe("noted 42\n");
        // Side requests run beside the first one, and may be refused before it has taught.
        expect(refused).toBeGreaterThan(0);
        expect(refused).toBeLessThanOrEqual(3);
        expect(server.balancer.status().providers[0]?.learned).toHaveLength(1);
      });

      it("looks at a picture with a model that takes none, and goes on", async () => {
        await writeFile(join(project, "dot.png"), Buffer.from(dot, "base64"));
        const read = { name: "Read", input: { file_path: join(project, "dot.png") } };
        const spoken = claudeCode({ turns: [[read], [note]], text: words });
        let refused = 0;
        await using upstream = await startFakeUpstream({
          dialect: "openai",
          defaultBehaviour: (request) => {
            if (!JSON.stringify(request.body).includes("image_url"))
              return typeof spoken === "function" ? spoken(request) : spoken;
            refused += 1;
            return refuse(404, { message: "No endpoints found that support image input" });
          },
        });
        await using server = await startTracedServer({ providers: [alias(upstream, undefined)] });
        const run = await runClaude(server, "Look at the picture and note it down.");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words, num_turns: 3 } });
        expect(refused).toBe(1);
        expect(JSON.stringify(upstream.requests.at(-1)?.body)).toContain("image omitted");
      });

      it("runs each tool of an upstream that gives every call the same id", async () => {
        const read = { name: "Read", input: { file_path: join(project, "number.txt") }, id: "call_0" };
        const behaviour = claudeCode({ turns: [[read], [{ ...note, id: "call_0" }]], text: words });
        await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: behaviour });
        await using server = await startTracedServer({ providers: [alias(upstream, undefined)] });
        const run = await runClaude(server, "Read the file and note it down.");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words, num_turns: 3 } });
        expect(await noted()).toBe("noted 42\n");
      });

      it("prints the whole of an answer whose reasoning comes between its words", async () => {
        const piece = (delta: object, finish: string | null = null): string =>
          `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
        const stream = [
          piece({ content: "The answer" }),
          piece({ reasoning_content: "\n" }),
          piece({ content: " is 42." }),
          piece({}, "stop"),
          "data: [DONE]\n\n",
        ].join("");
        await using upstream = await startFakeUpstream({
          dialect: "openai",
          defaultBehaviour: (request) =>
            offeredTools(request.body).size === 0 ? text("ok") : rawBody(stream, { contentType: "text/event-stream" }),
        });
        await using server = await startTracedServer({ providers: [alias(upstream, undefined)] });
        const run = await runClaude(server, "What is the answer?");
        expect(run).toMatchObject({ code: 0, result: { is_error: false, result: "The answer is 42." } });
      });
    });

    it("waits as it is told while everybody is down, and goes on when somebody is back", async () => {
      await using upstream = await startFakeUpstream({
        dialect: "anthropic",
        script: [refuse(529)],
        defaultBehaviour: claudeCode({ text: words }),
      });
      const settings = { failureCooldownMs: 1500 };
      await using server = await startTracedServer({ providers: [providerOf("only", upstream)], settings });
      const run = await runClaude(server, "What does the file say?");
      expect(run).toMatchObject({ code: 0, result: { is_error: false, result: words } });
      expect(states(server)).toEqual(["error", "complete"]);
      expect(server.calls[0]?.status).toBe(503);
    });
  },
);

/** What upstreams behind an alias refuse of the requests of Claude Code, and what their provider is configured to hope for. */
const refusers: readonly {
  readonly name: string;
  readonly profile: NonNullable<ProviderConfig["profile"]>;
  readonly refuses: (body: string) => string | undefined;
}[] = [
  {
    name: "a system turn inside the conversation",
    profile: { midSystem: "system" },
    refuses: (body) =>
      /"role":"user".*"role":"system"/s.test(body) ? "System message must be at the beginning." : undefined,
  },
  {
    name: "a keyword in the schemas of its tools",
    profile: { toolSchema: "json-schema" },
    refuses: (body) =>
      body.includes('"additionalProperties":')
        ? "Invalid schema for function 'Bash': additionalProperties is not supported"
        : undefined,
  },
  {
    name: "the usage of a stream",
    profile: {},
    refuses: (body) => (body.includes('"stream_options"') ? "Unknown parameter: 'stream_options'." : undefined),
  },
  {
    name: "messages in parts",
    profile: {},
    refuses: (body) =>
      /"role":"user","content":\[/.test(body)
        ? "json: cannot unmarshal array into Go struct field Message.messages.content of type string"
        : undefined,
  },
];

// A PNG of one pixel.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const note = { name: "Bash", input: { command: "echo noted $(cat number.txt) >> noted.txt", description: "Note it" } };

function loop(): BehaviourSource {
  const read = { name: "Read", input: { file_path: join(project, "number.txt") } };
  return claudeCode({ turns: [[read], [note]], text: words });
}

/** Side requests (titles and the like) are answered: the fault is meant for the conversation. */
function unlessAside(behaviour: BehaviourSource): BehaviourSource {
  return (request) => {
    if (offeredTools(request.body).size === 0) return text("ok");
    return typeof behaviour === "function" ? behaviour(request) : behaviour;
  };
}

function providerOf(name: string, upstream: FakeUpstream): ProviderConfig {
  const models: Partial<Record<Dialect, Partial<ProviderConfig>>> = {
    anthropic: {},
    openai: { bigModel: "gpt-big", smallModel: "gpt-small" },
  };
  return provider(name, upstream.url, { type: upstream.dialect, ...models[upstream.dialect] });
}

async function noted(): Promise<string> {
  return readFile(join(project, "noted.txt"), "utf8");
}

/** A server that keeps the trace of every call. */
interface TracedServer extends TestServer {
  readonly calls: CallTrace[];
}

async function startTracedServer(config: BalancerConfig): Promise<TracedServer> {
  const server = await startTestServer(config);
  const calls: CallTrace[] = [];
  server.balancer.on("call-end", (trace) => calls.push(trace));
  return { ...server, calls };
}

function states(server: TracedServer): readonly string[] {
  return server.calls.map((call) => call.state);
}

interface Run {
  readonly code: number | null;
  readonly result: unknown;
  readonly stderr: string;
}

async function runClaude(server: TestServer, prompt: string): Promise<Run> {
  const args = ["-p", prompt, "--output-format", "json", "--dangerously-skip-permissions"];
  const child = spawn(claude, args, {
    cwd: project,
    // Nothing of the surrounding environment: it may hold another base URL or credential.
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      CLAUDE_CONFIG_DIR: join(home, ".claude"),
      TMPDIR: home,
      IS_SANDBOX: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      ANTHROPIC_BASE_URL: server.url,
      ANTHROPIC_AUTH_TOKEN: "dummy",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  return { code, result: parsed(stdout), stderr };
}

function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return stdout;
  }
}
