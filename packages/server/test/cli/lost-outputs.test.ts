import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { closedPort, refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { postMessages } from "../running-server.ts";
import { buildBinary, cli, providersYaml, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary);

const isLinux = existsSync("/proc/self/stat");
const hasPython = spawnSync("python3", ["-c", "import pty"]).status === 0;
// A server that does nothing uses a few ms for its timers; one that feeds on its own failed writes uses the whole second.
const mostCpuMs = 250;
// More than a pipe (64 KiB) and the queue behind it hold: 500 bytes a line at least, and three lines a request.
const manyRequests = 150;

/** Processor time of a process and of its children so far, in milliseconds: /proc counts in hundredths of a second. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const own = (Number(fields[11]) + Number(fields[12])) * 10;
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), own);
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function poll(what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
  for (const untilMs = performance.now() + 60_000; performance.now() < untilMs;) {
    if (await isThere()) return;
    await sleep(20);
  }
  throw new Error(`${what} did not come about`);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

interface Lost extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly space: Workspace;
  /** Ends the input of what started the server: its terminal, where it has one, hangs up. */
  hangUp(): void;
  /** Whether what started the server has ended. */
  hasHungUp(): boolean;
}

/** Starts a server by a line of bash, in which `SERVE` stands for the command; it listens when this resolves. */
async function startBy(line: string, upstream: string, workers: number, program = ["bash", "-c"]): Promise<Lost> {
  const space = new Workspace();
  const port = await closedPort();
  space.write(
    "providers.yaml",
    providersYaml(upstream, `  workers: ${workers}\n  log_level: DEBUG\n`).replace("port: 0", `port: ${port}`),
  );
  const serve = `bash -c 'echo $$ > pid; exec "${process.execPath}" "${cli}" serve'`;
  const [command = "", ...args] = program;
  const shell = spawn(command, [...args, line.replace("SERVE", () => serve)], {
    cwd: space.folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: space.folder, TERM: "xterm" },
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const url = `http://127.0.0.1:${port}`;
  await poll("an answer", () =>
    fetch(url)
      .then(({ ok }) => ok)
      .catch(() => false),
  );
  const pid = Number(readFileSync(join(space.folder, "pid"), "utf8"));
  return {
    url,
    pid,
    space,
    hangUp: () => void shell.stdin.end(),
    hasHungUp: () => shell.exitCode !== null,
    [Symbol.asyncDispose]: async () => {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
      const ended = shell.exitCode !== null || shell.signalCode !== null ? undefined : once(shell, "exit");
      try {
        if (shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL");
      } catch {
        // The group has ended already.
      }
      await ended;
      space[Symbol.dispose]();
    },
  };
}

/** Passes at the first second in which the processes do next to nothing: what feeds on its own failed writes has no such second. */
async function expectCalm({ pid }: Lost): Promise<void> {
  const ofASecond = async (): Promise<number> => {
    const before = cpuMs(pid);
    await sleep(1_000);
    return cpuMs(pid) - before;
  };
  await expect.poll(ofASecond).toBeLessThan(mostCpuMs);
}

function logOf({ space }: Lost): string {
  return readFileSync(join(space.folder, "logs/balancer.jsonl"), "utf8");
}

// Runs a line of a shell as the leader of a session on a terminal of its own, and hangs up when its input ends.
const onTerminalThatHangsUp = `
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", sys.argv[1]])
import threading
def drain():
    try:
        while os.read(master, 65536): pass
    except OSError: pass
threading.Thread(target=drain, daemon=True).start()
sys.stdin.read()
null = os.open(os.devnull, os.O_RDONLY)
os.dup2(null, master)
os._exit(0)
`;

describe.skipIf(!isLinux)(`ccpb serve whose outputs nobody takes${isLinux ? "" : " (skipped: needs /proc)"}`, () => {
  const cases: readonly (readonly [name: string, workers: number, line: string])[] = [
    ["one full pipe", 1, "SERVE 2>&1 | sleep 600"],
    ["one full pipe", 2, "SERVE 2>&1 | sleep 600"],
    ["a full pipe each", 1, "SERVE > >(sleep 600) 2> >(sleep 600)"],
    ["a closed pipe", 1, "SERVE 2>&1 | head -c 1"],
    ["a closed pipe each", 2, "SERVE > >(head -c 1) 2> >(head -c 1)"],
    ["closed outputs", 1, "SERVE >&- 2>&-"],
    ["a full disk", 1, "SERVE > /dev/full 2>&1"],
  ];
  for (const [name, workers, line] of cases) {
    const processes = workers === 1 ? "1 process" : `${workers} processes`;
    it(`serves on, keeps its log and stays calm: ${name}, ${processes}`, async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(400) });
      await using server = await startBy(line, upstream.url, workers);
      for (let index = 0; index < manyRequests; index += 1) expect((await postMessages(server.url)).status).toBe(400);
      await poll("the last line of the log", () => logOf(server).split('"request_completed"').length > manyRequests);
      expect(logOf(server)).not.toContain('"server_error"');
      await expectCalm(server);
      process.kill(server.pid, "SIGTERM");
      await poll("the end", () => !isAlive(server.pid));
    });
  }
});

describe.skipIf(!isLinux || !hasPython)(
  `ccpb serve whose terminal hangs up${isLinux && hasPython ? "" : " (skipped: needs /proc and python3 with pty)"}`,
  () => {
    it("ends where it was started in the foreground", async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(400) });
      await using server = await startBy("SERVE; true", upstream.url, 1, ["python3", "-c", onTerminalThatHangsUp]);
      expect((await postMessages(server.url)).status).toBe(400);
      server.hangUp();
      await poll("the end", () => !isAlive(server.pid));
    });

    for (const workers of [1, 2]) {
      it(`goes on under nohup, and stays calm, with ${workers} process${workers === 1 ? "" : "es"}`, async () => {
        await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(400) });
        const line = "nohup SERVE & sleep 600";
        await using server = await startBy(line, upstream.url, workers, ["python3", "-c", onTerminalThatHangsUp]);
        server.hangUp();
        await poll("the end of the terminal", () => server.hasHungUp());
        for (let index = 0; index < 10; index += 1) expect((await postMessages(server.url)).status).toBe(400);
        await expectCalm(server);
        expect(isAlive(server.pid)).toBe(true);
        expect(logOf(server)).not.toContain('"server_error"');
      });
    }
  },
);
