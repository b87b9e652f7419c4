import type { Failure } from "../failures/failure.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { judgeRateLimit } from "./judge-rate-limit.ts";
import {
  accountFailure,
  authFailure,
  because,
  failover,
  forward,
  modelDenied,
  notFound,
  passedOn,
  regionRefused,
  statedOrBase,
  unclear,
} from "./judgements.ts";
import { changedRequest, lowerMaxTokens, refusesTools } from "./judge-retry.ts";
import type { Judgement } from "../base/outcome.ts";

// Anthropic's own limit for a request is 32 MB; what is near it is too large for everybody.
const largestBody = 30_000_000;

/**
 * Judges an upstream's error by the table that names the party at fault. The evidence is taken in this order: Anthropic's error code, the status, the
 * vendor's type and code, and last what the message states. Total: every status has a row. An error inside a 200 goes through the same rows by its own status, type and code.
 */
export function judgeFailure(failure: Failure, facts: AttemptFacts): Judgement {
  return (
    byErrorCode(failure, facts) ??
    changedRequest(failure, facts) ??
    aboutTheRequest(failure, facts) ??
    byStatus(failure, facts) ??
    byWords(failure, facts) ??
    unclear(failure, "server-error")
  );
}

/** Judges an error by Anthropic's own code for it, which says more than its status and its words. */
function byErrorCode(failure: Failure, facts: AttemptFacts): Judgement | undefined {
  switch (failure.codeMeaning) {
    case "request":
      return forward(failure);
    case "elsewhere":
      return passedOn(failure, "client-error", { answer: "if-all" });
    case "model":
      return failure.isLongContext ? longContext(failure) : modelDenied(failure);
    case "account":
      return accountFailure(failure, facts);
    case "key-store":
      return failover(because("account", failure), "key", statedOrBase(failure, facts));
    case "transient":
      return unclear(failure, "server-error");
    case undefined:
      return undefined;
  }
}

/** Judges errors that are about this request, whatever the status. */
function aboutTheRequest(failure: Failure, facts: AttemptFacts): Judgement | undefined {
  const { status } = failure;
  // An unknown code is meant for the client's program, unless the account is stated to be the trouble.
  if ((status === 400 || status === 404) && failure.errorCode !== undefined && !failure.account)
    return forward(failure);
  if (failure.isToolUseFailure) return passedOn(failure, "tool-use-failed", { skipProvider: true });
  if (failure.overflow === undefined) return undefined;
  const retry = lowerMaxTokens(failure, facts);
  if (retry) return retry;
  return {
    ...passedOn(failure, "overflow", { answer: "always" }),
    overflow: failure.overflow.limit === undefined ? {} : { limit: failure.overflow.limit },
  };
}

/** The statuses that mean the same whatever the words are. */
function byStatus(failure: Failure, facts: AttemptFacts): Judgement | undefined {
  switch (failure.status) {
    case 401:
      return judgeCredential(failure, facts);
    case 402:
      return failure.statesAccountTrouble ? accountFailure(failure, facts) : authFailure(failure, "account");
    case 403:
    case 451:
      return judgeForbidden(failure, facts);
    case 404:
    case 405:
    case 501:
      return judgeNotFound(failure, facts);
    case 413:
      return judgeTooLarge(failure, facts);
    case 429:
      return judgeTooMany(failure, facts);
    case 503:
    case 529:
      return overloaded(failure, facts);
    case undefined:
    default:
      return undefined;
  }
}

/** Everything else: 400, 422 and the statuses that say little. */
function byWords(failure: Failure, facts: AttemptFacts): Judgement | undefined {
  const { status } = failure;
  // An error that names a place in the request is the request's fault, whatever its words.
  if ((status === 400 || status === 422) && failure.namesRequestPath) return forward(failure);
  if (failure.hasRateCode) return judgeRateLimit(failure, facts);
  if (status === undefined || (status >= 400 && status < 500)) {
    const judgement = byClientError(failure, facts);
    if (judgement) return judgement;
  }
  if (failure.isOverloaded) return overloaded(failure, facts);
  if (status !== 400 && status !== 422) return undefined;
  if (failure.isRelayFailure) return unclear(failure, "server-error");
  // No API answers with a page: it is of a proxy in front of one provider, and says little about the request.
  if (failure.isProxyPage) return passedOn(failure, "firewall", { answer: "if-all", skipProvider: true });
  // Another provider's model may have them; without tools an agent is none.
  if (refusesTools(failure, facts)) return passedOn(failure, "client-error", { answer: "if-all" });
  return lowerMaxTokens(failure, facts) ?? forward(failure);
}

