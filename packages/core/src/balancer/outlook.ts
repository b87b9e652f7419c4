import { type Choice, choose, probeAtMs } from "../policy/choose.ts";
import { heldUntilMs } from "../call/rank-candidates.ts";
import type { Candidate } from "../base/scope.ts";
import type { RankedCandidate } from "../policy/select.ts";
import type { Runtime, Snapshot } from "../call/runtime.ts";
import type { LearnedLimitStatus, NextRequest } from "../base/status-types.ts";

/** Facts about what a new request would meet now, for displays. */
export interface Outlook {
  readonly ranked: readonly RankedCandidate[];
  readonly choice: Choice;
  readonly nowMs: number;
  /** End of the first hold of an operator that keeps a further candidate out; `Infinity`: no hold ends. */
  readonly heldUntilMs: number;
  /** No candidate can serve, so that those whose cooldown is the balancer's own guess are probed before it is over. */
  readonly probesEarly: boolean;
}

/** Looks at ranked candidates as a new call would. `candidates`: all of them, also those that an operator has taken out of service. */
export function outlookOf(
  ranked: readonly RankedCandidate[],
  candidates: readonly Candidate[],
  { snapshot, runtime }: { readonly snapshot: Snapshot; readonly runtime: Runtime },
): Outlook {
  const nowMs = runtime.clock.now();
  const { lastResort } = snapshot.settings;
  const heldMs = heldUntilMs(runtime, candidates);
  const choice = choose(ranked, { nowMs, probesEarly: lastResort, heldUntilMs: heldMs });
  const canServe = ranked.some(({ obstacle }) => obstacle === "none" || obstacle === "full");
  return { ranked, choice, nowMs, heldUntilMs: heldMs, probesEarly: lastResort && !canServe };
}

/** In how many milliseconds a candidate may be probed although its cooldown is not over; null where it is not. */
export function nextProbeInMs(one: RankedCandidate, { probesEarly, nowMs }: Outlook): number | null {
  const atMs = probesEarly ? probeAtMs(one) : Number.POSITIVE_INFINITY;
  return Number.isFinite(atMs) || atMs < nowMs ? Math.max(0, atMs - nowMs) : null;
}

/** Computes what would happen to a new request: see `NextRequest`. */
export function nextRequest(outlook: Outlook, snapshot: Snapshot, { host, room }: Runtime): NextRequest {
  const { choice, nowMs } = outlook;
  const { queueTimeoutMs } = snapshot.settings;
  if (nowMs < host.nextTryAtMs) return waits("host", host.nextTryAtMs - nowMs);
  if (choice.type === "try") {
    const { candidate } = choice;
    const isOut = outlook.ranked.some((one) => one.candidate === candidate && one.availability.type === "open");
    return { type: isOut ? "probe" : "served", provider: candidate.provider };
  }
  if (choice.type === "wait") {
    const forMs = Math.max(0, choice.wakeAtMs - nowMs);
    const isWorthIt = queueTimeoutMs > 0 && !room.isFullFor(undefined) && (choice.isHeard || forMs <= queueTimeoutMs);
    const isFull = outlook.ranked.some(({ obstacle }) => obstacle === "full");
    const isHeld = choice.wakeAtMs === outlook.heldUntilMs;
    const waitsFor = isFull ? "room" : isHeld && !choice.isHeard ? "hold" : "probe";
    if (isWorthIt) return waits(waitsFor, Number.isFinite(forMs) ? forMs : null);
  }
  return { type: "refused", retryAfterMs: Math.max(1_000, soonestMs(outlook)) };
}

function waits(waitsFor: "room" | "probe" | "host" | "hold", forMs: number | null): NextRequest {
  return { type: "wait", waitsFor, forMs };
}

function soonestMs(outlook: Outlook): number {
  const waitsMs = outlook.ranked.map((one) => {
    const { availability } = one;
    const recoveryMs = availability.type === "open" ? availability.untilMs - outlook.nowMs : 0;
    return Math.min(recoveryMs, nextProbeInMs(one, outlook) ?? Number.POSITIVE_INFINITY);
  });
  return waitsMs.length === 0 ? 0 : waitsMs.reduce((least, ms) => Math.min(least, ms));
}

/** Returns the learned limits of one provider. Digests of clients' credentials stay out: their limits are given together, by model. */
export function learnedLimits(
  provider: string,
  isPassthrough: boolean,
  runtime: Runtime,
): readonly LearnedLimitStatus[] {
  const { limits, load, clock } = runtime;
  const byPlace = new Map<string, LearnedLimitStatus>();
  for (const [key, limit] of limits.isEmpty ? [] : limits.entries(clock.now())) {
    if (!key.startsWith(`${provider}\n`)) continue;
    const payer = key.slice(provider.length + 1);
    const end = payer.indexOf("\n");
    const model = payer.slice(end + 1);
    const keyIndex = isPassthrough ? null : Number(payer.slice(0, end));
    const place = `${keyIndex}\n${model}`;
    const known = byPlace.get(place);
    const own: LearnedLimitStatus = { keyIndex, model, limit, inFlight: load.underWay(key), credentials: 1 };
    const lowest = known && known.limit <= limit ? known : own;
    byPlace.set(place, { ...lowest, credentials: (known?.credentials ?? 0) + 1 });
  }
  return [...byPlace.values()];
}
