import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { postMessages, provider, startTestServer } from "../running-server.ts";
import { buildBinary, CcpbProcess, Workspace } from "./ccpb-process.ts";
import { escape } from "./run-ccpb.ts";

beforeAll(buildBinary);

const hasPython = spawnSync("python3", ["-c", "import pty"]).status === 0;
const onTerminal = resolve(import.meta.dirname, "../../../../scripts/on-terminal.py");
const keys = { down: "\u001b[B", space: " ", enter: "\r", ctrlC: "\u0003" };

/** `ccpb` on a terminal of 80 columns: what it shows comes in `stdout`, what is written to `child.stdin` is typed. */
function typed(space: Workspace, args: readonly string[], env: Readonly<Record<string, string>> = {}): CcpbProcess {
  const cli = resolve(import.meta.dirname, "../../dist/cli.js");
  return new CcpbProcess(space.folder, args, { TERM: "xterm-256color", ...env }, [
    "python3",
    onTerminal,
    "80",
    "24",
    process.execPath,
    cli,
  ]);
}

describe.skipIf(!hasPython)(`ccpb on a terminal${hasPython ? "" : " (skipped: python3 with pty is not there)"}`, () => {
  it("init asks which providers, in order, and where, and says what to do next", async () => {
    using space = new Workspace();
    await using ccpb = typed(space, ["init"], { ANTHROPIC_API_KEY: "sk-ant-secret-of-the-environment" });
    await ccpb.waitFor(/Which providers\?/);
    // The one whose key is there is chosen already.
    expect(ccpb.output).toContain("ANTHROPIC_API_KEY is set");
    // Past the other two entries of Anthropic.
    ccpb.child.stdin.write(keys.down + keys.down + keys.down);
    ccpb.child.stdin.write(keys.space);
    ccpb.child.stdin.write(keys.enter);
    await ccpb.waitFor(/Which is asked first\?/);
    ccpb.child.stdin.write(keys.down + keys.enter);
    await ccpb.waitFor(/Write it where\?/);
    ccpb.child.stdin.write(keys.enter);
    expect(await ccpb.exit).toBe(0);
    expect(ccpb.output).toContain("Wrote providers.yaml. Next:");
    const text = readFileSync(join(space.folder, "providers.yaml"), "utf8");
    const { providers } = parse(text) as { providers: { name: string }[] };
    expect(providers.map(({ name }) => name)).toEqual(["openrouter", "anthropic"]);
    expect(text + ccpb.output).not.toContain("secret-of-the-environment");
  });

  it("init writes nothing when it is cancelled, or when a file is not to be written over", async () => {
    using space = new Workspace();
    await using cancelled = typed(space, ["init"]);
    await cancelled.waitFor(/Which providers\?/);
    cancelled.child.stdin.write(keys.ctrlC);
    expect(await cancelled.exit).toBe(1);
    expect(cancelled.output).toContain("nothing was written");
    expect(existsSync(join(space.folder, "providers.yaml"))).toBe(false);

    space.write("providers.yaml", "mine");
    await using kept = typed(space, ["init"], { ANTHROPIC_API_KEY: "sk-1" });
    await kept.waitFor(/Which providers\?/);
    kept.child.stdin.write(keys.enter);
    await kept.waitFor(/Write it where\?/);
    kept.child.stdin.write(keys.enter);
    await kept.waitFor(/Write over it\?/);
    kept.child.stdin.write(keys.enter);
    expect(await kept.exit).toBe(1);
    expect(readFileSync(join(space.folder, "providers.yaml"), "utf8")).toBe("mine");
  });

  it("status is coloured there, not with NO_COLOR, and --watch counts the cooldown down in place until Ctrl-C", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(529)] });
    await using server = await startTestServer({
      providers: [provider("月之暗面", upstream.url), provider("standby", upstream.url)],
      settings: { failureCooldownMs: 300_000 },
    });
    await postMessages(server.url);
    using space = new Workspace();
    await using painted = typed(space, ["status", "--url", server.url]);
    expect(await painted.exit).toBe(0);
    expect(painted.stdout).toMatch(escape);
    await using plain = typed(space, ["status", "--url", server.url], { NO_COLOR: "1" });
    expect(await plain.exit).toBe(0);
    expect(plain.stdout).not.toMatch(escape);

    await using watched = typed(space, ["status", "--watch", "--url", server.url], { NO_COLOR: "1" });
    const [, before] = await watched.waitFor(/ ([0-6]:\d\d) /);
    const later = new RegExp(` (?!${before})([0-6]:\\d\\d) `);
    expect((await watched.waitFor(later))[1]).not.toBe(before);
    watched.child.stdin.write(keys.ctrlC);
    expect(await watched.exit).toBe(0);
    expect(watched.stdout.split("\u001b[H").length).toBeGreaterThan(2);
  });
});
