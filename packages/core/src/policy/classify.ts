import type { ErrorRule } from "../base/config-types.ts";
import { failureMessage } from "../failures/messages-error.ts";
import { type Failure, readFailure } from "../failures/failure.ts";
import type { Candidate } from "../base/scope.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { deadlineText, judgeDeadline, judgeTransportError, networkSuspect } from "./classify-network.ts";
import { judgeFailure } from "./classify-response.ts";
import { matchingRule, type RuleSubject } from "./error-rules.ts";
import { failover, weighed } from "./judgements.ts";
import type { Charge, HeaderMap, Judgement, Outcome, Reason, StreamFailure } from "../base/outcome.ts";
import { transportCode } from "../base/reason.ts";

/**
 * Decides what an outcome means. Every outcome and every status has a meaning. It is the default of
 * `BalancerOptions.classify`.
 *
 * @param outcome - event of the attempt.
 * @param facts - other facts about the attempt.
 * @param rules - the operator's rules, which go before the built-in table.
 * @returns the judgement: continue, stop, fail over or retry, with the charge to the provider's health.
 * @example
 * ```ts
 * const facts = { providerType: "anthropic", stream: false, hasContent: false, hasThinking: false, retried: new Set<never>(), wallNowMs: 0 } as const;
 * const judgement = classify({ type: "response", status: 503, headers: {}, body: "" }, facts, []);
 * console.log(judgement.type); // failover
 * ```
 */
export function classify(outcome: Outcome, facts: AttemptFacts, rules: readonly ErrorRule[]): Judgement {
  if (facts.hasContent) return afterContent(outcome, facts);
  switch (outcome.type) {
    case "content":
    case "complete":
      return { type: "continue" };
    case "client-abort":
      return clientLeft;
    case "timeout":
      return judgeDeadline(outcome, facts);
    case "transport-error":
      return judgeTransportError(outcome, facts);
    case "stream-error":
      return judgeAnswer(outcome.reason, facts, rules);
    case "response":
      return judgeResponse(outcome, facts, rules);
  }
}

const clientLeft: Judgement = { type: "refuse", reason: { class: "client-abort", detail: "the client left" } };

/** The judgement on a reply by its status and, where it fails, its error. */
function judgeResponse(
  outcome: Extract<Outcome, { type: "response" }>,
  facts: AttemptFacts,
  rules: readonly ErrorRule[],
): Judgement {
  const { status, headers } = outcome;
  if (status === 200) return { type: "continue" };
  if (status > 200 && status < 300) return weighed({ class: "bad-answer", detail: `HTTP ${status} is no answer` });
  const failure = facts.readFailure?.(outcome) ?? readFailure(outcome);
  // A status outside the grammar cannot be given to the client.
  const isReply = status >= 400 && status < 600;
  const subject: RuleSubject = { status, error: failure.text, ...(isReply && { isReply }) };
  if (status >= 300 && status < 400) {
    const detail = `HTTP ${status} redirects to ${hostOf(headers)}`;
    return withRules(weighed({ class: "redirect", detail }, "provider"), subject, rules);
  }
  return withRules(judgeFailure(failure, facts), subject, rules);
}

/** The judgement on a 200 that is no answer, before any content. */
function judgeAnswer(reason: StreamFailure, facts: AttemptFacts, rules: readonly ErrorRule[]): Judgement {
  if (reason.type !== "error") return weighed({ class: "bad-answer", detail: failureText(reason) });
  const { status, error } = reason;
  const subject: RuleSubject = { ...(status !== undefined && { status }), error };
  return withRules(judgeFailure(failureOf(reason), facts), subject, rules);
}

function failureOf({ status, error }: Extract<StreamFailure, { type: "error" }>): Failure {
  return readFailure({ status, error });
}

/**
 * After the first content the answer cannot come from elsewhere. An error event is charged as the same error before content; a stream that was cut
 * is the provider's, and at once.
 */
