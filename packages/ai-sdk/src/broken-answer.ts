import type { StreamFailure } from "@ccpb/core";

/** An answer that broke in a way for which the model threw nothing. */
export class BrokenAnswer extends Error {
  readonly failure: StreamFailure;

  /** @param failure - As it is reported to the balancer. */
  constructor(failure: StreamFailure, message: string) {
    super(message);
    this.name = "BrokenAnswer";
    this.failure = failure;
  }
}

/** Makes the failure of a stream that ended without its `finish` part. */
export function truncated(): BrokenAnswer {
  return new BrokenAnswer({ type: "truncated" }, "The model's stream ended before its answer was whole.");
}

/** Makes the failure of an answer without content whose finish reason is `error`. */
export function failedFinish(): BrokenAnswer {
  const detail = "the finish reason is error";
  return new BrokenAnswer({ type: "not-an-answer", detail }, "The model ended its answer with an error.");
}
