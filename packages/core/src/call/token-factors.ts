import { BoundedMap } from "../base/bounded-map.ts";
import { nextFactor } from "../tokens/correction.ts";
import { estimateFrom, promptParts } from "../tokens/estimate.ts";
import { familyOf } from "../vendors/model-family.ts";
import type { PromptWeight } from "../tokens/prompt-weight.ts";

interface Learned {
  readonly provider: string;
  /** Undefined until an answer has told it. */
  factor: number | undefined;
  dueAtMs: number;
}

// Weighing a prompt costs about as much as parsing it; an answer in ten seconds settles a factor within a minute, and no load can notice.
const sampleEveryMs = 10_000;
const maxLearned = 1_000;
// Below this the fixed parts of a prompt drown what a tokeniser does.
const telling = 200;
// No tokeniser is that far off: a usage without its cached tokens, or with those of a server's own turns, tells nothing.
const implausible = 4;

/** Correction factors of token estimates for each provider and model, learned from the usage of their answers. Bounded; the same history gives the same factors. */
export class TokenFactors {
  readonly #learned = new BoundedMap<Learned>(maxLearned);

  /** Undefined until an answer has been learned from: then the model's family says it. */
  factorFor(provider: string, model: string): number | undefined {
    return this.#learned.get(keyOf(provider, model))?.factor;
  }

  /** The estimate for a weighed prompt at a provider and model. */
  estimate(weight: PromptWeight, provider: string, model: string): number {
    return estimateFrom(weight, model, this.factorFor(provider, model));
  }

  /** Decides whether the next answer is a sample, so that its prompt is weighed: at most one in `sampleEveryMs`. */
  isDue(provider: string, model: string, nowMs: number): boolean {
    return nowMs >= (this.#learned.get(keyOf(provider, model))?.dueAtMs ?? -Infinity);
  }

  /**
   * Decides like `isDue` for an answer that has only begun. An answer for which it returns true counts as the next
   * one, so that others get false meanwhile.
   */
  claim(provider: string, model: string, nowMs: number): boolean {
    const isDue = this.isDue(provider, model, nowMs);
    if (isDue) this.#noted(provider, model, nowMs);
    return isDue;
  }

  /** `realTokens`: the prompt's as the usage tells them, with those of caches. */
  learn(
    deployment: { provider: string; model: string },
    weight: PromptWeight,
    told: { realTokens: number; nowMs: number },
  ): void {
    const { provider, model } = deployment;
    // Also after an answer that tells nothing: looking at the next one would cost as much, and tell as little.
    const known = this.#noted(provider, model, told.nowMs);
    const { counted, fixed } = promptParts(weight, model);
    if (weight.runsAtProvider || counted < telling) return;
    const current = known.factor ?? familyOf(model).factor;
    const ratio = (told.realTokens - fixed) / (counted * familyOf(model).factor);
    if (!(ratio > 1 / implausible && ratio < implausible)) return;
    const isFirst = known.factor === undefined;
    known.factor = nextFactor(current, { estimated: counted * current, real: told.realTokens - fixed, isFirst });
  }

  #noted(provider: string, model: string, nowMs: number): Learned {
    const key = keyOf(provider, model);
    const known = this.#learned.get(key) ?? { provider, factor: undefined, dueAtMs: 0 };
    this.#learned.set(key, known);
    known.dueAtMs = nowMs + sampleEveryMs;
    return known;
  }

  /** Forgets all providers but these. */
  retain(providers: ReadonlySet<string>): void {
    this.#learned.retain(({ provider }) => providers.has(provider));
  }
}

function keyOf(provider: string, model: string): string {
  return `${provider}\n${model}`;
}
