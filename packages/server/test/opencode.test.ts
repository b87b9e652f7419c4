import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claudeCode, refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer } from "./running-server.ts";

// Opt-in, for it runs a binary of a hundred megabytes: CCPB_OPENCODE=/path/to/opencode. Seen with opencode-ai 1.18.33.
const opencode = process.env["CCPB_OPENCODE"] ?? "";
const runTimeoutMs = 400_000;
/** The package with which opencode asks, and the API that it speaks. */
const packages = [
  ["@ai-sdk/anthropic", "Messages"],
  ["@ai-sdk/openai-compatible", "Chat Completions"],
  ["@ai-sdk/openai", "Responses"],
] as const;
const dialects = ["messages", "chat", "responses"] as const;
const words = "The number is noted.";

let home = "";
let project = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ccpb-opencode-home-"));
  project = await mkdtemp(join(tmpdir(), "ccpb-opencode-project-"));
  await writeFile(join(project, "number.txt"), "42\n");
});

afterEach(async () => {
  for (const folder of [home, project]) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

const note = { name: "bash", input: { command: "echo noted $(cat number.txt) > noted.txt", description: "Note it" } };
const cases = packages.flatMap(([name, api]) => dialects.map((dialect) => ({ name, api, dialect })));

describe.skipIf(!existsSync(opencode))(
  "opencode (opt-in: CCPB_OPENCODE=/path/to/opencode)",
  { timeout: runTimeoutMs + 10_000 },
  () => {
    it.each(cases)("completes a task over $dialect with $name ($api), whose first provider is down", async (row) => {
      const type = row.dialect === "messages" ? "anthropic" : "openai";
      const options = {
        type,
        bigModel: "some-model",
        smallModel: "some-model",
        ...(row.dialect !== "messages" && { dialect: row.dialect }),
      } as const;
      await using down = await startFakeUpstream({ dialect: type, defaultBehaviour: refuse(500, { message: "no" }) });
      await using well = await startFakeUpstream({
        dialect: type,
        defaultBehaviour: claudeCode({ turns: [[note]], text: words }),
      });
      await using server = await startTestServer({
        providers: [provider("down", down.url, options), provider("well", well.url, options)],
      });
      const run = await runOpencode(server, row.name, "Note the number down.");
      expect(run).toMatchObject({ code: 0, output: expect.stringContaining(words) });
      expect(await readFile(join(project, "noted.txt"), "utf8")).toBe("noted 42\n");
      expect(down.requests.length).toBeGreaterThan(0);
      const states = server.lines("request_completed").map(({ state }) => state);
      expect(new Set(states)).toEqual(new Set(["complete"]));
    });
  },
);

async function runOpencode(
  server: TestServer,
  npm: string,
  prompt: string,
): Promise<{ code: unknown; output: string }> {
  const options = { baseURL: `${server.url}/v1`, apiKey: "a-client-credential" };
  const config = {
    permission: { bash: "allow" },
    provider: { ccpb: { npm, options, models: { "claude-opus-5-5": { name: "ccpb" } } } },
  };
  await writeFile(join(project, "opencode.json"), JSON.stringify(config));
  const child = spawn(opencode, ["run", "--model", "ccpb/claude-opus-5-5", prompt], {
    cwd: project,
    // Nothing of the surrounding environment: it may hold another address or credential.
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      TMPDIR: home,
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", () => {});
  const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  return { code, output };
}
