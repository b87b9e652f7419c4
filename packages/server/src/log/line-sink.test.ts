import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { StreamSink } from "./line-sink.ts";

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
    const sink = new StreamSink({
      open: () => stream,
      onProblem: () => undefined,
      onDropped: (count) => dropped.push(count),
      maxPendingBytes: 10,
    });
    sink.write("0123456789a\n", 1);
    sink.write("b\nc\n", 2);
    sink.write("d\n", 1);
    expect([seen, dropped]).toEqual([["0123456789a\n"], []]);
    stuck[0]?.();
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        expect(dropped).toEqual([3]);
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
      retryMs: 20,
    });
    sink.write("one\n", 1);
    sink.write("two\n", 1);
    expect([opened, problems]).toEqual([1, ["no disk"]]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    sink.write("three\n", 1);
    await sink.close();
    expect([seen, dropped]).toEqual([["three\n"], [2]]);
  });
});
