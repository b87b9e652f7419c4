import type { ProviderConfig } from "./config-types.ts";
import type { Candidate } from "./health/scope.ts";
import type { Judgement } from "./policy/outcome.ts";
import type { Runtime } from "./runtime.ts";
import { learnRefusal } from "./thinking-provenance.ts";
import type { ClientRequest } from "./upstream/client-request.ts";
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
      dialect: judgement.dialect ?? changes.dialect,
      maxTokens: judgement.maxTokens ?? changes.maxTokens,
    },
  };
}

/** Takes note of what a `retry` judgement says about the provider, so that the next request need not be refused. */
export function learnFrom(
  judgement: Extract<Judgement, { type: "retry" }>,
  candidate: Candidate,
  {
    provider,
    request,
    runtime,
  }: { readonly provider: ProviderConfig; readonly request: ClientRequest; readonly runtime: Runtime },
): void {
  if (judgement.change === "without-thinking") learnRefusal(provider, request, runtime);
  if (judgement.dialect) runtime.dialects.learn(provider, candidate.model, judgement.dialect, runtime.clock.now());
}
