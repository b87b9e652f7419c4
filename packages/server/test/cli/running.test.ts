import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { closedPort, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import stringWidth from "string-width";
import { beforeAll, describe, expect, it } from "vitest";
import { postMessages, provider, startTestServer } from "../running-server.ts";
import { buildBinary, CcpbProcess, providersYaml, Workspace } from "./ccpb-process.ts";
import { escape, runCcpb } from "./run-ccpb.ts";

// Every run is a process of its own, and machines are busy.
beforeAll(buildBinary);

describe("ccpb status", () => {
  it("shows a table with states and countdowns, aligned with CJK names, nothing cut, without colour", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(529)] });
    await using server = await startTestServer({
      providers: [
        provider("月之暗面", upstream.url),
        provider("standby", upstream.url),
        provider("a_provider_with_quite_a_long_name_for_a_table_of_80_columns", upstream.url, { enabled: false }),
      ],
      settings: { failureCooldownMs: 300_000 },
    });
    await postMessages(server.url);
    using space = new Workspace();
    const { code, stdout, stderr } = await runCcpb(space, ["status", "--url", server.url], { CI: "1" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(escape);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(`1 of 2 providers can serve at ${server.url} (1 disabled)`);
    expect(lines[1]).toBe("New requests go to standby.");
    expect(lines[4]).toMatch(/^✗ {2}月之暗面 +open +[1-6]:\d\d +1 +1 /);
    const standby = lines.find((line) => line.includes("  standby ")) ?? "";
    expect(standby).toMatch(/^✓ {2}standby +closed +1 +0 +\d+\.\d s$/);
    expect(stdout).not.toContain("…");
    expect(stdout).toContain("a_provider_with_quite_a_long_name_for_a_table_of_80_columns");
    const narrow = await runCcpb(space, ["status", "--url", server.url], { CI: "1", COLUMNS: "90" });
    expect(narrow.stdout).not.toContain("…");
    // The reason has a line of its own, below its provider.
    expect(narrow.stdout).toMatch(/月之暗面 .* 1\n {4}\S.*\n/);
    const column = (line: string, word: string): number => stringWidth(line.slice(0, line.indexOf(word)));
    expect(column(lines[4] ?? "", "open")).toBe(column(standby, "closed"));
  });

  it("ticks no provider and does not say that any can serve while none could be connected to", async () => {
    const ports = [await closedPort(), await closedPort()];
    const providers = ports.map((port, index) => provider(["one", "two"][index] ?? "", `http://127.0.0.1:${port}`));
    await using server = await startTestServer({ providers });
    await postMessages(server.url);
    using space = new Workspace();
    const { stdout } = await runCcpb(space, ["status", "--url", server.url], { CI: "1" });
    const [head = "", note = ""] = stdout.split("\n");
    expect(head).toBe(`2 of 2 providers in service, but none could be connected to, at ${server.url}`);
    expect(note).toMatch(/^No provider could be connected to: this machine or its network is suspected/);
    expect(stdout).toMatch(/^\? {2}one +closed /m);
    expect(stdout).not.toContain("✓");
  });

  it("exits with 1 when nobody can serve, and gives the answer of /providers with --json", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    await postMessages(server.url);
    using space = new Workspace();
    const { code, stdout } = await runCcpb(space, ["status", "--json"], { CCPB_URL: server.url });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ healthy_providers: 0, providers: [{ name: "one", status: "open" }] });
  });

  it("finds the server and its key by the configuration, even where its providers cannot be read", async () => {
    await using server = await startTestServer(
      { providers: [provider("one", "http://127.0.0.1:9")] },
      { auth: { apiKeys: ["a-key-of-this-server-1"], exemptPaths: [] } },
    );
    using space = new Workspace();
    const settings = (key: string): string => `  host: 127.0.0.1\n  auth: {api_keys: [${key}]}\n`;
    const file = providersYaml("http://127.0.0.1:9", settings("a-key-of-this-server-1"), "${UNSET_KEY}");
    space.write("providers.yaml", file.replace("port: 0", `port: ${server.port}`));
    expect((await runCcpb(space, ["status"])).code).toBe(0);
    const keyless = await runCcpb(space, ["status", "--url", server.url]);
    expect(keyless).toMatchObject({ code: 1, stdout: "" });
    expect(keyless.stderr).toContain("CCPB_API_KEY");
    const wrong = await runCcpb(space, ["status", "--url", server.url], { CCPB_API_KEY: "nope" });
    expect(wrong.stderr).toContain("does not accept");
    const keyed = await runCcpb(space, ["status", "--url", server.url], { CCPB_API_KEY: "a-key-of-this-server-1" });
    expect(keyed.code).toBe(0);
  });

  it("exits with 3 and says what to do where no server answers, or something else does", async () => {
    using space = new Workspace();
    const port = await closedPort();
    const { code, stdout, stderr } = await runCcpb(space, ["status", "--port", String(port)]);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain(`http://127.0.0.1:${port} does not answer (connection refused). Start it with ccpb serve`);
    const other = createServer((_request, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port: taken } = other.address() as AddressInfo;
    expect((await runCcpb(space, ["status", "--port", String(taken)])).code).toBe(3);
    other.close();
    expect((await runCcpb(space, ["status", "--url", "nonsense"])).stderr).toContain("--url is no URL");
  });

  it("is asked where the options say, whatever CCPB_URL names", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    using space = new Workspace();
    space.write("work.yaml", providersYaml("http://127.0.0.1:9").replace("port: 0", `port: ${server.port}`));
    const env = { CCPB_URL: "http://127.0.0.1:1" };
    for (const options of [
      ["--port", String(server.port)],
      ["--config", "work.yaml"],
      ["--url", server.url],
    ]) {
      expect(await runCcpb(space, ["status", ...options], env)).toMatchObject({ code: 0, stderr: "" });
      const explained = await runCcpb(space, ["explain", "claude-opus-5", ...options], env);
      expect(explained.stdout).toContain(`now, at ${server.url}`);
    }
    expect((await runCcpb(space, ["status"], env)).stderr).toContain("http://127.0.0.1:1 does not answer");
  });

  it("does not complain when the reader of its pipe leaves", async () => {
    const providers = Array.from({ length: 3000 }, (_, index) => provider(`p${index}`, "http://127.0.0.1:9"));
    await using server = await startTestServer({ providers });
    using space = new Workspace();
    const ccpb = new CcpbProcess(space.folder, ["status", "--json", "--url", server.url]);
    ccpb.child.stdout.once("data", () => ccpb.child.stdout.destroy());
    expect(await ccpb.exit).toBe(0);
    expect(ccpb.stderr).toBe("");
  });
});

