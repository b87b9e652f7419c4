import type { RankedCandidate } from "./policy/select.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

/** How a request for a model would be routed now. */
export interface Explanation {
  readonly model: string;
  /** In the order in which they would be tried; the first is who takes the request, unless all are `open`. */
  readonly candidates: readonly ExplainedCandidate[];
  /** Providers that are not candidates, and why. */
  readonly others: readonly { readonly provider: string; readonly why: string }[];
}

/** One provider's key that could serve a model: what it would be asked for, where it stands, and why, in words for people. */
export interface ExplainedCandidate {
  readonly provider: string;
  readonly keyIndex: number;
  readonly upstreamModel: string;
  readonly standing: RankedCandidate["standing"];
  readonly why: string;
}

export function explainRanking(
  model: string,
  snapshot: Snapshot,
  runtime: Runtime,
  ranked: readonly RankedCandidate[],
): Explanation {
  const candidates = ranked.map(({ candidate, standing }, index) => ({
    provider: candidate.provider,
    keyIndex: candidate.keyIndex,
    upstreamModel: candidate.model,
    standing,
    why: why(index, standing, runtime, candidate),
  }));
  const named = new Set(candidates.map(({ provider }) => provider));
  const others = snapshot.config.providers
    .filter(({ name }) => !named.has(name))
    .map(({ name, enabled }) => ({
      provider: name,
      why: enabled === false ? "is disabled" : `covers no model named ${JSON.stringify(model)}`,
    }));
  return { model, candidates, others };
}

function why(
  index: number,
  standing: RankedCandidate["standing"],
  runtime: Runtime,
  candidate: RankedCandidate["candidate"],
): string {
  const nowMs = runtime.clock.now();
  const availability = runtime.health.availability(candidate, nowMs);
  switch (availability.type) {
    case "open": {
      const seconds = Math.ceil((availability.untilMs - nowMs) / 1_000);
      return `cooling down for ${seconds} s after ${availability.reason.class}`;
    }
    case "half-open":
      return availability.leaseFree ? "its cooldown is over: the next request probes it" : "a probe is under way";
    case "closed":
      if (standing === "reserve") return "only where nobody else can serve";
      return index === 0 ? "takes the request" : "stands by, in this order";
  }
}
