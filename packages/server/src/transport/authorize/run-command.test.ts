import { describe, expect, it } from "vitest";
import { runCommand } from "./run-command.ts";

const options = { deadlineMs: 60_000, signal: new AbortController().signal };
const node = (script: string, ...parameters: string[]): string[] => [process.execPath, "-e", script, ...parameters];

describe("a command", () => {
  it("is run without a shell, with its arguments as they are", async () => {
    const script = "process.stdout.write(process.argv[1])";
    expect(await runCommand(node(script, "$HOME `id` ; *"), options)).toBe("$HOME `id` ; *");
  });

  it.each([
    [
      "a failure says its exit code and what it printed, redacted",
      node("console.error('no login for sk-ant-api03-abcdefgh\\n\\n now'); process.exit(3)"),
      / failed with exit code 3: no login for \[redacted\] now$/,
    ],
    [
      "one that prints too much is stopped",
      node("for(;;) process.stdout.write('x'.repeat(65536))"),
      / printed more than 65536 bytes$/,
    ],
    [
      "one that is not there",
      ["/no/such/program", "secret-argument"],
      /^auth_command \/no\/such\/program was not found; write its full path, or install it$/,
    ],
    [
      "one that kills itself",
      node("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9e3)"),
      / was ended by SIGTERM$/,
    ],
  ])("%s", async (_what, command, message) => {
    await expect(runCommand(command, options)).rejects.toThrow(message);
  });

  it.each([
    ["console.log('token-1')", 0],
    ["console.error('the agent has no token')", 3],
  ])("is done when its program ends, though an agent that it has started goes on: %s", async (say, code) => {
    // The agent inherits the pipes and holds them open for longer than the deadline.
    const agent = "const { spawn } = require('child_process'); spawn('sleep', ['40'], { stdio: 'inherit' }).unref();";
    const run = runCommand(node(`${agent} ${say}; process.exitCode = ${code}`), { ...options, deadlineMs: 35_000 });
    if (code === 0) expect(await run).toBe("token-1\n");
    else await expect(run).rejects.toThrow(/ failed with exit code 3: the agent has no token$/);
  });

  it("is stopped at its deadline, together with what it started", async () => {
    const startedAt = performance.now();
    const script = "require('child_process').spawn('sleep', ['30'], { stdio: 'inherit' }); setTimeout(() => {}, 30000)";
    await expect(runCommand(node(script), { ...options, deadlineMs: 300 })).rejects.toThrow(
      / was not done within 0\.3 s and was stopped$/,
    );
    expect(performance.now() - startedAt).toBeLessThan(25_000);
  });
});
