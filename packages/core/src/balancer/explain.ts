import { learnedLimits, nextProbeInMs, nextRequest, type Outlook, outlookOf } from "./outlook.ts";
import { offerOf } from "../policy/capability.ts";
import type { Reason } from "../base/outcome.ts";
import { quotaStanding } from "../call/quota-standing.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import type { Candidate } from "../base/scope.ts";
import type { RankedCandidate } from "../policy/select.ts";
import type { Runtime, Snapshot } from "../call/runtime.ts";
import { learnedProfiles } from "../call/teach.ts";
import type { BalancerStatus, LearnedProfileStatus, NextRequest } from "../base/status-types.ts";

/** Route that a request for a model would take now. */
export interface Explanation {
  /** Model as the client names it. */
  readonly model: string;
  /**
   * Candidates in the order in which they would be tried. The first one takes the request if `nextRequest` says that
   * one is served.
   */
  readonly candidates: readonly ExplainedCandidate[];
  /** Providers that are not candidates, and why. */
  readonly others: readonly { readonly provider: string; readonly why: string }[];
  /** Fate of a new request for the model; `null`: no provider covers it, so that it is answered with 404. */
  readonly nextRequest: NextRequest | null;
  /** Calls that wait for room at a provider or for a probe. */
  readonly waiting: number;
  /** This machine or its network is suspected: see `BalancerStatus`. */
  readonly hostSuspicion: BalancerStatus["hostSuspicion"];
}

/** One key of a provider that could serve a model, and its place among the candidates. */
export interface ExplainedCandidate {
  /** Name of the provider. */
  readonly provider: string;
  /** Index of the key within the provider, from 0. */
  readonly keyIndex: number;
  /** Model that the provider would be asked for. */
  readonly upstreamModel: string;
  /**
   * `usable`: ready. `reserve`: full, being probed, out of quota, or unable to do part of what was asked. `open`:
   * cooling down.
   */
  readonly standing: RankedCandidate["standing"];
  /** Reason for the standing, as a sentence for people. */
  readonly why: string;
  /** Reason for the cooldown, with the provider's own words; `null`: it is not cooling down. */
  readonly reason: Reason | null;
  /** The learned limit of requests at once of this key at this model; null where none was learned. */
  readonly limit: number | null;
  /** Lessons that the provider's refusals of this model have taught; the balancer applies them to its requests. Null without lessons. */
  readonly learned: LearnedProfileStatus | null;
}

export function explainRanking(
  model: string,
  ranked: readonly RankedCandidate[],
  candidates: readonly Candidate[],
  state: { readonly snapshot: Snapshot; readonly runtime: Runtime },
): Explanation {
  const { snapshot, runtime } = state;
  const outlook = outlookOf(ranked, candidates, state);
  const facts: Facts = { outlook, snapshot, runtime, searcherAt: serverToolsAt(ranked, snapshot), ranked };
  const explained = ranked.map((one, index) => explainCandidate(one, index, facts));
  const named = new Set(explained.map(({ provider }) => provider));
  const others = snapshot.config.providers
    .filter(({ name }) => !named.has(name))
    .map(({ name, enabled }) => ({
      provider: name,
      why: otherText(name, enabled !== false, { model, runtime, nowMs: outlook.nowMs }),
    }));
  const { host, room } = runtime;
  const hostSuspicion = host.isSuspected ? { nextTryInMs: Math.max(0, host.nextTryAtMs - outlook.nowMs) } : null;
  const next = candidates.length === 0 ? null : nextRequest(outlook, snapshot, runtime);
  return { model, candidates: explained, others, nextRequest: next, waiting: room.size, hostSuspicion };
}

function otherText(
  name: string,
  isEnabled: boolean,
  { model, runtime, nowMs }: { readonly model: string; readonly runtime: Runtime; readonly nowMs: number },
): string {
  if (!isEnabled) return "is disabled";
  const hold = runtime.holds.list(nowMs).find(({ provider }) => provider === name);
  if (hold === undefined) return `covers no model named ${JSON.stringify(model)}`;
  const until = hold.remainingMs === null ? "until it is enabled again" : `for another ${duration(hold.remainingMs)}`;
  return `is ${hold.type === "disabled" ? "disabled" : "drained"} by an operator ${until}`;
}

interface Facts {
  readonly outlook: Outlook;
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
  readonly ranked: readonly RankedCandidate[];
  /** Rank at which requests start that offer a tool of Anthropic's servers; -1: where all others start. */
  readonly searcherAt: number;
}

function serverToolsAt(ranked: readonly RankedCandidate[], { settings, providers }: Snapshot): number {
  if (!settings.prefersServerTools) return -1;
  return ranked.findIndex(({ candidate, obstacle }) => {
    const provider = providers.get(candidate.provider);
    return obstacle === "none" && provider !== undefined && offerOf(provider, candidate.model).serverTools;
  });
}