/** A request of this length is not paid for here. */
function longContext(failure: Failure): Judgement {
  return passedOn(failure, "client-error", { answer: "if-all" });
}

/** Judges what a 4xx says about credential, service and model, whatever its number. */
function byClientError(failure: Failure, facts: AttemptFacts): Judgement | undefined {
  if (failure.isLongContext) return longContext(failure);
  if (failure.isRegionRefused) return regionRefused(failure);
  if (failure.account) return accountFailure(failure, facts);
  if (failure.isKeyRefused) return authFailure(failure, "auth");
  if (failure.isPerMinute && failure.isRateLimit) return judgeRateLimit(failure, facts);
  if (failure.isOverloaded) return overloaded(failure, facts);
  if (failure.isUnknownModel) return notFound(failure);
  if (failure.isStreamDenied) return passedOn(failure, "client-error", { answer: "if-all" });
  if (failure.isModelDenied) return modelDenied(failure);
  return undefined;
}

function judgeCredential(failure: Failure, facts: AttemptFacts): Judgement {
  if (failure.account) return accountFailure(failure, facts);
  if (failure.isUnknownModel) return notFound(failure);
  return failure.isModelDenied ? modelDenied(failure) : authFailure(failure, "auth");
}

/** 403: an account, a model, flagged input, a place in the request, a credential, or a firewall in front of the provider. */
function judgeForbidden(failure: Failure, facts: AttemptFacts): Judgement {
  const judgement = byClientError(failure, facts);
  if (judgement) return judgement;
  if (isAboutPlace(failure)) return passedOn(failure, "client-error", { answer: "if-all" });
  if (failure.isModerated) return passedOn(failure, "moderated", { answer: "if-all" });
  if (failure.isFirewall) return unclear(failure, "firewall");
  if (failure.status === 451) return unclear(failure, "server-error");
  return authFailure(failure, "auth");
}

/** Names a place or a parameter of the request, and no credential. */
function isAboutPlace({ namesRequestPath, text }: Failure): boolean {
  return (namesRequestPath || text.param !== undefined) && !/auth|permission/i.test(text.type ?? "");
}

function judgeNotFound(failure: Failure, facts: AttemptFacts): Judgement {
  if (failure.status !== 501 && failure.account) return accountFailure(failure, facts);
  return notFound(failure);
}

/** 413: a rate limit (Groq), a request too large for everybody, or one for the proxy in front of this relay alone. */
function judgeTooLarge(failure: Failure, facts: AttemptFacts): Judgement {
  if (failure.isRateLimit) return judgeRateLimit(failure, facts);
  if (failure.account) return accountFailure(failure, facts);
  const { requestBytes = 0 } = facts;
  const isAnthropic = failure.shape === "anthropic" && failure.isReply;
  if (isAnthropic || failure.text.type === "request_too_large" || requestBytes > largestBody) return forward(failure);
  return passedOn(failure, "client-error", { answer: "if-all", skipProvider: true });
}

function judgeTooMany(failure: Failure, facts: AttemptFacts): Judgement {
  if (failure.isLongContext) return longContext(failure);
  if (failure.isModelDenied) return modelDenied(failure);
  if (isOverloadedOnly(failure)) return overloaded(failure, facts);
  return judgeRateLimit(failure, facts);
}

function isOverloadedOnly(failure: Failure): boolean {
  return failure.isOverloaded && !failure.hasRateCode && failure.account === undefined && !failure.isPerMinute;
}

function overloaded(failure: Failure, facts: AttemptFacts): Judgement {
  return failover(because("overloaded", failure), "deployment", statedOrBase(failure, facts));
}
