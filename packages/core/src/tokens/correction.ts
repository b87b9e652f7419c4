const weight = 0.2; // of an answer: a handful of them settle the factor, one odd one does not shake it
const firstWeight = 0.5; // while there is nothing to weigh it against
const largestStep = 2; // what one answer may say at most: a server tool's own turns can multiply a usage
const lowest = 0.2;
const highest = 5;

/**
 * The factor that estimates for a provider and model should be made with from now on: an exponentially weighted mean of what was right.
 * `estimated` is what `estimateTokens` gave with the factor `current` (undefined: none yet, so 1), `real` the prompt's tokens as the answer's usage
 * tells them, with those of caches. Pure; figures that cannot be are passed over.
 */
export function nextFactor(current: number | undefined, estimated: number, real: number): number {
  const before = current ?? 1;
  if (!(estimated > 0) || !(real > 0) || !Number.isFinite(estimated) || !Number.isFinite(real)) return before;
  const right = before * clamp(real / estimated, 1 / largestStep, largestStep);
  const next = before + (current === undefined ? firstWeight : weight) * (right - before);
  return clamp(next, lowest, highest);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