function explainCandidate(one: RankedCandidate, index: number, facts: Facts): ExplainedCandidate {
  const { candidate, standing, availability } = one;
  const { provider, keyIndex, model } = candidate;
  const isPassthrough = facts.snapshot.providers.get(provider)?.auth.type === "passthrough";
  const learned = learnedLimits(provider, isPassthrough, facts.runtime).find(
    (limit) => limit.model === model && (limit.keyIndex === null || limit.keyIndex === keyIndex),
  );
  const configured = facts.snapshot.providers.get(provider);
  const lessons = configured && learnedProfiles(configured, facts.runtime.learned, facts.outlook.nowMs);
  const taught = lessons?.find((one) => one.model === model) ?? null;
  const logins = facts.runtime.health.status(provider, facts.outlook.nowMs).openLogins;
  const sentences = [
    standingText(one, index, facts),
    ...(learned === undefined
      ? []
      : [`learned limit: ${requestsAtOnce(learned.limit)}, ${learned.inFlight} under way`]),
    ...(taught === null ? [] : [learnedText(taught)]),
    ...(index < facts.searcherAt && one.obstacle === "none"
      ? [`a request that offers web search goes first to ${facts.ranked[facts.searcherAt]?.candidate.provider}`]
      : []),
    ...(logins === 0
      ? []
      : [`${logins} ${logins === 1 ? "client's own login is" : "clients' own logins are"} refused`]),
  ];
  return {
    provider,
    keyIndex,
    upstreamModel: model,
    standing,
    why: sentences.join("; "),
    reason: availability.type === "open" ? availability.reason : null,
    limit: learned?.limit ?? null,
    learned: taught,
  };
}

function learnedText({ lessons, line, remainingMs }: LearnedProfileStatus): string {
  const hours = Math.max(1, Math.ceil(remainingMs / 3_600_000));
  return `refusals have taught ${lessons.join(", ")}: ${line}, tested again within ${hours} h`;
}

function standingText(one: RankedCandidate, index: number, facts: Facts): string {
  const { availability, obstacle, candidate } = one;
  const { outlook, runtime } = facts;
  const isProbed = runtime.health.isProbed(candidate, outlook.nowMs);
  if (availability.type === "open") {
    const cooling = `cooling down for ${seconds(availability.untilMs - outlook.nowMs)} after ${reasonText(availability.reason)}`;
    const probe = isProbed ? "a probe is under way" : probeText(nextProbeInMs(one, outlook));
    return probe === undefined ? cooling : `${cooling}; ${probe}`;
  }
  if (obstacle === "full") return fullText(one, facts);
  if (isProbed) return "a probe is under way";
  if (runtime.host.isSuspected && index === 0) return hostText(runtime.host.nextTryAtMs - outlook.nowMs);
  if (availability.type === "half-open") return "its cooldown is over: the next request probes it";
  const quota = quotaText(one, index, facts);
  if (quota !== undefined) return quota;
  if (one.standing === "reserve") return "only where no other provider can serve";
  return index === 0 ? "takes the request" : "stands by, in this order";
}

function probeText(inMs: number | null): string | undefined {
  if (inMs === null) return undefined;
  return inMs <= 0
    ? "the next request probes it: no other provider can serve"
    : `is probed in ${seconds(inMs)}: no other provider can serve`;
}

/** Names the quota window that decided where a candidate stands; undefined where none did. */
function quotaText({ candidate, isLacking }: RankedCandidate, index: number, facts: Facts): string | undefined {
  const { snapshot, runtime } = facts;
  if (!snapshot.usesQuota || isLacking) return undefined;
  const { spent, lapsing } = quotaStanding(snapshot, runtime, candidate);
  const wallNowMs = runtime.clock.wallNow();
  if (spent !== undefined) {
    const reserve = snapshot.providers.get(candidate.provider)?.reserve ?? 0;
    const who =
      index === 0 ? "takes the request, since no other provider can serve" : "only where no other provider can serve";
    const kept = reserve === 0 ? "" : `, and ${reserve} % are kept back`;
    return `${who}: its window ${spent.name} is used to ${percent(spent.used)}${kept}${resetText(spent, wallNowMs)}`;
  }
  if (lapsing === undefined || snapshot.settings.selectionStrategy !== "drain_soonest") return undefined;
  const unused = `window ${lapsing.name} has ${percent(1 - lapsing.used)} unused`;
  const lapse = `${unused}, which lapse in ${duration((lapsing.resetsAtMs ?? wallNowMs) - wallNowMs)}`;
  return index === 0 ? `takes the request: its ${lapse}` : `stands by, in this order: its ${lapse}`;
}

function resetText({ resetsAtMs }: QuotaWindow, wallNowMs: number): string {
  return resetsAtMs === null ? "" : `; it resets in ${duration(resetsAtMs - wallNowMs)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

/** `45 s`, `12 min`, `5 h`, `3 d`: the largest unit of which there are at least two, rounded up. */
function duration(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 2) return seconds(ms);
  if (minutes < 120) return `${Math.ceil(minutes)} min`;
  return minutes < 2_880 ? `${Math.ceil(minutes / 60)} h` : `${Math.ceil(minutes / 1_440)} d`;
}

function fullText({ candidate }: RankedCandidate, { snapshot, runtime, outlook }: Facts): string {
  const { maxConcurrent } = snapshot.providers.get(candidate.provider) ?? {};
  const isConfigured = maxConcurrent !== undefined && runtime.load.of(candidate.provider).inFlight >= maxConcurrent;
  const what = isConfigured ? `its max_concurrent of ${requestsAtOnce(maxConcurrent)}` : "its learned limit";
  const isWaitedFor = outlook.choice.type === "wait";
  return `full: ${what} is reached${isWaitedFor ? ", and requests wait for room" : ""}`;
}

function hostText(inMs: number): string {
  const when = inMs <= 0 ? "with the next request" : `in ${seconds(inMs)}`;
  return `is tried ${when}: no provider could be connected to, so that this machine or its network is suspected`;
}

function requestsAtOnce(count: number): string {
  return `${count} ${count === 1 ? "request" : "requests"} at once`;
}

/** The class and the sentence of a reason, the provider's own words and its id of the request. */
function reasonText({ class: reasonClass, detail, words, requestId }: Reason): string {
  const said = words === undefined ? "" : `: “${words}”`;
  const id = requestId === undefined ? "" : `, request id ${requestId}`;
  return `${reasonClass} (${detail}${said}${id})`;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1_000))} s`;
}
