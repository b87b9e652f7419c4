import { describe, expect, it } from "vitest";
import { type EarlyProbes, earlyProbeAtMs, firstEarlyProbe, nextEarlyProbe } from "./early-probes.ts";

const baseMs = 60_000;
const seconds = (early: EarlyProbes, nowMs: number, digest: string): number =>
  (earlyProbeAtMs(early, (other) => other === digest) - nowMs) / 1_000;

describe("early probes", () => {
  it("wait 1, 2, 4 … seconds up to the base, where each failed request is another", () => {
    let early = firstEarlyProbe({ nowMs: 0, baseMs, digest: "0" });
    const waits = [seconds(early, 0, "x")];
    for (let round = 1; round <= 7; round += 1) {
      early = nextEarlyProbe(early, { nowMs: 0, baseMs, digest: String(round) });
      waits.push(seconds(early, 0, "x"));
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(early.digests.length).toBeLessThanOrEqual(8);
  });

  it("wait longer each time for a request that fails again, and a second for another", () => {
    let early = firstEarlyProbe({ nowMs: 0, baseMs, digest: "poison" });
    for (const nowMs of [1_000, 3_000, 7_000, 15_000]) {
      early = nextEarlyProbe(early, { nowMs, baseMs, digest: "poison" });
      expect(seconds(early, nowMs, "other")).toBe(1);
    }
    expect(seconds(early, 15_000, "poison")).toBe(16);
    expect(early.digests).toEqual(["poison"]);
  });
});