function afterContent(outcome: Outcome, facts: AttemptFacts): Judgement {
  switch (outcome.type) {
    case "content":
    case "complete":
      return { type: "continue" };
    case "client-abort":
      return clientLeft;
    case "timeout":
      return broken(weighed({ class: "timeout", detail: deadlineText(outcome.phase) }));
    case "transport-error": {
      const code = transportCode(outcome.cause);
      const reason: Reason = { class: "stream-broken", detail: `the connection failed (${code})` };
      return networkSuspect(code) === "host" ? { type: "refuse", reason, suspect: "host" } : broken(cut(reason));
    }
    case "stream-error": {
      const { reason } = outcome;
      if (reason.type === "error") return broken(judgeFailure(failureOf(reason), facts));
      return broken(cut({ class: "stream-broken", detail: failureText(reason) }));
    }
    case "response":
      return outcome.status === 200
        ? { type: "continue" }
        : broken(cut({ class: "stream-broken", detail: `HTTP ${outcome.status}` }));
  }
}

function cut(reason: Reason): Judgement {
  return failover(reason, "deployment");
}

/** The same judgement for an answer that had begun: the call is over, and only what it costs remains. */
function broken(judgement: Judgement): Judgement {
  if (judgement.type === "continue") return judgement;
  const reason: Reason =
    judgement.type === "failover" ? judgement.reason : { ...judgement.reason, class: "stream-broken" };
  if (judgement.type !== "failover") return { type: "refuse", reason, suspect: "request" };
  const { suspect, charge } = judgement;
  // No provider will serve this call any more, so that "only if served" never comes true.
  const kept: Charge | undefined = charge?.when === "if-served" ? undefined : charge;
  return { type: "refuse", reason, suspect, ...(kept && { charge: kept }) };
}

/**
 * Decides whether `judgement` on `failed` also rules out `other` for the rest of the call, because it shares what
 * failed.
 */
export function rulesOut(judgement: Judgement, failed: Candidate, other: Candidate): boolean {
  if (judgement.type !== "failover" || failed.provider !== other.provider) return false;
  const hasSameKey = failed.keyIndex === other.keyIndex;
  const hasSameModel = failed.model === other.model;
  if (judgement.skipProvider || (hasSameKey && hasSameModel)) return true;
  switch (judgement.charge?.scope) {
    case "provider":
      return true;
    case "deployment":
      return hasSameModel;
    case "key":
      return hasSameKey;
    case "key-deployment":
    case undefined:
      return false;
  }
}

function failureText(failure: StreamFailure): string {
  return failure.type === "truncated" ? "the answer ended before it was complete" : failureMessage(failure);
}

/** Reads the host that a redirect leads to, for the log. The path may hold anything and stays out of it. */
function hostOf({ location }: HeaderMap): string {
  const target = typeof location === "string" ? location : location?.[0];
  if (target === undefined) return "nowhere";
  try {
    return new URL(target).host;
  } catch {
    return "itself";
  }
}

/**
 * The operator's rules over the table's judgement. `stop` gives a failing reply to the client as it is (an error inside a 200 cannot be given);
 * `failover` makes sure of a failover: what fails over anyway keeps its scope, and its cooldown unless the rule names one.
 */
function withRules(judgement: Judgement, subject: RuleSubject | undefined, rules: readonly ErrorRule[]): Judgement {
  if (subject === undefined || rules.length === 0 || judgement.type === "continue") return judgement;
  const rule = matchingRule(rules, subject);
  if (rule === undefined || judgement.type === "retry" || judgement.type === "refuse") return judgement;
  const reason = { class: "rule", detail: `an error rule says ${rule.action}: ${judgement.reason.detail}` } as const;
  if (rule.action === "stop") return subject.isReply === true ? { type: "forward", reason } : judgement;
  const base =
    judgement.type === "failover"
      ? judgement
      : ({ type: "failover", reason, suspect: "provider", skipProvider: true } as const);
  const scope = "charge" in base && base.charge ? base.charge.scope : "provider";
  const { cooldownMs } = rule;
  if (cooldownMs === undefined) {
    if (judgement.type === "failover") return judgement;
    return { ...base, charge: { scope, cooldown: { kind: "base" }, when: "now" } };
  }
  const { reason: ownReason, suspect, skipProvider } = base;
  if (cooldownMs <= 0) return { type: "failover", reason: ownReason, suspect, skipProvider };
  const charge = { scope, cooldown: { kind: "fixed", ms: cooldownMs }, when: "now" } as const;
  return { type: "failover", reason: ownReason, suspect, skipProvider, charge };
}
