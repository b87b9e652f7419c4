import type { ProviderConfig } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import type { Judgement, RetryChange } from "../base/outcome.ts";
import type { Runtime } from "./runtime.ts";
import { learnRefusal } from "./thinking-provenance.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";

/** The same candidate once more, changed. */
export interface Retry {
  readonly candidate: Candidate;
  readonly changes: RequestChanges;
  readonly freshSocket: boolean;
  /** The headers of the credential that was refused; undefined where that was not what failed. */
  readonly refused?: Readonly<Record<string, string>> | undefined;
}

/** The attempt that a retry repeats. */
export interface RetriedAttempt {
  readonly candidate: Candidate;
  readonly changes: RequestChanges;
  /** The headers that its `Authorize` function gave; undefined where it has none. */
  readonly credential: Readonly<Record<string, string>> | undefined;
}

/** The retries of one call: with which changes each candidate was tried again, and the one that is due. */
export class CallRetries {
  #changes: Map<Candidate, Set<RetryChange>> | undefined;
  #due: Retry | undefined;

  /** The changes with which `candidate` has been tried again. */
  of(candidate: Candidate): ReadonlySet<RetryChange> {
    return this.#changes?.get(candidate) ?? noChanges;
  }

  /** Plans the retry of an attempt. */
  plan(attempt: RetriedAttempt, judgement: Extract<Judgement, { type: "retry" }>): void {
    const { candidate } = attempt;
    this.#changes ??= new Map();
    this.#changes.set(candidate, new Set(this.#changes.get(candidate)).add(judgement.change));
    this.#due = retryOf(attempt, judgement);
  }

  /** The retry that is due, once. */
  take(): Retry | undefined {
    const due = this.#due;
    this.#due = undefined;
    return due;
  }
}

const noChanges: ReadonlySet<RetryChange> = new Set();

/** What a `retry` judgement asks for, on top of the changes that the attempt had already. */
function retryOf(
  { candidate, changes, credential }: RetriedAttempt,
  judgement: Extract<Judgement, { type: "retry" }>,
): Retry {
  return {
    candidate,
    refused: judgement.change === "fresh-credential" ? credential : undefined,
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
  if (judgement.change === "without-thinking") {
    learnRefusal({ provider, model: candidate.model, request }, runtime);
  }
  if (judgement.dialect) runtime.dialects.learn(provider, candidate.model, judgement.dialect, runtime.clock.now());
}
