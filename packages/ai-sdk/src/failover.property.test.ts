import { VirtualClock } from "@ccpb/core/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { finish, partsOf, ScriptedModel, type Step } from "../test/models.ts";
import { createBalancer, failover } from "./index.ts";
import type { CallOptions, StreamPart } from "./model-types.ts";

const announcement = fc.constantFrom<Step>(
  { type: "response-metadata" },
  { type: "raw" },
  { type: "text-start", id: "1" } as StreamPart,
  { type: "text-delta", id: "1", delta: "" } as StreamPart,
);
const fault = fc.constantFrom<Step | "end">(
  { throws: new Error("terminated") },
  { type: "error", error: "no capacity" } as StreamPart,
  finish("v3", "error"),
  "end",
);
const whole = finish("v3");

/** What one model does: announcements, then words that say whose they are, then an ending. */
const script = fc.record({
  announcements: fc.array(announcement, { maxLength: 4 }),
  words: fc.nat({ max: 3 }),
  ending: fc.oneof(fault, fc.constant(whole)),
});

it("gives out one model's words only, in order and once, and one ending, however the models fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 4 }), async (scripts) => {
      const models = scripts.map(({ announcements, words, ending }, index) => {
        const said = Array.from(
          { length: words },
          (_, word) => ({ type: "text-delta", id: "1", delta: `${index}.${word} ` }) as StreamPart,
        );
        const steps = [{ type: "stream-start", warnings: [] } as StreamPart, ...announcements, ...said];
        return new ScriptedModel(`m${index}`, ending === "end" ? steps : [...steps, ending]);
      });
      const balancer = createBalancer(models, {}, { clock: new VirtualClock(), random: () => 0.5 });
      const model = failover(models, { balancer }) as unknown as {
        doStream(options: CallOptions): Promise<{ stream: ReadableStream<StreamPart> }>;
      };
      const serving = scripts.findIndex(({ words, ending }) => words > 0 || ending === whole);
      if (serving === -1) {
        await expect(model.doStream({})).rejects.toThrow();
        return;
      }
      const parts = await partsOf((await model.doStream({})).stream);
      const deltas = parts.flatMap((part) => ("delta" in part && part.delta !== "" ? [part.delta] : []));
      expect(deltas).toEqual(Array.from({ length: scripts[serving]?.words ?? 0 }, (_, word) => `${serving}.${word} `));
      expect(parts.filter(({ type }) => type === "stream-start")).toHaveLength(1);
      const endings = parts.filter(({ type }) => type === "finish" || type === "error");
      expect(endings).toHaveLength(1);
      expect(balancer.status().providers.every(({ inFlight }) => inFlight === 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
