/**
 * Computes the wait before the attempt after `failures` failed ones, in milliseconds: doubled from 100 up to 5,000.
 * `random` in [0, 1) takes away up to half.
 */
export function reconnectDelayMs(failures: number, random: number): number {
  return Math.min(5_000, 100 * 2 ** Math.min(failures, 10)) * (1 - random / 2);
}
