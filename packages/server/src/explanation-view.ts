import type { Explanation } from "@ccpb/core";

/** The answer of `GET /providers/explain`, and of `ccpb explain --json`: who would be asked for a model, in this order, and why the others would not. */
export interface ExplanationView {
  readonly model: string;
  readonly candidates: readonly ExplainedCandidateView[];
  readonly others: readonly { readonly provider: string; readonly why: string }[];
}

/** `key_index` counts the provider's keys from 0; `standing` is `usable`, `reserve` or `open`. */
export interface ExplainedCandidateView {
  readonly provider: string;
  readonly key_index: number;
  readonly upstream_model: string;
  readonly standing: string;
  readonly why: string;
}

/** What is shown of an explanation; holds no secret, since the explanation holds none. */
export function explanationView({ model, candidates, others }: Explanation): ExplanationView {
  return {
    model,
    candidates: candidates.map(({ provider, keyIndex, upstreamModel, standing, why }) => ({
      provider,
      key_index: keyIndex,
      upstream_model: upstreamModel,
      standing,
      why,
    })),
    others,
  };
}
