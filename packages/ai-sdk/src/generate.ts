import { failedFinish } from "./broken-answer.ts";
import { isFailedFinish } from "./content.ts";
import type { CallOptions, GenerateResult } from "./model-types.ts";
import { servedBy } from "./served-by.ts";
import type { Trial } from "./trial.ts";

/** Asks one model for a whole answer. */
export async function generate(trial: Trial, options: CallOptions): Promise<GenerateResult | undefined> {
  const { model, attempt, signal } = trial;
  try {
    const result = await trial.race(model.doGenerate({ ...options, abortSignal: signal }));
    if (isFailedFinish(result.finishReason)) throw failedFinish();
    attempt.report({ type: "content" });
    attempt.report({ type: "complete" });
    trial.release();
    return servedBy(result, attempt);
  } catch (error) {
    trial.fail(error);
    return undefined;
  }
}
