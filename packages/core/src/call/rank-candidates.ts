import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { PassedOver } from "../base/outcome.ts";
import type { Candidate } from "../base/scope.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { latencyAt } from "../health/latency.ts";
import { type Choice, choose } from "../policy/choose.ts";
import { type RankedCandidate, type RankInput, rank } from "../policy/select.ts";
import { quotaStanding } from "./quota-standing.ts";
import { deploymentKey, payerKey, type Runtime, type Snapshot } from "./runtime.ts";
import { lacksOf, needsThatMatter, surelyHolds, type WeighedNeeds } from "./weighed-needs.ts";

/** Facts for ranking besides the candidates. */
export interface RankContext {
  readonly turn: number;
  readonly session: string | undefined;
  /** Absent for explanations, which have no request. */
  readonly request: ClientRequest | undefined;
}

/**
 * Chooses the candidate to try now, or a wait. If the order is the configured one, and the first in it that is not
 * cooling is an anthropic provider in good health, the others are not examined.
 */
export function chooseCandidate(
  snapshot: Snapshot,
  runtime: Runtime,
  candidates: readonly Candidate[],
  context: RankContext & { readonly mayLack: boolean },
): Choice {
  const { settings } = snapshot;
  const isPlain =
    settings.selectionStrategy === "priority" &&
    context.session === undefined &&
    runtime.holds.isEmpty &&
    !snapshot.usesQuota;
  const plain = isPlain ? firstPlainly(snapshot, runtime, candidates, context) : undefined;
  if (plain) return { type: "try", candidate: plain, isEarly: false };
  const ranked = rankCandidates(snapshot, runtime, candidates, context);
  const { mayLack } = context;
  const choice = choose(ranked, {
    nowMs: runtime.clock.now(),
    probesEarly: settings.lastResort,
    heldUntilMs: heldUntilMs(runtime, candidates, context.session),
    mayLack,
  });
  if (choice.type !== "try") return choice;
  const passedOver = passedOverFor(choice.candidate, ranked, candidates);
  return passedOver.length === 0 ? choice : { ...choice, passedOver };
}

/** The providers that stand before the chosen one in the configuration, are free, and cannot do something that the request needs. */
function passedOverFor(
  chosen: Candidate,
  ranked: readonly RankedCandidate[],
  candidates: readonly Candidate[],
): readonly PassedOver[] {
  const lacking = ranked.filter(({ isLacking, obstacle }) => isLacking && obstacle === "none");
  if (lacking.length === 0) return [];
  const before = new Set(candidates.slice(0, candidates.indexOf(chosen)));
  const named = new Map<string, readonly string[]>();
  for (const { candidate, lacks } of lacking) if (before.has(candidate)) named.set(candidate.provider, lacks);
  named.delete(chosen.provider);
  return [...named].map(([provider, lacks]) => ({ provider, lacks }));
}

function firstPlainly(
  snapshot: Snapshot,
  runtime: Runtime,
  candidates: readonly Candidate[],
  { request }: RankContext,
): Candidate | undefined {
  const nowMs = runtime.clock.now();
  for (const candidate of candidates) {
    const provider = snapshot.providers.get(candidate.provider);
    if (!provider) return undefined;
    const { type } = runtime.health.availability(candidate, nowMs);
    if (type === "open") continue;
    const isUsable = type === "closed" && !isFull(provider, candidate, runtime);
    const needsNoLook = isNative(provider.type) && surelyHolds(provider, request);
    return isUsable && needsNoLook ? candidate : undefined;
  }
  return undefined;
}

/**
 * Decides whether a candidate's provider, or its learned limit for this credential and model, has no room for one
 * more request.
 */
export function isFull(provider: ProviderConfig, candidate: Candidate, { load, limits, clock }: Runtime): boolean {
  const { maxConcurrent } = provider;
  if (maxConcurrent !== undefined && load.of(provider.name).inFlight >= maxConcurrent) return true;
  if (limits.isEmpty) return false;
  const key = payerKey(candidate);
  const learned = limits.at(key, clock.now());
  return learned !== undefined && load.underWay(key) >= learned;
}

/**
 * Ranks the candidates in the order in which they would be tried now. The needs of the request are read, which
 * requires parsing it, only where they can change the order: if a translated or limited provider would come first and
 * another could come instead.
 */
export function rankCandidates(
  snapshot: Snapshot,
  runtime: Runtime,
  candidates: readonly Candidate[],
  context: RankContext,
): readonly RankedCandidate[] {
  const boundProvider = boundProviderOf(context.session, runtime);
  const options = {
    strategy: snapshot.settings.selectionStrategy,
    random: runtime.random,
    turn: context.turn,
    ...(boundProvider !== undefined && { boundProvider }),
  };
  const { request } = context;
  const free = notHeld(candidates, runtime, boundProvider);
  const ranked = rank(rankInputs(snapshot, runtime, free, { request }), options);
  const needs = request && needsThatMatter(snapshot, ranked, request);
  return needs ? rank(rankInputs(snapshot, runtime, free, { request, needs }), options) : ranked;
}

function boundProviderOf(session: string | undefined, { sessions, clock }: Runtime): string | undefined {
  return session === undefined ? undefined : sessions.boundProvider(session, clock.now());
}

/**
 * Computes when the first of `candidates` that operators have taken out of service comes back by itself; `Infinity`:
 * none does.
 */
export function heldUntilMs(runtime: Runtime, candidates: readonly Candidate[], session?: string): number {
  const { holds, clock } = runtime;
  if (holds.isEmpty) return Number.POSITIVE_INFINITY;
  const nowMs = clock.now();
  const boundProvider = boundProviderOf(session, runtime);
  return candidates.reduce((first, one) => {
    const endsAtMs = holds.endsAtMs(one, nowMs, one.provider === boundProvider);
    return endsAtMs > nowMs ? Math.min(first, endsAtMs) : first;
  }, Number.POSITIVE_INFINITY);
}

/** The candidates that no operator has taken out of service. */
function notHeld(
  candidates: readonly Candidate[],
  { holds, clock }: Runtime,
  boundProvider: string | undefined,
): readonly Candidate[] {
  if (holds.isEmpty) return candidates;
  const nowMs = clock.now();
  return candidates.filter((one) => holds.keepsOut(one, nowMs, one.provider === boundProvider) === undefined);
}

function rankInputs(
  snapshot: Snapshot,
  runtime: Runtime,
  candidates: readonly Candidate[],
  { request, needs }: { readonly request: ClientRequest | undefined; readonly needs?: WeighedNeeds },
): readonly RankInput[] {
  const nowMs = runtime.clock.now();
  const isRepeat = request && ((digest: string): boolean => digest === request.digest);
  const inputs: RankInput[] = [];
  for (const candidate of candidates) {
    const provider = snapshot.providers.get(candidate.provider);
    if (!provider) continue;
    const latency = runtime.latencies.get(deploymentKey(candidate.provider, candidate.model));
    inputs.push({
      candidate,
      availability: runtime.health.availability(candidate, nowMs, isRepeat),
      lacks: needs ? lacksOf(provider, candidate.model, runtime, needs) : [],
      inFlight: runtime.load.of(provider.name).inFlight,
      isFull: isFull(provider, candidate, runtime),
      ...(provider.weight !== undefined && { weight: provider.weight }),
      ...(latency && { latencyMs: latencyAt(latency, nowMs) }),
      ...(snapshot.usesQuota && quotaStanding(snapshot, runtime, candidate)),
    });
  }
  return inputs;
}
