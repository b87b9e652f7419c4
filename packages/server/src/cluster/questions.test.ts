import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { Questions } from "./questions.ts";

describe("a question to another process", () => {
  it("has its answer although this process stood still beyond the deadline, if the answer came meanwhile", async () => {
    const questions = new Questions();
    const { port1, port2 } = new MessageChannel();
    const answer = questions.ask((id) => {
      port2.once("message", () => questions.answer(id, "known"));
      port1.postMessage("");
    }, 100);
    // Nothing runs in this process until long after the deadline, and then due timers run before messages are read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    expect(await answer).toBe("known");
    port1.close();
  });

  it("has none after the deadline, or when it is cancelled", async () => {
    const questions = new Questions();
    expect(await questions.ask(() => undefined, 20)).toBeUndefined();
    const cancelled = questions.ask(() => undefined, 600_000);
    questions.cancel();
    expect(await cancelled).toBeUndefined();
  });
});
