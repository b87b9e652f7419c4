import { isFull } from "./rank-candidates.ts";
import { CcpbError } from "../base/errors.ts";
import type { AttemptTrace } from "../base/events.ts";
import type { Candidate } from "../base/scope.ts";
import type { Availability } from "../health/table.ts";
import type { Reason } from "../base/outcome.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

/** State of a candidate's provider at the end of a call. */
export interface Standing {
  readonly provider: string;
  readonly availability: Availability;
  /** It has no room for one more request at once. */
  readonly isFull?: boolean;
}

/** Reads the state of the candidates of a call now. */
export function standingOf(
  candidates: readonly Candidate[],
  snapshot: Snapshot,
  runtime: Runtime,
): readonly Standing[] {
  const nowMs = runtime.clock.now();
  return candidates.map((candidate) => {
    const provider = snapshot.providers.get(candidate.provider);
    return {
      provider: candidate.provider,
      availability: runtime.health.availability(candidate, nowMs),
      isFull: provider !== undefined && isFull(provider, candidate, runtime),
    };
  });
}

/** Further facts for the 503 of a call. */
export interface UnavailableFacts {
  readonly attempts: readonly AttemptTrace[];
  readonly nowMs: number;
  /** Circuits whose cooldown is the balancer's own guess are probed before it is over. */
  readonly probesEarly?: boolean;
  /** Time of the next try, if this machine or its network is suspected. */
  readonly hostTryAtMs?: number | undefined;
}

/**
 * Makes the 503 of a call that no provider served. For each provider it names its answer in this call (`tried`), or
 * the reason for its cooldown, as names and reason classes only: details of upstreams belong in the log.
 * `retryAfterMs` is the soonest recovery. `x-should-retry: false` is set only if every provider refuses every key.
 */
export function unavailable(
  standing: readonly Standing[],
  tried: ReadonlyMap<string, Reason>,
  { attempts, nowMs, probesEarly = false, hostTryAtMs }: UnavailableFacts,
): CcpbError {
  const reasons = new Map<string, string>();
  let soonestMs = Number.POSITIVE_INFINITY;
  for (const { provider, availability, isFull } of standing) {
    soonestMs = Math.min(soonestMs, waitMs(availability, nowMs, probesEarly));
    if (isFull && !tried.has(provider)) reasons.set(provider, `${provider}: at its limit of requests at once`);
    const answered = tried.get(provider);
    const reason = answered ?? (availability.type === "open" ? availability.reason : undefined);
    if (!reason || reasons.has(provider)) continue;
    const text = answered ? reasonText(reason) : `cooling down after ${reason.class}`;
    reasons.set(provider, `${provider}: ${text}`);
  }
  if (hostTryAtMs !== undefined) soonestMs = Math.max(soonestMs, hostTryAtMs - nowMs);
  const host =
    hostTryAtMs === undefined
      ? ""
      : " No connection to any provider came about: this machine or its network may be at fault.";
  const detail = reasons.size === 0 ? "" : ` (${[...reasons.values()].join("; ")})`;
  return new CcpbError(
    "providers_unavailable",
    `All providers are currently unavailable. Please try again later.${detail}${host}`,
    {
      status: 503,
      type: "api_error",
      attempts,
      retryAfterMs: Math.max(1_000, Number.isFinite(soonestMs) ? soonestMs : 0),
      ...(standing.length > 0 && standing.every(isRefused) && { shouldRetry: false }),
    },
  );
}

/** Our own trouble is named: its cause is not the provider's words, and the client's machine may be ours. */
function reasonText({ class: reasonClass, detail }: Reason): string {
  return reasonClass === "host" ? `host (${detail})` : reasonClass;
}

function waitMs(availability: Availability, nowMs: number, probesEarly: boolean): number {
  if (availability.type !== "open") return 0;
  const atMs = probesEarly ? Math.min(availability.untilMs, availability.probeAtMs) : availability.untilMs;
  return Math.max(0, atMs - nowMs);
}

/** A provider may have several keys: one that is only out for a while makes waiting worth it. */
function isRefused({ availability }: Standing): boolean {
  return availability.type === "open" && availability.reason.class === "auth";
}

/**
 * Makes the error for a request that could not be made for a provider: the translator's own refusal, or a fault of
 * ccpb's that must not keep the other providers from being tried.
 */
export function translationRefusal(provider: string, error: unknown): CcpbError {
  if (error instanceof CcpbError) return error;
  return new CcpbError("invalid_request", `The request could not be translated for ${provider}`, {
    status: 500,
    type: "api_error",
    cause: error,
  });
}
