import { latencyAt } from "../health/latency.ts";
import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { PassedOver } from "../base/outcome.ts";
import type { Candidate } from "../base/scope.ts";
import { lackingCapabilities, type RequestNeeds } from "../policy/capability.ts";
import { type Choice, choose } from "../policy/choose.ts";
import { mapModel, atCloud } from "../policy/models.ts";
import { requestNeeds } from "../policy/request-needs.ts";
import { routeFor, type RouteTarget } from "../policy/routes.ts";
import { type RankedCandidate, type RankInput, rank } from "../policy/select.ts";
import { quotaStanding } from "./quota-standing.ts";
import { deploymentKey, payerKey, type Runtime, type Snapshot } from "./runtime.ts";
import { taughtProvider } from "./taught-provider.ts";
import { type PromptWeight, weighPrompt } from "../tokens/prompt-weight.ts";
import { textTokens } from "../tokens/text-tokens.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { keyCount } from "../dialects/headers.ts";

/** Everybody who could serve `model`, in order of preference: a matching route's candidates, else the enabled providers; each with each of its keys. */
export function candidatesFor(snapshot: Snapshot, model: string, pin: string | undefined): readonly Candidate[] {
  if (pin !== undefined) return listCandidates(snapshot, model, pin);
  const { candidates } = snapshot;
  const known = candidates.get(model);
  if (known) return known;
  const listed = listCandidates(snapshot, model, pin);
  candidates.set(model, listed);
  return listed;
}

/** The same candidates with the client's own login where that pays: its health is not that of other clients'. */
export function withLogin(
  snapshot: Snapshot,
  candidates: readonly Candidate[],
  request: ClientRequest,
): readonly Candidate[] {
  if (!snapshot.hasPassthrough) return candidates;
  return candidates.map((candidate) =>
    snapshot.providers.get(candidate.provider)?.auth.type === "passthrough"
      ? { ...candidate, login: request.loginDigest }
      : candidate,
  );
}

function listCandidates(snapshot: Snapshot, model: string, pin: string | undefined): readonly Candidate[] {
  const targets = routeFor(snapshot.config.routes ?? [], model) ?? providerTargets(snapshot, model);
  const candidates: Candidate[] = [];
  for (const target of targets) {
    const provider = snapshot.providers.get(target.provider);
    if (provider === undefined || provider.enabled === false || (pin !== undefined && provider.name !== pin)) continue;
    const model = target.isFinal ? target.model : atCloud(provider, target.model);
    for (let keyIndex = 0; keyIndex < keyCount(provider.auth); keyIndex += 1) {
      candidates.push({ provider: provider.name, keyIndex, model });
    }
  }
  return candidates;
}

function providerTargets(snapshot: Snapshot, model: string): RouteTarget[] {
  const targets: RouteTarget[] = [];
  for (const provider of snapshot.config.providers) {
    const mapped = mapModel(provider, model);
    if (mapped !== undefined) targets.push({ provider: provider.name, model: mapped, isFinal: true });
  }
  return targets;
}

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

function needsThatMatter(
  snapshot: Snapshot,
  ranked: readonly RankedCandidate[],
  request: ClientRequest,
): WeighedNeeds | undefined {
  const [first] = ranked;
  const provider = first && snapshot.providers.get(first.candidate.provider);
  const isAnother = ({ candidate }: RankedCandidate): boolean =>
    candidate.provider !== first?.candidate.provider || candidate.model !== first.candidate.model;
  if (!provider || !ranked.some(isAnother)) return undefined;
  if (isNative(provider.type) && surelyHolds(provider, request)) return undefined;
  const parsed = request.readable;
  if (parsed === undefined) return undefined;
  const isTight = ranked.some(({ candidate }) => {
    const other = snapshot.providers.get(candidate.provider);
    return other !== undefined && !surelyHolds(other, request);
  });
  const needs = requestNeeds(parsed, 0);
  const { prefersServerTools } = snapshot.settings;
  return {
    needs: { ...needs, serverTools: needs.serverTools && prefersServerTools },
    weight: isTight ? weighPrompt(parsed, textTokens) : undefined,
    isOfOpenAi: request.dialect !== "messages",
  };
}

/** Needs of a request; its tokens are estimated if a candidate's window may be too small. */
interface WeighedNeeds {
  readonly needs: RequestNeeds;
  readonly weight: PromptWeight | undefined;
  /** The client speaks an API of OpenAI's: its server tools are those of OpenAI's providers. */
  readonly isOfOpenAi: boolean;
}

// English and code in JSON have about four bytes a token, CJK two to three; so a short body fits whatever it holds, and is not parsed to know.
const fewestBytesPerToken = 1.5;

/** Decides by the length of the body alone whether the provider's window holds it for certain. */
function surelyHolds({ contextWindow }: ProviderConfig, request: ClientRequest | undefined): boolean {
  return (
    contextWindow === undefined ||
    (request !== undefined && request.bytes.length <= contextWindow * fewestBytesPerToken)
  );
}

/** Lists the abilities that a candidate lacks. Its window is compared with the estimate for its own model. */
function lacksOf(
  provider: ProviderConfig,
  model: string,
  { tokenFactors, learned, clock }: Runtime,
  { needs, weight, isOfOpenAi }: WeighedNeeds,
): readonly string[] {
  const inputTokens =
    weight && provider.contextWindow !== undefined ? tokenFactors.estimate(weight, provider.name, model) : 0;
  const serverTools = needs.serverTools && !(isOfOpenAi && provider.type === "openai");
  const taught = taughtProvider(provider, model, learned.find(provider.name, model, clock.now()));
  return lackingCapabilities(taught, model, { ...needs, serverTools, inputTokens });
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

/** The candidates but one; the rest where that is the first, which is the usual case. */
export function without(candidates: readonly Candidate[], candidate: Candidate): readonly Candidate[] {
  return candidates[0] === candidate ? candidates.slice(1) : candidates.filter((other) => other !== candidate);
}

/** Decides whether a candidate of another provider, in good health, is among `candidates`. */
export function hasHealthyOther(
  candidates: readonly Candidate[],
  { provider }: Candidate,
  { health, clock }: Runtime,
): boolean {
  const nowMs = clock.now();
  return candidates.some((other) => other.provider !== provider && health.availability(other, nowMs).type === "closed");
}
