import type { BalancerConfig } from "@ccpb/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadedConfig } from "./config-file.ts";
import { defaultServerSettings } from "../app/create-server.ts";
import { asStarted } from "../app/fixed-settings.ts";
import { assertLimitShares, limitShareProblems, withLimitShares } from "./limit-shares.ts";

function configOf(limits: readonly (number | undefined)[], enabled = true): BalancerConfig {
  return {
    providers: limits.map((maxConcurrent, index) => ({
      name: `p${index}`,
      type: "anthropic",
      baseUrl: "http://127.0.0.1:9",
      auth: { type: "api_key", keys: ["sk-1"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
      enabled,
      ...(maxConcurrent !== undefined && { maxConcurrent }),
    })),
  };
}

describe("the shares of max_concurrent", () => {
  it("are the limit divided, and one more for the first workers while there is a remainder", () => {
    const shares = [1, 2, 3, 4].map(
      (number) => withLimitShares(configOf([10, undefined]), { number, count: 4 }).providers[0]?.maxConcurrent,
    );
    expect(shares).toEqual([3, 3, 2, 2]);
    expect(withLimitShares(configOf([undefined]), { number: 1, count: 4 }).providers[0]).not.toHaveProperty(
      "maxConcurrent",
    );
  });

  it("are together the limit, differ by one at most, and are never 0 where the configuration is accepted", () => {
    const limit = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(limit, fc.integer({ min: 1, max: 1024 }), (max, count) => {
        const config = configOf([max]);
        const shares = Array.from(
          { length: count },
          (_, index) => withLimitShares(config, { number: index + 1, count }).providers[0]?.maxConcurrent ?? 0,
        );
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(max);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(limitShareProblems(config, count).length === 0).toBe(Math.min(...shares) >= 1);
      }),
    );
  });

  it("are asked for of enabled providers only", () => {
    expect(limitShareProblems(configOf([1, 2, undefined, 3]), 3).map(({ path }) => path)).toEqual([
      ["providers", 0, "max_concurrent"],
      ["providers", 1, "max_concurrent"],
    ]);
    expect(limitShareProblems(configOf([1], false), 3)).toEqual([]);
    expect(limitShareProblems(configOf([1]), 1)).toEqual([]);
  });

  it("refuse a reload that lowers workers, which need a restart, together with the limit", () => {
    const loaded = (workers: number, limit: number): LoadedConfig => ({
      config: configOf([limit]),
      server: { ...defaultServerSettings, workers },
      source: { kind: "environment", variables: [] },
      warnings: [],
    });
    expect(() => assertLimitShares(asStarted(loaded(2, 2), loaded(4, 8)))).toThrow(
      /max_concurrent: 2 cannot be divided between 4/,
    );
    expect(() => assertLimitShares(asStarted(loaded(2, 4), loaded(4, 8)))).not.toThrow();
  });
});
