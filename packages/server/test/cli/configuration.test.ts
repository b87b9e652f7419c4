import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { buildBinary, cli, providersYaml, Workspace } from "./ccpb-process.ts";
import { escape, runCcpb } from "./run-ccpb.ts";

// Every run is a process of its own, and machines are busy.
beforeAll(buildBinary);

const all = [
  "anthropic",
  "claude-login",
  "openrouter",
  "openai",
  "deepseek",
  "moonshot",
  "zai",
  "gemini",
  "groq",
  "ollama",
];
const keys = {
  ANTHROPIC_API_KEY: "sk-ant-secret-of-the-environment",
  OPENROUTER_API_KEY: "sk-or-secret-of-the-environment",
  OPENAI_API_KEY: "sk-secret-of-the-environment",
  DEEPSEEK_API_KEY: "ds-secret-of-the-environment",
  MOONSHOT_API_KEY: "ms-secret-of-the-environment",
  ZAI_API_KEY: "zai-secret-of-the-environment",
  GEMINI_API_KEY: "gem-secret-of-the-environment",
  GROQ_API_KEY: "gsk-secret-of-the-environment",
};

describe("ccpb init", () => {
  it("writes a commented file that loads, with every preset in the order given and no secret in it", async () => {
    using space = new Workspace();
    const made = await runCcpb(space, ["init", "--provider", all.join(",")], keys);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const file = join(space.folder, "providers.yaml");
    const content = readFileSync(file, "utf8");
    expect(content).not.toContain("secret-of-the-environment");
    expect(content).toContain("${OPENROUTER_API_KEY}");
    expect(content.match(/#/g)?.length).toBeGreaterThan(10);
    expect(parse(content).providers.map(({ name }: { name: string }) => name)).toEqual(all);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(await runCcpb(space, ["check"], keys)).toMatchObject({ code: 0, stderr: "" });
  });

  it("says which variables are missing, and takes names in separate words", async () => {
    using space = new Workspace();
    const made = await runCcpb(space, ["init", "--provider", "openai", "anthropic", "--output", "mine.yaml"], {
      OPENAI_API_KEY: "sk-1",
    });
    expect(made.code).toBe(0);
    expect(made.stdout).toContain("export ANTHROPIC_API_KEY=…");
    expect(made.stdout).not.toContain("OPENAI_API_KEY");
    expect(made.stdout).toContain("ccpb serve --config mine.yaml");
    expect(existsSync(join(space.folder, "mine.yaml"))).toBe(true);
  });

  it("writes over nothing without --force", async () => {
    using space = new Workspace();
    const file = space.write("providers.yaml", "mine");
    const refused = await runCcpb(space, ["init", "--provider", "openai"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("--force");
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect((await runCcpb(space, ["init", "--provider", "openai", "--force"])).code).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("OPENAI_API_KEY");
  });

  it("exits with 2 for an unknown provider, and without a terminal for none", async () => {
    using space = new Workspace();
    const unknown = await runCcpb(space, ["init", "--provider", "antropic"]);
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("anthropic, claude-login");
    const none = await runCcpb(space, ["init"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("ccpb init --provider");
    expect(existsSync(join(space.folder, "providers.yaml"))).toBe(false);
  });
});

describe("ccpb check", () => {
  it("names every problem at once with its place and a caret, and exits with 2", async () => {
    using space = new Workspace();
    space.write("bad.yaml", providersYaml("not a url", "  prot: 1\n"));
    const { code, stdout, stderr } = await runCcpb(space, ["check", "bad.yaml"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^bad\.yaml:4:\d+: error:/m);
    expect(stderr).toMatch(/^bad\.yaml:11:\d+: error:/m);
    expect(stderr).toContain("^");
    expect(stderr).toContain("2 errors");
    expect(stderr).not.toMatch(escape);
    const missing = await runCcpb(space, ["check", "missing.yaml"]);
    expect([missing.code, missing.stdout]).toEqual([2, ""]);
  });

  it("prints what is in force with each value's source, and no secret", async () => {
    using space = new Workspace();
    const secrets = "  log_level: DEBUG\n  auth: {api_keys: [a-key-of-this-server-1]}\n";
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9", secrets, "${MY_KEY}"));
    const { code, stdout, stderr } = await runCcpb(space, ["check", "--print", "--port", "4000", "--workers", "3"], {
      MY_KEY: "sk-test-of-the-environment",
      LOG_LEVEL: "ERROR",
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/sk-test|a-key-of/);
    expect(stdout).toMatch(/auth_value: "\*\*\*" +# environment MY_KEY, line 6$/m);
    expect(stdout).toMatch(/base_url: http:\/\/127\.0\.0\.1:9 +# line 4$/m);
    expect(stdout).toMatch(/log_level: ERROR +# environment LOG_LEVEL$/m);
    expect(stdout).toMatch(/port: 4000 +# option --port$/m);
    expect(stdout).toMatch(/workers: 3 +# option --workers$/m);
    expect(stdout).toMatch(/failure_cooldown: 60 +# default$/m);
    const again = parse(stdout);
    expect(again.providers).toHaveLength(1);
    expect(again.settings).toMatchObject({ port: 4000, timeouts: { response: 30, idle: 120 } });
    expect(
      (await runCcpb({ folder: space.folder } as Workspace, ["check", space.write("again.yaml", stdout)])).code,
    ).toBe(0);
  });

  it("--live asks each key of each enabled provider for one token, and exits with 1 where one failed", async () => {
    await using good = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("H") });
    await using bad = await startFakeUpstream({ dialect: "anthropic", script: [text("H"), refuse(401)] });
    using space = new Workspace();
    const live = (upstream: string, name: string, more: string): string =>
      `  - {name: ${name}, type: ${more}, base_url: "${upstream}", big_model: big-one, small_model: small-one}\n`;
    space.write(
      "providers.yaml",
      `providers:\n${live(good.url, "好的提供者", "openai, auth_value: sk-good-1")}${live(bad.url, "two_keys", "anthropic, auth_value: [sk-first-1, sk-second-2]")}${live(bad.url, "off", "anthropic, auth_value: sk-off, enabled: false")}`,
    );
    const { code, stdout } = await runCcpb(space, ["check", "--live"]);
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^✓ {2}好的提供者 +small-one +\d+ ms {2}answered$/);
    expect(lines.filter((line) => /^✓ {2}two_keys \(key \d\) +small-one +\d+ ms {2}answered$/.test(line))).toHaveLength(
      1,
    );
    expect(lines.filter((line) => /^✗ {2}two_keys \(key \d\) +small-one +\d+ ms {2}\S.*401/.test(line))).toHaveLength(
      1,
    );
    expect(stdout).not.toMatch(/sk-|off/);
    expect(bad.requests).toHaveLength(2);
    for (const request of [...good.requests, ...bad.requests]) {
      expect(request.body).toMatchObject({ model: "small-one" });
      expect(JSON.stringify(request.body)).toMatch(/"max_(?:completion_)?tokens":1[,}]/);
    }
  });

  it("--live exits with 0 where all answer, and does not ask who has no credential of ours", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("H") });
    using space = new Workspace();
    space.write(
      "providers.yaml",
      providersYaml(upstream.url).replace(
        "settings:",
        `  - {name: own, type: anthropic, base_url: "${upstream.url}", auth_type: passthrough, big_model: passthrough, small_model: passthrough}\nsettings:`,
      ),
    );
    const { code, stdout } = await runCcpb(space, ["check", "--live", "--model", "another"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ {2}one +another/);
    expect(stdout).toMatch(/– {2}own .*not asked/);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("ccpb explain and schema", () => {
  it("explains who takes a model, in order, and exits with 1 where nobody does", async () => {
    using space = new Workspace();
    const entry = (name: string, more: string): string =>
      `  - {name: ${name}, type: anthropic, base_url: "http://127.0.0.1:9", auth_value: sk-test-1, ${more}}\n`;
    space.write(
      "providers.yaml",
      `providers:\n${entry("first", "big_model: one, small_model: two")}${entry("second", "models: {'*haiku*': three}")}${entry("third", "enabled: false, big_model: x, small_model: x")}`,
    );
    const haiku = await runCcpb(space, ["explain", "claude-haiku-4-5", "--offline"]);
    expect(haiku.code).toBe(0);
    expect(haiku.stdout).toMatch(/1 {2}first +two +takes the request\n2 {2}second +three +stands by/);
    expect(haiku.stdout).toMatch(/third +is disabled/);
    const opus = JSON.parse((await runCcpb(space, ["explain", "claude-opus-4-5", "--json", "--offline"])).stdout);
    expect(opus.candidates).toMatchObject([{ provider: "first", upstream_model: "one" }]);
    space.write("providers.yaml", `providers:\n${entry("second", "models: {'*haiku*': three}")}`);
    expect((await runCcpb(space, ["explain", "claude-opus-4-5", "--offline"])).code).toBe(1);
    expect((await runCcpb(space, ["explain"])).code).toBe(2);
  });

  it("prints the JSON schema, which has the keys of the format", async () => {
    using space = new Workspace();
    const { code, stdout } = await runCcpb(space, ["schema"]);
    expect(code).toBe(0);
    const schema = JSON.parse(stdout);
    expect(schema.$schema).toContain("draft-07");
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(["providers", "settings", "model_routes"]));
  });
});

describe("ccpb check of files that a server writes to", () => {
  /** Runs Node as a user who may write nowhere near: root may write everywhere. */
  function runAsOther(
    folder: string,
    args: readonly string[],
  ): Promise<{ readonly code: number; readonly stderr: string }> {
    const options = {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder },
      ...(process.getuid?.() === 0 && { uid: 65_534 }),
    };
    return new Promise((resolve) => {
      execFile(process.execPath, args, options, (error, _stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stderr });
      });
    });
  }

  it.skipIf(process.platform === "win32").for<readonly [setting: string, message: RegExp]>([
    [
      "log_file: closed/x.jsonl",
      /settings\.log_file: \S+ cannot be made by this user, who may not write to \S+closed;/,
    ],
    ["log_file: closed/new/x.jsonl", /settings\.log_file: \S+ cannot be made by this user, who may not write to/],
    [
      "log_file: read-only",
      /settings\.log_file: \S+ may not be written by this user; .* log lines are lost until then/,
    ],
    [
      "usage_folder: closed",
      /settings\.usage_folder: \S+ may not be written by this user; .* kept in memory until then/,
    ],
    ["usage_folder: closed/new", /settings\.usage_folder: \S+ cannot be made by this user/],
  ])("warns of %s, since another user may run the server", async ([setting, message], { skip }) => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9", `  ${setting}\n`));
    mkdirSync(join(space.folder, "closed"));
    writeFileSync(join(space.folder, "read-only"), "", { mode: 0o444 });
    chmodSync(join(space.folder, "closed"), 0o555);
    chmodSync(join(space.folder, "providers.yaml"), 0o644);
    chmodSync(space.folder, 0o755);
    // A checkout in root's own folder is out of the other user's reach, and so are temporary files in one.
    const readConfig = `require("node:fs").readFileSync(${JSON.stringify(join(space.folder, "providers.yaml"))})`;
    for (const probe of [
      [cli, "--version"],
      ["-e", readConfig],
    ])
      if ((await runAsOther(space.folder, probe)).code !== 0) skip();
    const { code, stderr } = await runAsOther(space.folder, [cli, "check"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/providers\.yaml:11:\d+: warning:/);
    expect(stderr).toMatch(message);
  });

  it("exits with 2 for a log file that is a folder", async () => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9", "  log_file: .\n"));
    const { code, stderr } = await runCcpb(space, ["check"]);
    expect(code).toBe(2);
    expect(stderr).toContain("is a folder; name a file in it");
  });
});
