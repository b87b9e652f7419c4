/** Counters of one provider: what selection and status need to know about its work. */
export interface LoadFigures {
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  /** Wall clock, ms since the epoch; null before the first failure. */
  readonly lastFailureAtMs: number | null;
}

const idle: LoadFigures = { inFlight: 0, requests: 0, failures: 0, lastFailureAtMs: null };

/** Attempts under way and so far, by provider. */
export class ProviderLoad {
  readonly #figures = new Map<string, LoadFigures>();

  of(provider: string): LoadFigures {
    return this.#figures.get(provider) ?? idle;
  }

  start(provider: string): void {
    const figures = this.of(provider);
    this.#figures.set(provider, { ...figures, inFlight: figures.inFlight + 1, requests: figures.requests + 1 });
  }

  end(provider: string, failedAtMs?: number): void {
    const figures = this.of(provider);
    const inFlight = Math.max(0, figures.inFlight - 1);
    this.#figures.set(
      provider,
      failedAtMs === undefined
        ? { ...figures, inFlight }
        : { ...figures, inFlight, failures: figures.failures + 1, lastFailureAtMs: failedAtMs },
    );
  }

  retain(providers: ReadonlySet<string>): void {
    for (const name of this.#figures.keys()) if (!providers.has(name)) this.#figures.delete(name);
  }
}
