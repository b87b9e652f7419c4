import type { Explanation } from "@ccpb/core";
import { hostSuspicionView, nextRequestView, reasonView, type NextRequestView } from "./providers-view.ts";

/** The answer of `GET /providers/explain`, and of `ccpb explain --json`: who would be asked for a model, in this order, and why the others would not. */
export interface ExplanationView {
  readonly model: string;
  readonly candidates: readonly ExplainedCandidateView[];
  readonly others: readonly { readonly provider: string; readonly why: string }[];
  /** Fate of a new request for the model; null: no provider covers it, so that it is answered with 404. */
  readonly next_request: NextRequestView | null;
  /** Requests that wait for room at a provider or for a probe. */
  readonly waiting: number;
  /** This machine or its network is suspected; null where it is not, `next_try_in` in seconds. */
  readonly host_suspicion: { readonly next_try_in: number } | null;
}

/**
 * `key` counts the provider's keys from 1; `standing` is `usable`, `reserve` or `open`; `limit` is the learned limit of requests at once of the key
 * at the model. `reason`, `words` (the provider's own) and `upstream_request_id` are null where it is not cooling down.
 */
export interface ExplainedCandidateView {
  readonly provider: string;
  readonly key: number;
  readonly upstream_model: string;
  readonly standing: string;
  readonly why: string;
  readonly reason: string | null;
  readonly words: string | null;
  readonly upstream_request_id: string | null;
  readonly limit: number | null;
  /** The `profile:` line that refusals have taught of the model at this provider; null where none has. */
  readonly learned: string | null;
}

/** Builds the view of an explanation; it holds no secret, because the explanation holds none. */
export function explanationView(explanation: Explanation): ExplanationView {
  const { model, candidates, others, nextRequest, waiting, hostSuspicion } = explanation;
  return {
    model,
    candidates: candidates.map(({ provider, keyIndex, upstreamModel, standing, why, reason, limit, learned }) => ({
      provider,
      key: keyIndex + 1,
      upstream_model: upstreamModel,
      standing,
      why,
      ...reasonView(reason),
      limit,
      learned: learned?.line ?? null,
    })),
    others,
    next_request: nextRequest === null ? null : nextRequestView(nextRequest),
    waiting,
    host_suspicion: hostSuspicionView(hostSuspicion),
  };
}
