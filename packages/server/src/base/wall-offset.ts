/** Returns the wall clock minus the monotonic clock of this process, in milliseconds, now. */
export function wallOffsetMs(): number {
  return Date.now() - performance.now();
}