describe("ccpb explain of a running server", () => {
  it("says what its providers' health is now, and falls back on the configuration where no server answers", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(529)] });
    await using server = await startTestServer({
      providers: [provider("月之暗面", upstream.url), provider("standby", upstream.url)],
      settings: { failureCooldownMs: 100_000 },
    });
    await postMessages(server.url);
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url).replace("port: 0", `port: ${server.port}`));
    for (const args of [["--url", server.url], []]) {
      const { code, stdout, stderr } = await runCcpb(space, ["explain", "claude-opus-5-5", ...args]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).not.toMatch(escape);
      const lines = stdout.trimEnd().split("\n");
      expect(lines[0]).toBe(`A request for claude-opus-5-5 is asked of these, in this order (now, at ${server.url}):`);
      expect(lines[2]).toMatch(/^1 {2}standby +claude-opus-5-5 +takes the request$/);
      expect(lines[3]).toMatch(/^2 {2}月之暗面 +claude-opus-5-5 +cooling down for \d+ s after /);
    }
    const json = await runCcpb(space, ["explain", "claude-opus-5-5", "--json", "--url", server.url]);
    expect(JSON.parse(json.stdout).candidates).toMatchObject([
      { provider: "standby", key: 1, standing: "usable" },
      { provider: "月之暗面", standing: "open" },
    ]);
    const offline = await runCcpb(space, ["explain", "claude-opus-5-5", "--offline"]);
    expect(offline.stdout).toMatch(/by the configuration alone.*\n\n1 {2}one /);
    const port = await closedPort();
    space.write("providers.yaml", providersYaml(upstream.url).replace("port: 0", `port: ${port}`));
    const silent = await runCcpb(space, ["explain", "claude-opus-5-5"]);
    expect([silent.code, silent.stderr]).toEqual([0, ""]);
    expect(silent.stdout).toContain("by the configuration alone");
    const named = await runCcpb(space, ["explain", "claude-opus-5-5", "--url", `http://127.0.0.1:${port}`]);
    expect(named).toMatchObject({ code: 3, stdout: "" });
  });
});

