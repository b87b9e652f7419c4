import { type AttemptFacts, classify, type ErrorRule, type Judgement, type Outcome } from "@ccpb/core";

/**
 * A failure table of one's own: it looks at each outcome first, and leaves to the balancer's what it has no opinion on.
 *
 * - A gateway that announces maintenance in a header is left alone until the minute it names.
 * - A content filter of one provider is no reason to turn the client away: the next provider may think otherwise, and nobody is cooled.
 */
export function classifyForOurGateways(outcome: Outcome, facts: AttemptFacts, rules: readonly ErrorRule[]): Judgement {
  if (outcome.type !== "response" || outcome.status < 400) return classify(outcome, facts, rules);

  const maintenanceUntil = outcome.headers["x-maintenance-until"];
  if (typeof maintenanceUntil === "string") {
    const ms = Math.max(0, Date.parse(maintenanceUntil) - facts.wallNowMs);
    return {
      type: "failover",
      reason: { class: "rule", detail: "the gateway is being maintained" },
      suspect: "provider",
      charge: { scope: "provider", cooldown: { kind: "stated", ms }, when: "now" },
      skipProvider: true,
    };
  }

  if (outcome.status === 400 && outcome.body?.includes("content_filter")) {
    return {
      type: "failover",
      reason: { class: "rule", detail: "the provider's content filter refused" },
      suspect: "request",
      skipProvider: true,
    };
  }

  return classify(outcome, facts, rules);
}
