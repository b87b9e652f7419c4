import type { Failure } from "../failures/failure.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import type { Charge, Cooldown, HealthScope, Judgement, Reason, ReasonClass, Suspect } from "../base/outcome.ts";
import { errorName } from "../base/reason.ts";

type Failover = Extract<Judgement, { type: "failover" }>;

const authCooldown: Cooldown = { kind: "fixed", ms: 10 * 60_000 };
const accountCooldown: Cooldown = { kind: "fixed", ms: 30 * 60_000 };
const baseCooldown: Cooldown = { kind: "base" };
// A shorter wait than this says nothing about an account that is used up.
const shortestRenewalMs = 60_000;

/** Returns the reason for a judgement on `failure`: its status and name, and for operators the provider's own words and its id of the request. */
export function because(reasonClass: ReasonClass, failure: Failure): Reason {
  const { words, requestId } = failure;
  const name = errorName(failure.text);
  return {
    class: reasonClass,
    detail: failure.isReply ? `HTTP ${failure.status}${name}` : `an error instead of an answer${name}`,
    ...(words !== undefined && { words }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** The client's own error: the upstream's answer goes to it. */
export function forward(failure: Failure): Judgement {
  return { type: "forward", reason: because("client-error", failure) };
}

/** The next candidate takes over, and `scope` is charged at once. */
export function failover(reason: Reason, scope: HealthScope, cooldown: Cooldown = baseCooldown): Failover {
  const isCredential = scope === "key" || scope === "key-deployment";
  return {
    type: "failover",
    reason,
    suspect: isCredential ? "credential" : "provider",
    charge: { scope, cooldown, when: "now" },
    skipProvider: scope === "provider",
  };
}

/** The next candidate takes over; what it costs this one is decided when the call ends. */
export function weighed(reason: Reason, scope: HealthScope = "deployment"): Failover {
  const charge: Charge = { scope, cooldown: baseCooldown, when: "weighed" };
  return { type: "failover", reason, suspect: "unclear", charge, skipProvider: true };
}

/** Judges like `weighed`, for an error that the upstream answered with. */
export function unclear(failure: Failure, reasonClass: ReasonClass): Failover {
  return weighed(because(reasonClass, failure));
}

/** The next candidate takes over, and nothing is charged: it is about this request. */
export function passedOn(
  failure: Failure,
  reasonClass: ReasonClass,
  { skipProvider = false, answer }: { readonly skipProvider?: boolean; readonly answer?: "if-all" | "always" } = {},
): Failover {
  const suspect: Suspect = "request";
  const reason = because(reasonClass, failure);
  return { type: "failover", reason, suspect, skipProvider, ...(answer !== undefined && { answer }) };
}

/** The credential is refused: 10 minutes, or as long as another `Cooldown` says. */
export function authFailure(failure: Failure, reasonClass: "auth" | "account"): Failover {
  return failover(because(reasonClass, failure), "key", authCooldown);
}

/** The account cannot pay, or is closed or bound to another use: 30 minutes, or the time that it states. */
export function accountFailure(failure: Failure, facts: AttemptFacts): Failover {
  const stated = failure.renewalMs(facts.wallNowMs) ?? failure.rateLimitWaitMs(facts.wallNowMs);
  const isStated = stated !== undefined && stated > shortestRenewalMs;
  const cooldown: Cooldown = isStated ? { kind: "stated", ms: stated } : accountCooldown;
  return failover(because("account", failure), "key", cooldown);
}

/** This account may not use the model; another key may, and this one may use others. */
export function modelDenied(failure: Failure): Failover {
  return { ...failover(because("account", failure), "key-deployment", accountCooldown), answer: "if-all" };
}

/** The provider does not have the model or the route: charged only if another attempt of the call is served. */
export function notFound(failure: Failure): Failover {
  return {
    type: "failover",
    reason: because("not-found", failure),
    suspect: "unclear",
    charge: { scope: "deployment", cooldown: baseCooldown, when: "if-served" },
    skipProvider: false,
    answer: "if-all",
  };
}

/** The provider does not serve the place that requests come from, whatever their key: charged only if another attempt of the call is served. */
export function regionRefused(failure: Failure): Failover {
  return { ...notFound(failure), reason: because("firewall", failure), skipProvider: true };
}

/** Returns `Retry-After`, or the base. 0 states nothing: a provider that is to be asked again at once has to prove itself after the base. */
export function statedOrBase(failure: Failure, facts: AttemptFacts): Cooldown {
  const ms = failure.retryAfterMs(facts.wallNowMs);
  return ms === undefined || ms === 0 ? baseCooldown : { kind: "stated", ms };
}
