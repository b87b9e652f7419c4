import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeUpstream, text, type FakeUpstream } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { call, postMessages, until } from "../running-server.ts";
import { buildBinary, CcpbProcess, cli, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary);

const root = join(import.meta.dirname, "../../../..");
const readmes = ["README.md", "README.zh-CN.md"];
const keys = { ANTHROPIC_API_KEY: "sk-ant-a-key-of-the-guide", OPENROUTER_API_KEY: "sk-or-a-key-of-the-guide" };

/** The shell blocks of a README, one string a line, comments left out. */
function shellLines(readme: string): string[] {
  const blocks = [...readFileSync(join(root, readme), "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, code = ""]) => code.trimEnd().split("\n")).map((line) => line.replace(/ +# .*$/, ""));
}

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a line of the README in bash, where `ccpb` is the built command, and `jq` a stand-in for machines without it. */
function bash(line: string, folder: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const preamble = [
    `ccpb() { "${process.execPath}" "${cli}" "$@"; }`,
    `jq() { "${process.execPath}" -e 'for (const line of require("fs").readFileSync(0, "utf8").trim().split("\\n")) console.log(JSON.stringify(JSON.parse(line), null, 2))'; }`,
  ];
  const options = { cwd: folder, env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env }, timeout: 500_000 };
  return new Promise((resolve) => {
    execFile("bash", ["-c", `${preamble.join("\n")}\nset -o pipefail\n${line}`], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** The guide's file: three providers, each at an upstream of the test. */
function guideFile([one, two, three]: readonly FakeUpstream[], more = ""): string {
  const entry = (name: string, type: string, url: string, auth: string): string =>
    `  - name: "${name}"\n    type: "${type}"\n    base_url: "${url}"\n    auth_type: "${auth}"\n    auth_value: "sk-of-${name}-000"\n` +
    `    big_model: "claude-opus-5"\n    small_model: "claude-haiku-5"\n    enabled: true\n`;
  return `providers:\n${entry("anthropic_official", "anthropic", one?.url ?? "", "api_key")}${entry("custom_claude_provider", "anthropic", two?.url ?? "", "auth_token")}${entry("openrouter_backup", "openai", three?.url ?? "", "api_key")}${more}
settings:
  failure_cooldown: 60
  request_timeout: 30
  log_level: "INFO"
  host: "127.0.0.1"
  port: 0
`;
}

/** The log of a server that runs in the folder; empty before it has written any line. */
function logOf({ folder }: Workspace): string {
  const file = join(folder, "logs/balancer.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function upstreams(): Promise<readonly [FakeUpstream, FakeUpstream, FakeUpstream]> {
  const start = (dialect: "anthropic" | "openai"): Promise<FakeUpstream> =>
    startFakeUpstream({ dialect, defaultBehaviour: text("Hi") });
  return Promise.all([start("anthropic"), start("anthropic"), start("openai")]);
}

describe("the steps of the quick-start guide", () => {
  it("configure: the example file is copied, and passes check with the keys that it names", async () => {
    using space = new Workspace();
    const copied = await bash(
      `cp "${root}/providers.example.yaml" providers.yaml && chmod 600 providers.yaml && ccpb check`,
      space.folder,
      keys,
    );
    expect(copied).toMatchObject({ code: 0 });
    expect(copied.output).toContain("✓ providers.yaml can be used: 2 enabled providers, 3 disabled");
  });

  it.each(readmes)("install, as in %s: the clone becomes the command", async (readme) => {
    const line = shellLines(readme).find((each) => each.startsWith("npm install --global")) ?? "missing";
    const folder = mkdtempSync(join(tmpdir(), "ccpb-prefix-"));
    try {
      const { code, output } = await bash(`cd "${root}" && ${line}`, folder, {
        npm_config_prefix: folder,
        npm_config_offline: "true",
      });
      expect(output).toContain("added 1 package");
      expect(code).toBe(0);
      expect(realpathSync(join(folder, "bin/ccpb"))).toBe(realpathSync(cli));
      const version = await bash(`command "${folder}/bin/ccpb" --version`, folder, {});
      expect(version.output).toMatch(/^\d+\.\d+\.\d+\n$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each(readmes)(
    "start, verify, test in full, reload, logs: every line of %s that needs a server",
    async (readme) => {
      const all = await upstreams();
      using space = new Workspace();
      space.write("providers.yaml", guideFile(all));
      await using ccpb = new CcpbProcess(space.folder, []);
      const url = await ccpb.url();
      expect(ccpb.stdout).toContain("Providers     : 3/3 healthy");
      expect(ccpb.stdout).toContain(`[✓] anthropic_official (anthropic): ${all[0].url}`);
      expect(ccpb.stdout).toContain(`[✓] openrouter_backup (openai): ${all[2].url}`);

      // A line of level ERROR for `grep`: a file that cannot be used.
      const good = guideFile(all);
      space.write("providers.yaml", "providers: [");
      expect((await call(url, "/providers/reload", { method: "POST" })).status).toBe(422);
      space.write("providers.yaml", good);
      await until(() => logOf(space).includes("config_rejected"));

      const lines = shellLines(readme).filter((line) =>
        /^(?:curl|tail|grep|ccpb (?:status|explain|reload|check))/.test(line),
      );
      expect(lines.length).toBeGreaterThanOrEqual(10);
      const outputs = new Map<string, string>();
      for (const line of lines) {
        const here = line
          .replaceAll("http://127.0.0.1:8080", url)
          .replace("tail -f", "tail -n 20")
          .replace(/^curl /, "curl -sS --fail ");
        const { code, output } = await bash(here, space.folder, { CCPB_URL: url, ...keys });
        expect({ line, code, output }).toMatchObject({ code: 0 });
        outputs.set(line, output);
      }
      const outputOf = (start: string): string =>
        [...outputs].find(([line]) => line.startsWith(start))?.[1] ?? "missing";
      expect(JSON.parse(outputOf("curl http://127.0.0.1:8080/providers"))).toMatchObject({ healthy_providers: 3 });
      expect(outputOf("ccpb status")).toContain("3 of 3 providers can serve");
      expect(outputOf("ccpb explain")).toMatch(/^1 {2}anthropic_official /m);
      for (const name of ["anthropic_official", "custom_claude_provider", "openrouter_backup"])
        expect(outputOf("ccpb check --live")).toMatch(new RegExp(`✓ {2}${name} .*answered`));
      expect(outputOf("curl -X POST http://127.0.0.1:8080/providers/reload")).toContain("Configuration reloaded");
      expect(outputOf("tail")).toContain('"event": "server_started"');
      expect(outputOf("grep ERROR")).toContain("config_rejected");
      expect(outputOf("curl -X POST http://127.0.0.1:8080/v1/messages/count_tokens")).toMatch(/"input_tokens":\s*\d+/);
      expect((await postMessages(url.replace("127.0.0.1", "localhost"))).status).toBe(200);
      for (const upstream of all) await upstream.close();
    },
  );

  it("balancing: the first healthy one serves, a failed one is left out, and with none left it is a 503", async () => {
    const all = await upstreams();
    using space = new Workspace();
    space.write("providers.yaml", guideFile(all));
    await using ccpb = new CcpbProcess(space.folder, []);
    const url = await ccpb.url();
    const servedBy = async (): Promise<unknown> => (await postMessages(url)).headers["x-ccpb-provider"];
    expect(await servedBy()).toBe("anthropic_official");
    await all[0].goDown();
    expect(await servedBy()).toBe("custom_claude_provider");
    const asked = all[0].requests.length;
    expect(await servedBy()).toBe("custom_claude_provider");
    expect(all[0].requests.length).toBe(asked);
    await all[1].goDown();
    expect(await servedBy()).toBe("openrouter_backup");
    await all[2].goDown();
    const none = await postMessages(url);
    expect(none.status).toBe(503);
    expect(none.headers["retry-after"]).toMatch(/^\d+$/);
    for (const upstream of all) await upstream.close();
  });

  it.each([
    ["in full", "passthrough", "passthrough", "claude-opus-5-5", "claude-haiku-5-5"],
    ["for big models only", "passthrough", "fixed-small", "claude-opus-5-5", "fixed-small"],
    ["for small models only", "fixed-big", "passthrough", "fixed-big", "claude-haiku-5-5"],
  ])("passthrough %s", async (_how, big, small, bigAsked, smallAsked) => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    using space = new Workspace();
    const file = guideFile([upstream, upstream, upstream]).split('  - name: "custom')[0] ?? "";
    space.write(
      "providers.yaml",
      `${file.replace("claude-opus-5", big).replace("claude-haiku-5", small)}settings: {port: 0}\n`,
    );
    await using ccpb = new CcpbProcess(space.folder, []);
    const url = await ccpb.url();
    for (const model of ["claude-opus-5-5", "claude-haiku-5-5"])
      expect((await postMessages(url, { model })).status).toBe(200);
    const models = upstream.requests.map(({ body }) => (body as { readonly model: string }).model);
    expect(models).toEqual([bigAsked, smallAsked]);
  });

  it("troubleshooting: the log level of the file counts, and the log lies where the guide says", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    using space = new Workspace();
    space.write("providers.yaml", guideFile([upstream, upstream, upstream]).replace('"INFO"', '"DEBUG"'));
    await using ccpb = new CcpbProcess(space.folder, []);
    await postMessages(await ccpb.url());
    expect(ccpb.stdout).toContain("Log Level     : DEBUG");
    await until(() => logOf(space).includes('"DEBUG"'));
  });
});
