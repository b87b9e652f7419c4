import type { TokenFamily } from "./token-family.ts";

/** Token families, from recorded usage. */
export const metaTokens: readonly TokenFamily[] = [{ name: "llama", model: /llama/, base: 25 }];
