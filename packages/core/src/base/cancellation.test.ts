import { describe, expect, it } from "vitest";
import { Cancellation } from "./cancellation.ts";

describe("Cancellation", () => {
  it("tells its listeners once, in order, with the first reason", () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    for (const name of ["one", "two", "three"]) {
      cancellation.addEventListener("abort", () => told.push(`${name} ${String(cancellation.reason)}`));
    }
    cancellation.abort("first");
    cancellation.abort("second");
    expect(told).toEqual(["one first", "two first", "three first"]);
    expect(cancellation.aborted).toBe(true);
  });

  it("does not tell those who have stopped listening", () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const listeners = ["one", "two", "three"].map((name) => () => void told.push(name));
    for (const listener of listeners) cancellation.addEventListener("abort", listener);
    const [one, two] = listeners as [() => void, () => void];
    cancellation.removeEventListener("abort", one);
    cancellation.removeEventListener("abort", two);
    cancellation.abort("over");
    expect(told).toEqual(["three"]);
  });

  it("is an AbortSignal for those who need one, made before or after", () => {
    const before = new Cancellation();
    const signal = before.toAbortSignal();
    expect(signal.aborted).toBe(false);
    before.abort("over");
    expect([signal.aborted, signal.reason]).toEqual([true, "over"]);
    expect(before.toAbortSignal()).toBe(signal);
    const after = new Cancellation();
    after.abort("over");
    expect([after.toAbortSignal().aborted, after.toAbortSignal().reason]).toEqual([true, "over"]);
  });
});
