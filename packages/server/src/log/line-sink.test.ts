import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StreamSink } from "./line-sink.ts";

// The sink asks `performance.now` how long a fault has lasted.
beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

describe("StreamSink", () => {
  it("drops and counts what a stuck stream cannot take, and says so when a line gets through again", () => {
    const stuck: (() => void)[] = [];
    const seen: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, callback) {
        seen.push(String(chunk));
        stuck.push(callback);
      },
    });
    const dropped: number[] = [];
    const lost: number[] = [];
    const sink = new StreamSink({
      open: () => stream,
      onProblem: () => undefined,
      onDropped: (count) => dropped.push(count),
      onLoss: (count) => lost.push(count),
      maxPendingBytes: 10,
    });
    sink.write("0123456789a\n", 1);
    sink.write("b\nc\n", 2);
    sink.write("d\n", 1);
    // Told while it lasts: the first loss at once, the others when there is room again.
    expect([seen, dropped, lost]).toEqual([["0123456789a\n"], [2, 1], [2]]);
    stuck[0]?.();
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        expect(lost).toEqual([2, 1]);
        sink.write("e\n", 1);
        expect(seen).toEqual(["0123456789a\n", "e\n"]);
        resolve();
      });
    });
  });

  it("opens its stream again after a while, and counts what came meanwhile", async () => {
    let opened = 0;
    const seen: string[] = [];
    const problems: string[] = [];
    const dropped: number[] = [];
    const lost: number[] = [];
    const sink = new StreamSink({
      open: () => {
        opened += 1;
        if (opened === 1) throw new Error("no disk");
        return new Writable({
          write(chunk: Buffer, _encoding, callback) {
            seen.push(String(chunk));
            callback();
          },
        });
      },
      onProblem: (error) => problems.push(error.message),
      onDropped: (count) => dropped.push(count),
      onLoss: (count) => lost.push(count),
      retryMs: 1_000,
    });
    sink.write("one\n", 1);
    sink.write("two\n", 1);
    expect([opened, problems]).toEqual([1, ["no disk"]]);
    vi.advanceTimersByTime(1_000);
    sink.write("three\n", 1);
    await sink.close();
    expect([seen, dropped, lost]).toEqual([["three\n"], [1, 1], [1, 1]]);
  });

  it("closes also where its stream never answers, as a disk that hangs does not", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const sink = new StreamSink({
      open: () => new Writable({ write: () => undefined }),
      onProblem: () => undefined,
      onDropped: () => undefined,
      onLoss: () => undefined,
    });
    sink.write("line\n", 1);
    let isClosed = false;
    const closing = sink.close().then(() => (isClosed = true));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isClosed).toBe(true);
    await closing;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells of a failure that lasts once, and again after a while; of another one at once", async () => {
    const faults = ["no disk", "no disk", "no folder", "no folder"];
    const problems: string[] = [];
    const lost: number[] = [];
    const sink = new StreamSink({
      open: () => {
        throw new Error(faults[0]);
      },
      onProblem: (error) => problems.push(error.message),
      onDropped: () => undefined,
      onLoss: (count) => lost.push(count),
      retryMs: 0,
      tellMs: 1_000,
    });
    for (; faults.length > 1; faults.shift()) sink.write("line\n", 1);
    expect([problems, lost]).toEqual([["no disk", "no folder"], [1]]);
    vi.advanceTimersByTime(1_000);
    sink.write("line\n", 1);
    expect([problems, lost]).toEqual([
      ["no disk", "no folder", "no folder"],
      [1, 3],
    ]);
  });
});
