import { CcpbError } from "./errors.ts";
import type { AttemptTrace } from "./events.ts";
import type { Reason } from "./policy/outcome.ts";

/** Why a provider did not serve: what it answered in this call, or why it is cooling down. */
export interface ProviderRefusal {
  readonly provider: string;
  readonly reason: Reason;
  /** Not tried in this call, because it is cooling down. */
  readonly isCooling: boolean;
}

/**
 * The 503 of a call that nobody served. Names and reason classes only: what upstreams said in detail is for the log. `x-should-retry: false` only
 * when every provider refuses the credentials.
 */
export function unavailable(
  refusals: readonly ProviderRefusal[],
  attempts: readonly AttemptTrace[],
  retryAfterMs: number,
): CcpbError {
  const reasons = refusals.map(
    ({ provider, reason, isCooling }) =>
      `${provider}: ${isCooling ? `cooling down after ${reason.class}` : reason.class}`,
  );
  const detail = reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
  const everyKeyIsRefused = refusals.length > 0 && refusals.every(({ reason }) => reason.class === "auth");
  return new CcpbError(
    "providers_unavailable",
    `All providers are currently unavailable. Please try again later.${detail}`,
    {
      status: 503,
      type: "api_error",
      attempts,
      retryAfterMs: Math.max(1_000, retryAfterMs),
      ...(everyKeyIsRefused && { shouldRetry: false }),
    },
  );
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