describe("ccpb status --watch", () => {
  it("goes on by the second until Ctrl-C, one line of JSON a picture in a pipe, and ends with the last code", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(529)] });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    using space = new Workspace();
    await using ccpb = new CcpbProcess(space.folder, ["status", "--watch", "--json", "--url", server.url]);
    await ccpb.waitFor(/"healthy_providers":1.*\n/);
    await postMessages(server.url);
    await ccpb.waitFor(/"healthy_providers":0.*\n/);
    ccpb.child.kill("SIGINT");
    expect(await ccpb.exit).toBe(1);
    for (const line of ccpb.stdout.trimEnd().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });

  it("ends when the reader of its pipe leaves", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    using space = new Workspace();
    await using ccpb = new CcpbProcess(space.folder, ["status", "--watch", "--url", server.url]);
    ccpb.child.stdout.once("data", () => ccpb.child.stdout.destroy());
    expect(await ccpb.exit).toBe(0);
    expect(ccpb.stderr).toBe("");
  });
});

describe("ccpb reload", () => {
  it("has the server read its file again, closes circuits with --reset, and exits with 2 for a bad file", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(529)] });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    await using server = new CcpbProcess(space.folder, ["serve"]);
    const url = await server.url();
    await postMessages(url);
    expect((await runCcpb(space, ["status", "--url", url])).code).toBe(1);
    const done = await runCcpb(space, ["reload", "--reset", "--url", url]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("Configuration reloaded: 1 enabled provider, circuits reset.");
    expect((await runCcpb(space, ["status", "--url", url])).code).toBe(0);
    space.write("providers.yaml", "providers: [");
    const bad = await runCcpb(space, ["reload", "--url", url]);
    expect(bad).toMatchObject({ code: 2, stdout: "" });
    expect(bad.stderr).toMatch(/providers\.yaml:\d+:\d+: /);
    expect(bad.stderr).toContain("goes on with its old configuration");
    expect((await runCcpb(space, ["reload", "--url", `http://127.0.0.1:${await closedPort()}`])).code).toBe(3);
  });
});

