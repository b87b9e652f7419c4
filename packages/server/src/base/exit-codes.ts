/** Meanings of the exit codes of `ccpb`. A signal that interrupts adds 128 to its number. */
export const exitCodes: {
  readonly ok: 0;
  readonly failed: 1;
  /** A bad configuration or a bad command line. */
  readonly usage: 2;
  /** No server answers, of those that ask one; `explain`: no provider can serve the model now. */
  readonly unreachable: 3;
} = { ok: 0, failed: 1, usage: 2, unreachable: 3 };
