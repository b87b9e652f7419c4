import { keyCount } from "../dialects/headers.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { Candidate } from "../base/scope.ts";
import { mapModel, atCloud } from "../policy/models.ts";
import { routeFor, type RouteTarget } from "../policy/routes.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

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

/** Returns the same candidates with the client's own login where that pays: its health is not that of other clients'. */
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

/** Returns the candidates but one; the rest where that is the first, which is the usual case. */
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
