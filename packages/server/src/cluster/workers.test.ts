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

  /** Whether it answers heartbeats. */
  reply = true;
  ended: readonly [number | null, string | null] | undefined;

  send(message: ToWorker): void {
    this.sent.push(message);
    if (this.reply && message.type === "ping") this.say({ type: "pong" });
  }

  say(message: ToPrimary): void {
    this.emit("message", message);
  }

  serve(): void {
    this.say({ type: "hello" });
    this.say({ type: "started" });
  }

  end(code: number | null, signal: string | null = null): void {
    this.ended = [code, signal];
    this.emit("exit", code, signal);
  }
}

const silent: Log = {
  write: () => undefined,
  isEnabled: () => false,
  setLevel: () => undefined,
  setRedactor: () => undefined,
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

  it("that answer heartbeats stay; one that answers none of five in a row is killed and replaced", async () => {
    const { forked, workers } = await started(2);
    const [alive, hung] = forked as [FakeWorker, FakeWorker];
    hung.reply = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(workers.serving.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(forked.length).toBe(3);
    expect(hung.ended).toEqual([null, "SIGKILL"]);
    expect(alive.ended).toBeUndefined();
    (forked[2] as FakeWorker).serve();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(forked.length).toBe(3);
    workers.stop();
  });

  it("are not blamed for a time in which the primary itself stood still: it counts heartbeats", async () => {
    const { forked, workers } = await started(1);
    (forked[0] as FakeWorker).reply = false;
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.spyOn(performance, "now").mockReturnValue(3_600_000);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(forked[0]?.ended).toBeUndefined();
    vi.restoreAllMocks();
    workers.stop();
  });

  it("that never say hello are killed after a minute", async () => {
    const { forked, workers } = await started(1);
    forked[0]?.end(1);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(forked.length).toBe(2);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(forked[1]?.ended).toEqual([null, "SIGKILL"]);
    workers.stop();
  });

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
