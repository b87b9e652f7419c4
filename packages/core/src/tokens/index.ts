export { nextFactor } from "./correction.ts";
export { estimateTokens, type EstimateOptions } from "./estimate.ts";
