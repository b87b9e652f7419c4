import { estimateTokens, nextFactor } from "@ccpb/core/tokens";
import { describe, expect, it } from "vitest";
import { recordedMessages } from "./recorded-requests.ts";
import { hasRecordings, skipReason } from "./recordings.ts";

/** The prompt's tokens as the recorded usage tells them; undefined where there is none. */
function promptTokens(answer: string): number | undefined {
  const count = (member: string): number => Number(new RegExp(`"${member}":\\s*(\\d+)`).exec(answer)?.[1] ?? 0);
  const total = count("input_tokens") + count("cache_read_input_tokens") + count("cache_creation_input_tokens");
  return total > 0 ? total : undefined;
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

const samples = recordedMessages().flatMap(({ body, status, answer }) => {
  const real = status === 200 ? promptTokens(answer()) : undefined;
  return real === undefined ? [] : [{ body, real, estimated: estimateTokens(body) }];
});

describe.skipIf(!hasRecordings)(
  hasRecordings ? "the estimate on recorded usage" : `the estimate on recorded usage (${skipReason})`,
  () => {
    it("is within a quarter for half of all requests, most of them a line or two long", () => {
      expect(samples.length).toBeGreaterThan(60);
      expect(median(samples.map(({ real, estimated }) => Math.abs(estimated - real) / real))).toBeLessThan(0.25);
    });

    it("is within a quarter for half of those with custom tools alone", () => {
      const tooled = samples.filter(
        ({ body }) => body.tools && body.tools.length > 0 && body.tools.every(({ type }) => !type || type === "custom"),
      );
      expect(tooled.length).toBeGreaterThan(15);
      expect(median(tooled.map(({ real, estimated }) => Math.abs(estimated - real) / real))).toBeLessThan(0.3);
    });

    it("does better once it is corrected by the answers of the same model", () => {
      const factors = new Map<string, number>();
      const errors: { readonly plain: number; readonly corrected: number }[] = [];
      // Short prompts say nothing about a tokeniser, and server tools bring turns of their own.
      const telling = samples.filter(
        ({ body, real }) => real > 300 && (body.tools ?? []).every(({ type }) => !type || type === "custom"),
      );
      for (const { body, real, estimated } of telling) {
        const factor = factors.get(body.model);
        const corrected = estimateTokens(body, { factor: factor ?? 1 });
        if (factor !== undefined)
          errors.push({ plain: Math.abs(estimated - real) / real, corrected: Math.abs(corrected - real) / real });
        factors.set(body.model, nextFactor(factor, corrected, real));
      }
      expect(errors.length).toBeGreaterThan(15);
      expect(median(errors.map(({ corrected }) => corrected))).toBeLessThan(median(errors.map(({ plain }) => plain)));
    });
  },
);
