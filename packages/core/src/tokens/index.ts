export { nextFactor } from "./correction.ts";
export { estimateTokens, type EstimateOptions } from "./estimate.ts";
export type { TextCounter } from "./text-tokens.ts";
