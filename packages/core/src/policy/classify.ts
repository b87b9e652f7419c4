import type { ErrorRule } from "../config-types.ts";
import type { Candidate } from "../health/scope.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classifyResponse } from "./classify-response.ts";
import { matchingRule, type RuleSubject } from "./error-rules.ts";
import type { DeadlinePhase, Judgement, Outcome, ReasonClass, StreamFailure } from "./outcome.ts";
import { readContextOverflow } from "../failures/limits.ts";
import { errorName, reasonOf, transportCode } from "./reason.ts";

/** What an outcome means. Total: every outcome and every status has a row. `rules` are the operator's and go before the table. */
export function classify(outcome: Outcome, facts: AttemptFacts, rules: readonly ErrorRule[]): Judgement {
  switch (outcome.type) {
    case "content":
    case "complete":
      return { type: "continue" };
    case "client-abort":
      return { type: "refuse", reason: { class: "client-abort", detail: "the client left" } };
    case "timeout":
      return facts.hasContent ? broken("timeout", deadlineText(outcome.phase)) : timedOut(outcome.phase);
    case "transport-error": {
      const detail = `the connection failed (${transportCode(outcome.cause)})`;
      if (facts.hasContent) return broken("stream-broken", detail);
      if (outcome.reusedSocket === true && !facts.retried.has("fresh-socket")) {
        return {
          type: "retry",
          change: "fresh-socket",
          reason: { class: "connect", detail: `a kept ${detail.slice(4)}` },
        };
      }
      return facts.hasHeaders === true
        ? providerFailure("bad-answer", `the connection broke within the answer (${transportCode(outcome.cause)})`)
        : providerFailure("connect", detail);
    }
    case "stream-error":
      if (facts.hasContent) return broken("stream-broken", failureText(outcome.reason));
      return withRules(badAnswer(outcome.reason), failureSubject(outcome.reason), rules);
    case "response": {
      const { judgement, subject } = classifyResponse(outcome, facts);
      return facts.hasContent && judgement.type !== "continue"
        ? broken("stream-broken", judgement.reason.detail)
        : withRules(judgement, subject, rules);
    }
  }
}

/** Whether `judgement` on `failed` also rules out `other` for the rest of the call: it shares what failed. */
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

/** A failure that says something about the provider as a whole. */
function providerFailure(reasonClass: ReasonClass, detail: string): Judgement {
  return {
    type: "failover",
    reason: { class: reasonClass, detail },
    suspect: "provider",
    charge: { scope: "provider", cooldown: { kind: "base" }, when: "now" },
    skipProvider: true,
  };
}

/** A failure after the first content: nobody else can take over, the provider is charged. */
function broken(reasonClass: ReasonClass, detail: string): Judgement {
  return {
    type: "refuse",
    reason: { class: reasonClass, detail },
    charge: { scope: "provider", cooldown: { kind: "base" }, when: "now" },
  };
}

function timedOut(phase: DeadlinePhase): Judgement {
  return providerFailure("timeout", deadlineText(phase));
}

function deadlineText(phase: DeadlinePhase): string {
  return `the ${phase} deadline passed`;
}

/** A 2xx that is no answer, before any content. */
function badAnswer(failure: StreamFailure): Judgement {
  if (failure.type === "error" && isOverflowError(failure)) {
    return { type: "forward", reason: { class: "client-error", detail: failureText(failure) } };
  }
  const judgement = providerFailure(failureClass(failure), failureText(failure));
  if (judgement.type !== "failover" || failure.type !== "error" || !isRequestStatus(failure.status)) return judgement;
  // The provider says in so many words that the request is at fault: the next one may think otherwise, but nobody is benched for it.
  const { reason, skipProvider } = judgement;
  return { type: "failover", reason, suspect: "request", skipProvider };
}

/** A prompt that is too long is the client's affair wherever it is said: Claude Code compacts, and no provider is at fault. */
function isOverflowError({ error, status }: Extract<StreamFailure, { type: "error" }>): boolean {
  const isElse = status !== undefined && status !== 500 && !isRequestStatus(status);
  return !isElse && readContextOverflow(`${error.type ?? ""} ${error.code ?? ""} ${error.message}`) !== undefined;
}

function isRequestStatus(status: number | undefined): boolean {
  return status === 400 || status === 413 || status === 422;
}

function failureClass(failure: StreamFailure): ReasonClass {
  return failure.type === "error" ? reasonOf(failure.status, failure.error) : "bad-answer";
}

function failureText(failure: StreamFailure): string {
  switch (failure.type) {
    case "error":
      return `an error instead of an answer${errorName(failure.error)}`;
    case "truncated":
      return "the answer ended before it was complete";
    case "junk":
    case "not-an-answer":
    case "too-large":
      return failure.detail;
  }
}

function failureSubject(failure: StreamFailure): RuleSubject | undefined {
  if (failure.type !== "error") return undefined;
  const { status, error } = failure;
  return status === undefined ? { error } : { status, error };
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
