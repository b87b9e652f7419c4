import { estimateTokens, nextFactor } from "@ccpb/core/tokens";
import { describe, expect, it } from "vitest";
import { recordedPrompts } from "../../../../scripts/recorded-prompts.ts";
import { familyOf } from "../../src/vendors/model-family.ts";
import { weighPrompt } from "../../src/tokens/prompt-weight.ts";
import { hasShared, sharedFolder } from "./recordings.ts";

// What a provider's own tools looked up in turns of its own is counted with the prompt, and cannot be foreseen.
const samples = recordedPrompts(sharedFolder).filter(({ request }) => !weighPrompt(request, () => 0).runsAtProvider);

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

function medianError(select: (sample: (typeof samples)[number]) => boolean): number {
  const chosen = samples.filter(select);
  expect(chosen.length).toBeGreaterThan(15);
  return median(chosen.map(({ request, realTokens }) => Math.abs(estimateTokens(request) / realTokens - 1)));
}

// Only real traffic has real token counts: there is nothing to invent.
describe.skipIf(!hasShared)(
  "the estimate on the token counts of real traffic (skipped without ../shared/fixtures)",
  () => {
    it("is within a tenth for half of all requests, most of them a line or two long", () => {
      expect(medianError(() => true)).toBeLessThan(0.1);
    });

    it("is within a fifteenth for half of those of more than 300 tokens", () => {
      expect(medianError(({ realTokens }) => realTokens > 300)).toBeLessThan(1 / 15);
    });

    it("is within a tenth for half of those with tools", () => {
      expect(medianError(({ request }) => (request.tools?.length ?? 0) > 0)).toBeLessThan(0.1);
    });

    it("is within a tenth for half of Claude's", () => {
      expect(medianError(({ model }) => familyOf(model).name.startsWith("claude"))).toBeLessThan(0.1);
    });

    it("finds its way from a wrong factor by the answers alone", () => {
      let factor = 3;
      const telling = samples.filter(({ model, realTokens }) => familyOf(model).name === "gpt" && realTokens > 500);
      expect(telling.length).toBeGreaterThan(3);
      for (let round = 0; round < 10; round += 1) {
        for (const { request, realTokens } of telling) {
          const estimated = estimateTokens(request, { factor });
          factor = nextFactor(factor, { estimated, real: realTokens });
        }
      }
      expect(Math.abs(factor - 1)).toBeLessThan(0.15);
    });
  },
);
