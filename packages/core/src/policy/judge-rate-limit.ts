import type { Failure } from "../failures/failure.ts";
import { isAccountWindow } from "../failures/retry-after.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { accountFailure, because, failover } from "./judgements.ts";
import type { Cooldown, Judgement } from "../base/outcome.ts";

const minute: Cooldown = { kind: "fixed", ms: 60_000 };

/**
 * Returns the judgement on a rate limit: an account that is used up, a wait that is stated (charged to the credential where its 5-hour or 7-day window is
 * exhausted, else to the credential with this model), a limit per minute or day without one, or a 429 that states nothing.
 */
export function judgeRateLimit(failure: Failure, facts: AttemptFacts): Judgement {
  const waitMs = failure.rateLimitWaitMs(facts.wallNowMs);
  const hasWait = waitMs !== undefined && waitMs > 0;
  const { account } = failure;
  if (account === "unpaid" || (account === "quota" && !hasWait)) return accountFailure(failure, facts);
  const reason = because("rate-limit", failure);
  if (hasWait) {
    const scope = isAccountWindow(failure.headers) ? "key" : "key-deployment";
    return failover(reason, scope, { kind: "stated", ms: waitMs });
  }
  if (failure.isPerMinute || failure.isPerPeriod) return failover(reason, "key-deployment", minute);
  return { ...failover(reason, "key-deployment", { kind: "short" }), learnsLimit: true };
}
