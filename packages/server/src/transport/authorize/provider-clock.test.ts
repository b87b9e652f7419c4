import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { clockText, ProviderClock } from "./provider-clock.ts";

const startMs = Date.UTC(2026, 10, 29, 12);

describe("the clock of a provider", () => {
  it("is this machine's until the provider says otherwise, and goes on with it from then on", async () => {
    const machine = new VirtualClock(startMs);
    const told: number[] = [];
    const clock = new ProviderClock(machine, (aheadMs) => told.push(aheadMs));
    expect(clock.wallNow()).toBe(startMs);
    clock.correct(startMs + 7_200_000);
    await machine.advance(1_000);
    expect(clock.wallNow()).toBe(startMs + 7_201_000);
    expect(clock.now()).toBe(machine.now());
    expect(told).toEqual([7_200_000]);
  });

  it("tells of no correction below a minute, and of one back to this machine's clock", () => {
    const machine = new VirtualClock(startMs);
    const told: number[] = [];
    const clock = new ProviderClock(machine, (aheadMs) => told.push(aheadMs));
    for (const aheadMs of [2_000, -50_000, 400_000, 401_000, 0]) clock.correct(startMs + aheadMs);
    expect(told).toEqual([400_000, 0]);
    expect(clock.wallNow()).toBe(startMs);
  });

  it.each([
    [
      7_200_000,
      "this machine's clock is 2 h behind that of cloud, which refused a request for its time; requests to it are",
    ],
    [-400_000, "this machine's clock is 7 min ahead of that of cloud, which refused"],
    [90 * 86_400_000, "this machine's clock is 90 days behind that of cloud"],
    [1_000, "this machine's clock agrees with that of cloud again"],
  ])("is told of with what to do: %d", (aheadMs, text) => {
    expect(clockText("cloud", aheadMs)).toContain(text);
  });
});
