import { CcpbError } from "./errors.ts";
import type { AttemptTrace } from "./events.ts";
import type { Availability } from "./health/table.ts";
import type { Reason } from "./policy/outcome.ts";

/** How a candidate's provider stands at the end of a call. */
export interface Standing {
  readonly provider: string;
  readonly availability: Availability;
}

/**
 * The 503 of a call that nobody served: per provider what it answered in this call (`tried`), or why it is cooling down. Names and reason classes
 * only: what upstreams said in detail is for the log. `retryAfterMs` is the soonest recovery; `x-should-retry: false` only where every provider
 * refuses every key.
 */
export function unavailable(
  standing: readonly Standing[],
  tried: ReadonlyMap<string, Reason>,
  { attempts, nowMs }: { readonly attempts: readonly AttemptTrace[]; readonly nowMs: number },
): CcpbError {
  const reasons = new Map<string, string>();
  let soonestMs = Number.POSITIVE_INFINITY;
  for (const { provider, availability } of standing) {
    const openMs = availability.type === "open" ? availability.untilMs - nowMs : 0;
    soonestMs = Math.min(soonestMs, openMs);
    const answered = tried.get(provider);
    const reason = answered ?? (availability.type === "open" ? availability.reason : undefined);
    if (!reason || reasons.has(provider)) continue;
    const text = answered ? reason.class : `cooling down after ${reason.class}`;
    reasons.set(provider, `${provider}: ${text}`);
  }
  const detail = reasons.size === 0 ? "" : ` (${[...reasons.values()].join("; ")})`;
  return new CcpbError(
    "providers_unavailable",
    `All providers are currently unavailable. Please try again later.${detail}`,
    {
      status: 503,
      type: "api_error",
      attempts,
      retryAfterMs: Math.max(1_000, Number.isFinite(soonestMs) ? soonestMs : 0),
      ...(standing.length > 0 && standing.every(isRefused) && { shouldRetry: false }),
    },
  );
}

/** A provider may have several keys: one that is only out for a while makes waiting worth it. */
function isRefused({ availability }: Standing): boolean {
  return availability.type === "open" && availability.reason.class === "auth";
}

/** Why a request could not be made for a provider: the translator's own refusal, or a fault of ours that must not take the other providers' chance. */
export function translationRefusal(provider: string, error: unknown): CcpbError {
  if (error instanceof CcpbError) return error;
  return new CcpbError("invalid_request", `The request could not be translated for ${provider}`, {
    status: 500,
    type: "api_error",
    cause: error,
  });
}
