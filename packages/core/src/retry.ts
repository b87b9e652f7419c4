import type { Candidate } from "./health/scope.ts";
import type { Judgement } from "./policy/outcome.ts";
import type { RequestChanges } from "./upstream/request.ts";

/** The same candidate once more, changed. */
export interface Retry {
  readonly candidate: Candidate;
  readonly changes: RequestChanges;
  readonly freshSocket: boolean;
}

/** What a `retry` judgement asks for, on top of the changes that the attempt had already. */
export function retryOf(
  candidate: Candidate,
  judgement: Extract<Judgement, { type: "retry" }>,
  changes: RequestChanges,
): Retry {
  return {
    candidate,
    freshSocket: judgement.change === "fresh-socket",
    changes: {
      ...changes,
      withoutThinking: changes.withoutThinking || judgement.change === "without-thinking",
      maxTokens: judgement.maxTokens ?? changes.maxTokens,
    },
  };
}
