const weight = 0.2; // of an answer: a handful of them settle the factor, one odd one does not shake it
const firstWeight = 0.5; // while there is only the family's starting point to weigh it against
const largestStep = 2; // bound of one answer's influence, because a server tool's own turns can multiply a usage
const lowest = 0.2;
const highest = 5;

/** Observation of one answer for a factor, in tokens. */
export interface FactorObservation {
  /** Estimate with the current factor. */
  readonly estimated: number;
  /** Count of the answer's usage for the same, with the tokens of caches. */
  readonly real: number;
  /** The first answer of this provider and model; default false. */
  readonly isFirst?: boolean;
}

/**
 * Computes the factor for further estimates of a provider and model: an exponentially weighted mean of the factors
 * that would have been right. Figures that are not positive and finite change nothing.
 *
 * @param current - factor that the estimate was made with; 1 at the start.
 * @param observation - `estimated`: the estimate in tokens. `real`: the provider's count. `isFirst`: true for the
 *   first observation, which has more weight.
 * @returns the new factor, between fixed bounds.
 * @example
 * ```ts
 * console.log(nextFactor(1, { estimated: 1_000, real: 1_200 }) > 1); // true
 * ```
 */
export function nextFactor(current: number, { estimated, real, isFirst = false }: FactorObservation): number {
  if (!(estimated > 0) || !(real > 0) || !Number.isFinite(estimated) || !Number.isFinite(real)) return current;
  const right = current * clamp(real / estimated, 1 / largestStep, largestStep);
  return clamp(current + (isFirst ? firstWeight : weight) * (right - current), lowest, highest);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