describe("ccpb completion", () => {
  it.each([
    ["bash", "complete -o default -F"],
    ["zsh", "#compdef ccpb"],
    ["fish", "complete -c ccpb"],
    ["powershell", "Register-ArgumentCompleter"],
  ])("prints a script for %s", async (shell, mark) => {
    using space = new Workspace();
    const { code, stdout } = await runCcpb(space, ["completion", shell]);
    expect(code).toBe(0);
    expect(stdout).toContain(mark);
  });

  it("suggests verbs, options and values, and refuses an unknown shell", async () => {
    using space = new Workspace();
    const suggest = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await runCcpb(space, ["complete", "--", ...words]);
      return stdout.split("\n").flatMap((line) => (line.startsWith(":") ? [] : [line.split("\t")[0] ?? ""]));
    };
    expect(await suggest("")).toEqual(expect.arrayContaining(["serve", "init", "check", "status", "completion"]));
    expect(await suggest("")).not.toContain("complete");
    expect(await suggest("re")).toContain("reload");
    expect(await suggest("check", "--")).toEqual(expect.arrayContaining(["--live", "--print", "--config"]));
    expect(await suggest("completion", "")).toEqual(expect.arrayContaining(["bash", "zsh", "fish", "powershell"]));
    const unknown = await runCcpb(space, ["completion", "csh"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("bash, zsh, fish, powershell");
  });
});

describe("ccpb code", () => {
  /** A stand-in for Claude Code: a program that the test writes. */
  function client(space: Workspace, source: string): string {
    const file = join(space.folder, "claude.cjs");
    writeFileSync(file, `#!${process.execPath}\n${source}`);
    chmodSync(file, 0o755);
    return file;
  }

  it("runs the client on a server of its own, hands its arguments on, and ends with its exit code", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Served") });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    const program = client(
      space,
      `const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_API_KEY: key } = process.env;
      fetch(url + "/v1/messages", { method: "POST", headers: { "content-type": "application/json", authorization: "Bearer " + token }, body: JSON.stringify({ model: "claude-opus-4-5", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] }) })
        .then((reply) => reply.json()).then((answer) => { console.log(JSON.stringify({ text: answer.content[0].text, token, key, args: process.argv.slice(2) })); process.exit(7); });`,
    );
    const { code, stdout, stderr } = await runCcpb(space, ["code", "--", "-p", "two words", "--config", "x"], {
      CCPB_CLAUDE: program,
      ANTHROPIC_API_KEY: "sk-ant-own-key",
    });
    expect([code, stderr]).toEqual([7, ""]);
    expect(JSON.parse(stdout)).toEqual({ text: "Served", token: "dummy", args: ["-p", "two words", "--config", "x"] });
  });

  it("gives the client a key of the server, and leaves a login alone that a passthrough provider needs", async () => {
    using space = new Workspace();
    const program = client(space, "console.log(process.env.ANTHROPIC_AUTH_TOKEN, process.env.ANTHROPIC_API_KEY);");
    const env = { CCPB_CLAUDE: program, ANTHROPIC_API_KEY: "sk-ant-own-key" };
    const keys = "  auth: {api_keys: [a-key-of-this-server-1]}\n";
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9", keys));
    expect((await runCcpb(space, ["code"], env)).stdout).toBe("a-key-of-this-server-1 undefined\n");
    const login = providersYaml("http://127.0.0.1:9")
      .replace("api_key\n", "passthrough\n")
      .replace(/ +auth_value.*\n/, "");
    space.write("providers.yaml", login);
    expect((await runCcpb(space, ["code"], env)).stdout).toBe("undefined sk-ant-own-key\n");
  });

  it("passes signals on, and ends as the client ends", async () => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    const program = client(
      space,
      `process.on("SIGINT", () => { console.log("asked to stop"); process.exit(5); }); console.log("ready"); setInterval(() => {}, 1000);`,
    );
    const env = { CCPB_CLAUDE: program };
    await using polite = new CcpbProcess(space.folder, ["code"], env);
    await polite.waitFor(/ready/);
    polite.child.kill("SIGINT");
    expect(await polite.exit).toBe(5);
    expect(polite.stdout).toContain("asked to stop");
    await using killed = new CcpbProcess(space.folder, ["code"], env);
    await killed.waitFor(/ready/);
    killed.child.kill("SIGTERM");
    expect(await killed.exit).toBe(143);
  });

  it("says what to do where the client is not there, and exits with 2 for a bad configuration", async () => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    const missing = await runCcpb(space, ["code"], { CCPB_CLAUDE: "/nowhere/claude" });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("CCPB_CLAUDE");
    space.write("providers.yaml", "providers: 1");
    expect((await runCcpb(space, ["code"])).code).toBe(2);
  });
});
