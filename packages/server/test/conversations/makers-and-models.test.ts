import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { script, walk } from "./session.ts";
import { signingVendors } from "./vendors.ts";

const names = Object.keys(signingVendors);
const turns = script.length;
const options = { thinking: "adaptive", kinds: signingVendors } as const;

describe("reasoning that only its maker can read", () => {
  it.each(names)("comes back to %s, and is refused by it never", async (name) => {
    const { refusals, last } = await walk(
      Array.from({ length: turns }, () => [name]),
      options,
    );
    expect(refusals).toEqual([]);
    expect(last.get(name)).toMatch(
      /"(?:signature|data|thought_signature|encrypted_content|reasoning_opaque|reasoning_encrypted)":"(?:E|gAAAA)/,
    );
  });

  it("is shown to no other maker and to no other model of one maker, in whatever order they are asked", async () => {
    const chain = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(chain, { minLength: turns, maxLength: turns }), fc.nat(), async (chains, seed) => {
        const up = chains.map((one) => one[seed % one.length]);
        const isDown = (vendor: string, turn: number): boolean => up[turn] !== vendor;
        const { refusals, asked } = await walk(chains, { ...options, isDown });
        expect({ chains, refusals }).toEqual({ chains, refusals: [] });
        expect(asked.map((one) => one.at(-1))).toEqual(up);
      }),
      { numRuns: 60, seed: 20_261_129 },
    );
  });
});
