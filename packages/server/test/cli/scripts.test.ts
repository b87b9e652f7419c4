import { join } from "node:path";
import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { verbs } from "../../src/cli/verbs.ts";
import { buildBinary, CcpbProcess, cli, providersYaml, Workspace } from "./ccpb-process.ts";
import { runCcpb } from "./run-ccpb.ts";

// Every run is a process of its own, and machines are busy.
beforeAll(buildBinary);

const shown = verbs.filter(({ isHidden }) => isHidden !== true);

describe("ccpb version", () => {
  it("prints the same as --version", async () => {
    using space = new Workspace();
    const verb = await runCcpb(space, ["version"]);
    expect(verb).toMatchObject({ code: 0, stderr: "" });
    expect(verb.stdout).toBe((await runCcpb(space, ["--version"])).stdout);
  });
});

describe("the help", () => {
  it("of ccpb groups its verbs, and shows examples and exit codes", async () => {
    using space = new Workspace();
    const { code, stdout } = await runCcpb(space, ["--help"]);
    expect(code).toBe(0);
    for (const heading of ["Run:", "Configure:", "Shell and editor:", "Examples:", "Exit codes:"])
      expect(stdout).toMatch(new RegExp(`^${heading}$`, "m"));
    for (const { name } of shown) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
    for (const exitCode of ["0", "1", "2", "3", "130, 143"])
      expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} {2}`, "m"));
  });

  it.each(shown.map(({ name }) => name))(
    "of %s shows its exit codes, and examples that the verb takes",
    async (name) => {
      using space = new Workspace();
      const { code, stdout } = await runCcpb(space, ["help", name]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Exit codes:$/m);
      const examples = [...stdout.matchAll(/^ {2}ccpb (\S+)/gm)].map(([, verb]) => verb);
      expect(new Set(examples)).toEqual(new Set(examples.length === 0 ? [] : [name]));
      const options = [...stdout.matchAll(/^ {2}ccpb .*?(?= {2}|$)/gm)].flatMap(([call]) =>
        [...(call.split(" -- ")[0]?.split("|")[0] ?? "").matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option),
      );
      for (const option of options) expect(stdout).toMatch(new RegExp(`^ {2}(?:-\\w, )?${option}\\b`, "m"));
    },
  );
});

describe("arguments too many", () => {
  const taken: Readonly<Record<string, readonly string[]>> = {
    check: ["a.yaml"],
    explain: ["claude-opus-5"],
    completion: ["bash"],
    ...Object.fromEntries(["disable", "drain", "enable", "reset", "test"].map((name) => [name, ["kimi"]])),
    ...Object.fromEntries(["block", "unblock"].map((name) => [name, ["alice"]])),
  };
  it.each(shown.map(({ name }) => name).filter((name) => name !== "code"))("of %s are errors", async (name) => {
    using space = new Workspace();
    const { code, stdout, stderr } = await runCcpb(space, [name, ...(taken[name] ?? []), "extra"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`too many arguments for '${name}'`);
  });
});

describe("ccpb check --json", () => {
  it("gives a configuration that can be used, with its warnings, as one object", async () => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("https://one.test", "  request_timeout: 30000\n"));
    const { code, stdout, stderr } = await runCcpb(space, ["check", "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      file: join(space.folder, "providers.yaml"),
      providers: { enabled: 1, disabled: 0 },
      problems: [expect.objectContaining({ severity: "warning", line: expect.any(Number) })],
      live: null,
    });
  });

  it("gives every mistake with its place, and exits with 2; a file that is not there too", async () => {
    using space = new Workspace();
    const secret = "sk-ant-a-secret-that-stays-out-0123456789";
    space.write("providers.yaml", providersYaml("htps://one.test", "  prot: 1\n", secret));
    const { code, stdout, stderr } = await runCcpb(space, ["check", "--json"]);
    expect([code, stderr]).toEqual([2, ""]);
    const report = JSON.parse(stdout) as {
      ok: boolean;
      problems: { severity: string; line: number; column: number }[];
    };
    expect(report.ok).toBe(false);
    expect(report.problems.filter(({ severity }) => severity === "error")).toHaveLength(2);
    for (const { line, column } of report.problems)
      expect([line, column]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(stdout).not.toContain(secret);
    const missing = await runCcpb(space, ["check", "none.yaml", "--json"]);
    expect(missing.code).toBe(2);
    expect(JSON.parse(missing.stdout)).toMatchObject({ ok: false, providers: null });
  });

  it("gives what each provider answered with --live, in its own words, and exits with 1 where one failed", async () => {
    await using good = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using bad = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: refuse(400, { message: "Your credit balance is too low" }),
    });
    using space = new Workspace();
    const second = providersYaml(bad.url).replace("providers:\n", "").replace("name: one", "name: two");
    space.write("providers.yaml", providersYaml(good.url).split("settings:")[0] + second);
    const { code, stdout } = await runCcpb(space, ["check", "--json", "--live"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      live: [
        { provider: "one", key: null, outcome: "answered", duration_ms: expect.any(Number) },
        { provider: "two", outcome: "failed", detail: expect.stringContaining("Your credit balance is too low") },
      ],
    });
  });

  it("does not go with --print", async () => {
    using space = new Workspace();
    expect((await runCcpb(space, ["check", "--json", "--print"])).code).toBe(2);
  });
});

describe("ccpb reload --json", () => {
  it("gives the server's answer, and exits with 2 where it refuses", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    using space = new Workspace();
    space.write("providers.yaml", providersYaml(upstream.url));
    await using server = new CcpbProcess(space.folder, ["serve"]);
    const url = await server.url();
    const done = await runCcpb(space, ["reload", "--json", "--url", url]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(done.stdout)).toMatchObject({ status: "ok", kept: ["one"], warnings: [] });
    space.write("providers.yaml", "providers: [");
    const refused = await runCcpb(space, ["reload", "--json", "--url", url]);
    expect(refused).toMatchObject({ code: 2, stderr: "" });
    expect(JSON.parse(refused.stdout)).toMatchObject({ status: "error", problems: [{ line: expect.any(Number) }] });
  });
});

describe("hints", () => {
  const start = join(import.meta.dirname, "../../../../scripts/start.mjs");

  it.each([
    ["npm start --", [process.execPath, start]],
    ["ccpb", [process.execPath, cli]],
  ] as const)("say %s where that is how the command was called", async (name, program) => {
    using space = new Workspace();
    const run = async (...args: string[]): Promise<string> => {
      await using ccpb = new CcpbProcess(space.folder, args, {}, program);
      await ccpb.exit;
      return ccpb.output;
    };
    expect(await run("srve")).toContain(`(${name} --help shows what there is)`);
    expect(await run("check")).toContain(`make one with ${name} init`);
    expect(await run("status", "--url", "http://127.0.0.1:1")).toContain(`Start it with ${name} serve`);
    expect(await run("init", "--provider", "anthropic")).toContain(`  ${name} check --live\n  ${name} serve\n`);
    expect(await run("--help")).toContain(`Usage: ${name} [options]`);
  });
});
