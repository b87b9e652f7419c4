const weight = 0.2; // of the newest answer: a handful of them settle the factor, one odd one does not shake it
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
  const right = clamp((before * real) / estimated);
  return current === undefined ? right : clamp(before + weight * (right - before));
}

function clamp(factor: number): number {
  return Math.min(highest, Math.max(lowest, factor));
}
