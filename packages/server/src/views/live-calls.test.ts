import { describe, expect, it } from "vitest";
import { LiveCalls, type LiveCall } from "./live-calls.ts";

function call(callId: string): LiveCall {
  const start = { callId, requestedModel: "m", dialect: "messages", stream: false } as const;
  return { startedAtMs: 0, start, attempts: [], isAnswering: false };
}

function ids(calls: LiveCalls): string[] {
  return calls.inOrder().map(({ start }) => start.callId);
}

describe("LiveCalls", () => {
  it("finds, removes and lists calls in their order, also where many share a bucket", () => {
    const calls = new LiveCalls();
    const names = Array.from({ length: 5000 }, (_, index) => `req_${index}`);
    for (const name of names) calls.add(call(name));
    expect(ids(calls)).toEqual(names);
    for (const name of names.filter((_, index) => index % 3 === 0)) {
      expect(calls.remove(name)?.start.callId).toBe(name);
      expect(calls.remove(name)).toBeUndefined();
    }
    const rest = names.filter((_, index) => index % 3 !== 0);
    expect([calls.size, ids(calls)]).toEqual([rest.length, rest]);
    expect([calls.get("req_0"), calls.get("req_1")?.start.callId, calls.get("")]).toEqual([
      undefined,
      "req_1",
      undefined,
    ]);
  });

  it("removes the oldest", () => {
    const calls = new LiveCalls();
    calls.removeOldest();
    for (const name of ["c", "a", "b"]) calls.add(call(name));
    calls.remove("c");
    calls.add(call("c"));
    calls.removeOldest();
    expect([calls.size, ids(calls)]).toEqual([2, ["b", "c"]]);
  });
});
