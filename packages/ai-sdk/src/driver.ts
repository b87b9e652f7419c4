import { type Balancer, takeTurn } from "@ccpb/core";
import { failoverError } from "./failover-error.ts";
import type { CallableModel } from "./model-types.ts";
import { Trial } from "./trial.ts";

/** Holds the parts that one call is driven with. */
export interface Drive {
  readonly balancer: Balancer;
  /** The models by their names in the balancer. */
  readonly models: ReadonlyMap<string, CallableModel>;
  readonly stream: boolean;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

/** Runs one attempt: the result, or undefined where the attempt has reported a failure by `trial.fail`. */
export type RunTrial<Result> = (trial: Trial) => Promise<Result | undefined>;

/**
 * Walks the attempts of one call until one has a result.
 *
 * @throws The caller's abort reason; the error of a model where it was about the request, or where every model had one of its own; else an `APICallError`
 *   with status 503 that names what failed.
 */
export async function drive<Result>(drive: Drive, run: RunTrial<Result>): Promise<Result> {
  const { balancer, models, stream, signal } = drive;
  const request = { model: "failover", max_tokens: 1, messages: [{ role: "user" as const, content: "-" }], stream };
  const call = balancer.open(request, { mayUse: (name) => models.has(name) });
  const errors = new Map<string, unknown>();
  let lastError: unknown;
  for (;;) {
    const attempt = call.next() ?? (call.pending && (await takeTurn(call, call.clock, signal)));
    if (attempt === undefined) break;
    const model = models.get(attempt.provider);
    if (signal?.aborted === true || model === undefined) {
      attempt[Symbol.dispose]();
      break;
    }
    const trial = new Trial(call, attempt, { model, signal });
    const result = await run(trial);
    if (result !== undefined) return result;
    lastError = trial.error;
    errors.set(attempt.provider, lastError);
  }
  if (signal?.aborted === true) {
    call.abandon();
    throw signal.reason;
  }
  const forwarded = call.forwarded();
  if (forwarded !== undefined && errors.has(forwarded.provider)) throw errors.get(forwarded.provider);
  throw failoverError(call.failure(), lastError);
}
