import { createServer } from "node:http";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { closedPort, drop, paced, refuse, stall, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { call, postMessages, startStream, until } from "../running-server.ts";
import { buildBinary, CcpbProcess, providersYaml, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary);

function serve(space: Workspace, ...args: readonly string[]): CcpbProcess {
  return new CcpbProcess(space.folder, args);
}

describe("ccpb serve", () => {
  it("counts tokens with a tokeniser where no provider counts, in a thread that does not keep the process", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("Hi") });
    using space = new Workspace();
    const yaml = providersYaml(upstream.url)
      .replace("type: anthropic", "type: openai")
      .replaceAll("passthrough", "gpt-5");
    space.write("providers.yaml", yaml);
    await using ccpb = serve(space);
    const prompt = "我们需要在第一个字发出之前切换供应商。".repeat(100);
    const url = await ccpb.url();
    const count = async (): Promise<number> => {
      const counted = await call(url, "/v1/messages/count_tokens", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "claude-opus-5-5", messages: [{ role: "user", content: prompt }] }),
      });
      expect([counted.status, counted.headers["x-ccpb-token-count"]]).toEqual([200, "estimated"]);
      return counted.json().input_tokens as number;
    };
    // Without the tokeniser a CJK character counts one: as it does while the thread is slower to start than an answer may take.
    await expect.poll(count).toBeLessThan(prompt.length * 0.95);
    expect(await count()).toBeGreaterThan(prompt.length * 0.5);
    ccpb.child.kill("SIGTERM");
    expect(await ccpb.exit).toBe(0);
  });

  it("prints the banner with the real address, and serves; serve is the verb that is meant without one", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    for (const args of [
      [],
      ["serve"],
      ["--config", "providers.yaml", "serve"],
      ["serve", "-c", "providers.yaml", "--host", "127.0.0.1"],
    ]) {
      using space = new Workspace();
      space.write("providers.yaml", providersYaml(upstream.url));
      await using ccpb = serve(space, ...args);
      const url = await ccpb.url();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
      expect((await postMessages(url)).json().content[0].text).toBe("Hi");
      expect(ccpb.stdout).toContain(" Claude Code Provider Balancer ");
      expect(ccpb.stdout).toContain("│ Version       : v0.");
      expect(ccpb.stdout).toContain("│ Providers     : 1/1 healthy ");
      expect(ccpb.stdout).toContain(`│ [✓] one (anthropic): ${upstream.url} `);
      expect(ccpb.stdout).toContain("│ Log Level     : INFO ");
      expect(ccpb.stdout).toContain(`│ Listening on  : ${url} `);
      expect(ccpb.stdout).toContain("export ANTHROPIC_AUTH_TOKEN=dummy");
      expect(ccpb.stdout).not.toContain("sk-test");
    }
  });

  it("writes its log to logs/balancer.jsonl, one line of JSON an event, and the same to stderr", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      script: [refuse(529)],
      defaultBehaviour: text("Hi"),
    });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    await using ccpb = serve(space);
    const url = await ccpb.url();
    await postMessages(url);
    const file = join(space.folder, "logs", "balancer.jsonl");
    await until(() => existsSync(file) && /"request_completed".*\n/.test(readFileSync(file, "utf8")));
    const lines = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ event }) => event)).toEqual([
      "server_started",
      "circuit_change",
      "provider_request_failed",
      "request_failure",
      "request_completed",
    ]);
    expect(lines.at(-1)).toMatchObject({
      level: "INFO",
      state: "error",
      status: 503,
      attempts: [{ provider: "one", status: 529 }],
    });
    ccpb.child.kill("SIGTERM");
    expect(await ccpb.exit).toBe(0);
    for (const line of ccpb.stderr.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
    expect(readFileSync(file, "utf8")).toContain("server_stopped");
  });

  it("is told its port and host by options, which win over the file", async () => {
    using space = new Workspace();
    const port = await closedPort();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    await using ccpb = serve(space, "--port", String(port));
    expect(await ccpb.url()).toBe(`http://127.0.0.1:${port}`);
  });

  it("says what to do when the port is taken, and exits with 1", async () => {
    using space = new Workspace();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    await using ccpb = serve(space, "--port", String(port));
    expect(await ccpb.exit).toBe(1);
    expect(ccpb.stderr).toContain(`127.0.0.1:${port} is in use`);
    expect(ccpb.stderr).toContain("--port");
    expect(ccpb.stdout).not.toContain("export");
    taken.close();
  });

  it("explains a bad configuration with file, line, column and remedy, and exits with 2", async () => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("not a url", "  prot: 1\n"));
    await using ccpb = serve(space);
    expect(await ccpb.exit).toBe(2);
    expect(ccpb.stderr).toMatch(/providers\.yaml:4:\d+/);
    expect(ccpb.stderr).toMatch(/providers\.yaml:11:\d+/);
    expect(ccpb.stderr).toContain("^");
    expect(ccpb.stderr).toMatch(/port/);
    expect(ccpb.stdout).toBe("");
  });

  it("exits with 2 for a file that is missing, and for a public host without keys or with short ones", async () => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    space.write("short.yaml", providersYaml("http://127.0.0.1:9", "  auth: {enabled: true, api_keys: [short]}\n"));
    for (const args of [
      ["--config", "missing.yaml"],
      ["--host", "0.0.0.0"],
      ["--config", "short.yaml", "--host", "0.0.0.0"],
    ]) {
      await using ccpb = serve(space, ...args);
      expect([args, await ccpb.exit]).toEqual([args, 2]);
      expect(ccpb.stderr).not.toContain("    at ");
    }
  });

  it("starts from the environment alone", async () => {
    using space = new Workspace();
    await using ccpb = new CcpbProcess(space.folder, ["--port", "0"], { ANTHROPIC_API_KEY: "sk-ant-environment-key" });
    const url = await ccpb.url();
    expect((await call(url, "/providers")).json().providers[0]).toMatchObject({ type: "anthropic", enabled: true });
    expect(ccpb.output).not.toContain("sk-ant-environment-key");
  });
});

