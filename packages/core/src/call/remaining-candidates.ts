import type { ProviderConfig } from "../base/config-types.ts";
import type { Judgement } from "../base/outcome.ts";
import type { Candidate } from "../base/scope.ts";
import { windowsBeyond } from "../policy/capability.ts";
import { rulesOut } from "../policy/classify.ts";

/** Returns the candidates that may still follow after `failed` failed as `judgement` says: after an overflow, those with a larger known window. */
export function remainingAfter(
  judgement: Extract<Judgement, { type: "failover" }>,
  failed: Candidate,
  remaining: readonly Candidate[],
  providers: ReadonlyMap<string, ProviderConfig>,
): readonly Candidate[] {
  const others = remaining.filter((other) => !rulesOut(judgement, failed, other));
  return judgement.overflow ? windowsBeyond(judgement.overflow.limit, failed, others, providers) : others;
}
