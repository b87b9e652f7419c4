import type { ErrorRule, ProviderType } from "../config-types.ts";
import type { Candidate } from "../health/scope.ts";
import type { Judgement, Outcome, RetryChange } from "./outcome.ts";

/** What `classify` must know of the attempt besides its outcome. */
export interface AttemptFacts {
  readonly providerType: ProviderType;
  readonly stream: boolean;
  /** The content gate has opened. */
  readonly hasContent: boolean;
  /** The request as sent carries thinking blocks. */
  readonly hasThinking: boolean;
  /** The changes with which this candidate has been tried again in this call. */
  readonly retried: ReadonlySet<RetryChange>;
  /** Milliseconds since the Unix epoch, to read HTTP dates. */
  readonly wallNowMs: number;
  /** The `max_tokens` that was sent, where known. */
  readonly maxTokens?: number;
}

/** What an outcome means. Total: every outcome and every status has a row. */
export declare function classify(outcome: Outcome, facts: AttemptFacts, rules: readonly ErrorRule[]): Judgement;

/** Whether `judgement` on `failed` also rules out `other` for the rest of the call. */
export declare function rulesOut(judgement: Judgement, failed: Candidate, other: Candidate): boolean;
