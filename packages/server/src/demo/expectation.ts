/** Something in the demo was not as it should be. The message says what was expected and what came. */
export class UnexpectedResult extends Error {
  override readonly name = "UnexpectedResult";
}

/** Throws `UnexpectedResult` where the two differ. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) {
    throw new UnexpectedResult(`${what} should be ${JSON.stringify(expected)}, but is ${JSON.stringify(actual)}`);
  }
}

/** Throws `UnexpectedResult` where the claim does not hold. */
export function expectThat(claim: boolean, otherwise: string): void {
  if (!claim) throw new UnexpectedResult(otherwise);
}
