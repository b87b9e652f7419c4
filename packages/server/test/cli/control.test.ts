import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { provider, startTestServer } from "../running-server.ts";
import { buildBinary, Workspace } from "./ccpb-process.ts";
import { runCcpb } from "./run-ccpb.ts";

// Every run is a process of its own, and machines are busy.
beforeAll(buildBinary);

const auth = { type: "api_key", keys: ["sk-kimi-key-00000001", "sk-kimi-key-00000002"] } as const;

describe("ccpb disable, drain, enable, reset, test, block and unblock", () => {
  it("steer a running server, which logs that it was the command", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({
      providers: [provider("月之暗面", upstream.url, { auth }), provider("standby", upstream.url)],
    });
    using space = new Workspace();
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCcpb(space, args, { CCPB_URL: server.url });
      return [code, stdout.trimEnd(), stderr.trimEnd()];
    };
    expect(await run("disable", "月之暗面", "--for", "2h", "--reason", "invoice")).toEqual([
      0,
      "月之暗面 is disabled for 2 h.",
      "",
    ]);
    expect(await run("drain", "standby")).toEqual([
      0,
      "standby is draining: it keeps the sessions that are bound to it.",
      "No provider can serve a request now.",
    ]);
    expect(await run("enable", "standby")).toEqual([0, "standby is enabled.", ""]);
    expect(await run("disable", "standby", "--key", "1", "--model", "any")).toEqual([
      0,
      "key 1 of standby at any is disabled.",
      "",
    ]);
    const [code, json] = await run("enable", "月之暗面", "--json");
    expect([code, JSON.parse(String(json))]).toMatchObject([0, { action: "enable", before: "disabled" }]);
    expect(await run("reset", "standby")).toEqual([0, "standby is reset: its circuits are closed.", ""]);
    expect(await run("block", "--session", "one", "--for", "90s")).toEqual([
      0,
      expect.stringMatching(/^session [0-9a-f]{16} is blocked for 90 s\.$/),
      "",
    ]);
    expect(await run("unblock", "--session", "one")).toEqual([0, expect.stringContaining("is unblocked."), ""]);
    expect(server.lines("control").map(({ action, via }) => [action, via])).toEqual(
      ["disable", "drain", "enable", "disable", "enable", "reset", "block", "unblock"].map((one) => [one, "command"]),
    );
  });

  it("tests a provider, and answers 1 where a key fails", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider("kimi", upstream.url, { auth })] });
    using space = new Workspace();
    const well = await runCcpb(space, ["test", "kimi"], { CCPB_URL: server.url });
    expect([well.code, well.stdout]).toEqual([0, expect.stringMatching(/✓ +key 1 .*answered\n✓ +key 2 .*answered\n/)]);
    upstream.setDefault(refuse(401, { message: "This key was revoked" }));
    const ill = await runCcpb(space, ["test", "kimi", "--key", "2"], { CCPB_URL: server.url });
    expect([ill.code, ill.stdout]).toEqual([1, expect.stringContaining("This key was revoked")]);
  });

  it.each([
    [["disable"], 2, /missing required argument 'provider'/],
    [["disable", "kimi", "--key", "0"], 2, /--key is "0"; write the key's place/],
    [["disable", "kimi", "--for", "soon"], 2, /--for is "soon"; write 90s/],
    [["block"], 2, /name a client or, with --session, a session/],
    [["block", "alice", "--session", "one"], 2, /name a client or, with --session/],
    [["disable", "nope"], 1, /refuses: No provider is named "nope"; the configuration has kimi\./],
    [["enable", "kimi", "--for", "1h"], 2, /unknown option '--for'/],
    [["disable", "kimi", "--url", "http://127.0.0.1:9"], 3, /does not answer/],
  ])("answers what is wrong with %j", async (args, code, message) => {
    await using server = await startTestServer({ providers: [provider("kimi", "http://127.0.0.1:9")] });
    using space = new Workspace();
    const result = await runCcpb(space, args, { CCPB_URL: server.url });
    expect([result.code, result.stdout, result.stderr]).toEqual([code, "", expect.stringMatching(message)]);
  });

  it("complete the names of providers and the options", async () => {
    using space = new Workspace();
    space.write(
      "providers.yaml",
      "providers:\n  - name: kimi\n  - name: 智谱\nsettings: {auth: {clients: [{name: alice}]}}\n",
    );
    const { stdout } = await runCcpb(space, ["complete", "--", "drain", ""]);
    expect(stdout).toContain("kimi\t");
    expect(stdout).toContain("智谱\t");
    expect((await runCcpb(space, ["complete", "--", "block", ""])).stdout).toContain("alice\t");
    expect((await runCcpb(space, ["complete", "--", "disable", "kimi", "--"])).stdout).toMatch(/--for\t.*--reason\t/s);
  });
});
