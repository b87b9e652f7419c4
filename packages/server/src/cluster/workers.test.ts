import { EventEmitter } from "node:events";
import type { Worker } from "node:cluster";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Log } from "../log/log-types.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";
import { Workers } from "./workers.ts";

/** A worker process that does what the test says. */
class FakeWorker extends EventEmitter {
  readonly sent: ToWorker[] = [];
  readonly process = { pid: 4711, stdout: null, stderr: null, kill: () => this.end(null, "SIGKILL") };

  isConnected(): boolean {
    return true;
  }

  send(message: ToWorker): void {
    this.sent.push(message);
  }

  say(message: ToPrimary): void {
    this.emit("message", message);
  }

  serve(): void {
    this.say({ type: "hello" });
    this.say({ type: "started" });
  }

  end(code: number | null, signal: string | null = null): void {
    this.emit("exit", code, signal);
  }
}

const silent: Log = {
  write: () => undefined,
  isEnabled: () => false,
  setLevel: () => undefined,
  setSecrets: () => undefined,
  writeOut: () => undefined,
  close: () => Promise.resolve(),
};

function stage(count: number): { forked: FakeWorker[]; gaveUp: string[]; workers: Workers } {
  const forked: FakeWorker[] = [];
  const gaveUp: string[] = [];
  const workers = new Workers({
    count,
    log: silent,
    isPretty: false,
    onFork: () => undefined,
    onMessage: () => undefined,
    onServing: () => undefined,
    onEnd: () => undefined,
    onGiveUp: (reason) => gaveUp.push(reason),
    fork: () => {
      const worker = new FakeWorker();
      forked.push(worker);
      // What the primary uses of a worker.
      return worker as unknown as Worker;
    },
  });
  return { forked, gaveUp, workers };
}

/** All of `count` serve. */
async function started(count: number): Promise<ReturnType<typeof stage>> {
  const all = stage(count);
  const start = all.workers.start();
  for (const worker of all.forked) worker.serve();
  await start;
  return all;
}

describe("the workers", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("have started when all serve", async () => {
    const { forked, workers } = stage(2);
    const start = workers.start();
    let hasStarted = false;
    void start.then(() => (hasStarted = true));
    forked[0]?.serve();
    await Promise.resolve();
    expect(hasStarted).toBe(false);
    forked[1]?.serve();
    await start;
    expect(workers.serving.length).toBe(2);
  });

  it("have not started when one of them ends before it serves, and say why", async () => {
    const { forked, workers, gaveUp } = stage(2);
    const start = workers.start();
    forked[0]?.serve();
    forked[1]?.say({ type: "failed", message: "no such certificate" });
    forked[1]?.end(1);
    await expect(start).rejects.toThrow("worker 2 ended before it served: no such certificate");
    expect(gaveUp).toEqual([]);
  });

  it("are replaced at once, and after growing pauses when they die again and again", async () => {
    const { forked } = await started(2);
    forked[1]?.end(null, "SIGKILL");
    const pauses: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const count = forked.length;
      let waitedMs = 0;
      for (; forked.length === count; waitedMs += 50) await vi.advanceTimersByTimeAsync(50);
      pauses.push(waitedMs);
      forked.at(-1)?.serve();
      forked.at(-1)?.end(1);
    }
    expect(pauses.map((ms) => Math.max(0, ms - 50))).toEqual([0, 50, 150, 350, 750, 1550, 3150, 6350, 9950, 9950]);
    const count = forked.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(forked.length).toBe(count + 1);
    forked.at(-1)?.serve();
    await vi.advanceTimersByTimeAsync(10_000);
    forked.at(-1)?.end(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(forked.length).toBe(count + 2);
  });

  it("are given up when none serves and none can be started, not while another serves", async () => {
    const { forked, gaveUp } = await started(2);
    const failAll = async (): Promise<void> => {
      for (let round = 0; round < 8; round += 1) {
        forked.at(-1)?.end(1);
        await vi.advanceTimersByTimeAsync(10_000);
      }
    };
    await failAll();
    expect(gaveUp).toEqual([]);
    forked[0]?.end(1);
    await vi.advanceTimersByTimeAsync(0);
    await failAll();
    expect(gaveUp[0]).toMatch(/worker \d cannot be started, and no other serves: exit code 1/);
  });

  it("are not replaced once they are to stop", async () => {
    const { forked, workers } = await started(2);
    forked[0]?.end(1);
    workers.stop();
    forked[1]?.end(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(forked.length).toBe(2);
    expect(workers.all).toEqual([]);
  });
});