describe("signals", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("%s lets a stream finish, then exits with 0", async (signal) => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: paced(text("one two three four five six"), 20),
    });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    await using ccpb = serve(space);
    const url = await ccpb.url();
    const reply = postMessages(url, { stream: true });
    await upstream.request(1);
    ccpb.child.kill(signal);
    expect((await reply).body).toMatch(/message_stop\ndata: .*\n\n$/);
    expect(await ccpb.exit).toBe(0);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("a second %s exits at once, with %d", async (signal, code) => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: drop("stall") });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    await using ccpb = serve(space);
    const reply = postMessages(await ccpb.url()).catch((error: unknown) => error);
    await upstream.request(1);
    ccpb.child.kill(signal);
    await ccpb.waitFor(/server_draining/);
    ccpb.child.kill(signal);
    expect(await ccpb.exit).toBe(code);
    await reply;
  });

  it("drain_timeout cuts a stream with an error event, and the exit code says so", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: stall(text("one two three four five six"), "mid-content"),
    });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url, "  drain_timeout: 2\n"));
    await using ccpb = serve(space);
    const reply = await startStream(await ccpb.url());
    ccpb.child.kill("SIGTERM");
    expect(await reply.rest()).toMatch(/event: error\n/);
    expect(await ccpb.exit).toBe(143);
  });

  it("SIGHUP and a changed file reload; a broken file changes nothing and says why", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    using space = new Workspace();
    const file = space.write("providers.yaml", providersYaml(upstream.url));
    await using ccpb = serve(space);
    const url = await ccpb.url();
    const bigModel = async (): Promise<string> => (await call(url, "/providers")).json().providers[0].big_model;
    const change = (model: string): string =>
      providersYaml(upstream.url).replace("big_model: passthrough", `big_model: ${model}`);
    const seen = async (model: string): Promise<void> => {
      const untilMs = performance.now() + 60_000;
      while ((await bigModel()) !== model) {
        if (performance.now() > untilMs) throw new Error(`${model} did not come: ${ccpb.stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    // In place, by a rename over it, and behind a symlink by signal: editors and Kubernetes.
    writeFileSync(file, change("written"));
    await seen("written");
    for (const model of ["renamed-1", "renamed-2"]) {
      renameSync(space.write("next.yaml", change(model)), file);
      await seen(model);
    }
    writeFileSync(file, "providers: [");
    await ccpb.waitFor(/config_rejected/);
    expect(await bigModel()).toBe("renamed-2");
    const target = space.write("target.yaml", change("linked"));
    unlinkSync(file);
    symlinkSync(target, file);
    ccpb.child.kill("SIGHUP");
    await seen("linked");
  });

  it("lives on when the readers of its outputs leave", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    await using ccpb = serve(space);
    const url = await ccpb.url();
    ccpb.child.stdout.destroy();
    ccpb.child.stderr.destroy();
    for (let index = 0; index < 3; index += 1) expect((await postMessages(url)).status).toBe(200);
    ccpb.child.kill("SIGTERM");
    expect(await ccpb.exit).toBe(0);
  });
});
