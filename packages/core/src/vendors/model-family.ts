import type { ModelFamily } from "./token-family.ts";
import { tokenFamilies } from "./vendors.ts";

const usual: ModelFamily = {
  name: "other",
  factor: 1,
  base: 0,
  perMessage: 4,
  tools: 60,
  demandedTool: 0,
  perTool: 0,
  toolFactor: 1.2,
  perCall: 20,
  format: 0,
  citations: 0,
};

/** Returns how an upstream's model counts a prompt, by its name as vendors and gateways write it. */
export function familyOf(model: string): ModelFamily {
  const name = model.toLowerCase();
  for (const makers of tokenFamilies) {
    const found = makers.find((family) => family.model.test(name));
    if (found !== undefined) return { ...usual, ...found };
  }
  return usual;
}
