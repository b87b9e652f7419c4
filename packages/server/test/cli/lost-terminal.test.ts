import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { postMessages } from "../running-server.ts";
import { buildBinary, CcpbProcess, providersYaml, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary);

const hasPython = spawnSync("python3", ["-c", "import pty"]).status === 0;

// Runs a program on a terminal, shows what it writes, and closes the terminal when a line is typed. The program leads a session without a controlling
// terminal, as under nohup or after a dropped ssh: no SIGHUP tells it. Ends when a second line is typed, with the program.
const loseTerminal = `
import os, pty, subprocess, sys, threading
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
os.close(slave)
def show():
    try:
        while True:
            data = os.read(master, 65536)
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    except (OSError, ValueError):
        pass
reader = threading.Thread(target=show, daemon=True)
reader.start()
sys.stdin.readline()
# Closing alone would wait for the read: what refers to the terminal's other side must be gone.
null = os.open(os.devnull, os.O_RDONLY)
os.dup2(null, master)
print("TERMINAL CLOSED", flush=True)
sys.stdin.readline()
child.terminate()
try:
    code = child.wait(60)
except subprocess.TimeoutExpired:
    child.kill()
    code = -9
print("EXIT", code, flush=True)
`;

describe.skipIf(!hasPython)(`ccpb${hasPython ? "" : " (skipped: python3 with pty is not there)"}`, () => {
  for (const workers of [1, 2]) {
    it(`of ${workers} process${workers === 1 ? "" : "es"} goes on when its terminal is gone, and its log does not feed on the failed writes`, async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(400) });
      using space = new Workspace();
      space.write("lose-terminal.py", loseTerminal);
      space.write("providers.yaml", providersYaml(upstream.url, `  workers: ${workers}\n`));
      const cli = resolve(import.meta.dirname, "../../dist/cli.js");
      const env = { TERM: "xterm-256color" };
      await using ccpb = new CcpbProcess(space.folder, [], env, [
        "python3",
        join(space.folder, "lose-terminal.py"),
        process.execPath,
        cli,
      ]);
      // Killing the script would leave its program behind: the end of its input ends both.
      await using _end = {
        [Symbol.asyncDispose]: async () => {
          ccpb.child.stdin.end();
          await ccpb.exit;
        },
      };
      const url = await ccpb.url();
      ccpb.child.stdin.write("\n");
      await ccpb.waitFor(/TERMINAL CLOSED/);
      // Each writes several lines, among them warnings.
      for (let index = 0; index < 10; index += 1) expect((await postMessages(url)).status).toBe(400);
      ccpb.child.stdin.write("\n");
      expect((await ccpb.waitFor(/EXIT (-?\d+)/))[1]).toBe("0");
      const lines = readFileSync(join(space.folder, "logs/balancer.jsonl"), "utf8").trimEnd().split("\n");
      const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
      expect(events.filter((event) => event === "request_completed").length).toBe(10);
      expect(events.filter((event) => event === "server_error")).toEqual([]);
      expect(lines.length).toBeLessThan(100);
    });
  }
});
