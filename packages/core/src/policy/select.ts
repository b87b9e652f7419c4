import type { SelectionStrategy } from "../base/config-types.ts";
import type { Availability } from "../health/cells.ts";
import type { Candidate } from "../base/scope.ts";

/** A candidate with what ranking needs to know of it. Candidates come in order of preference; the keys of a provider stand together. */
export interface RankInput {
  readonly candidate: Candidate;
  readonly availability: Availability;
  /** Abilities that the request needs and the provider lacks (`lackingCapabilities`). */
  readonly lacks: readonly string[];
  /** Attempts under way at the provider. */
  readonly inFlight: number;
  readonly maxConcurrent?: number;
  /** A learned limit of its credential × model is reached. */
  readonly isFull?: boolean;
  /** Default 1; 0 means only when no other is left. */
  readonly weight?: number;
  /** Time to first content (`latencyAt`); absent before the first. */
  readonly latencyMs?: number;
  /** A quota window of its credential leaves no more than the reserve (`spentWindow`). */
  readonly isSpent?: boolean;
  /** For `drain_soonest`: when its unused quota lapses (`lapsingWindow`), `Infinity` where none does; absent before its first answer. */
  readonly lapsesAtMs?: number;
}

export interface RankOptions {
  readonly strategy: SelectionStrategy;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** For `round_robin`: how many calls for this model came before. */
  readonly turn: number;
  /** The provider that the session is bound to, if any. */
  readonly boundProvider?: string;
}

/**
 * `usable` at once; `reserve`: only when no usable one is left (its quota is down to the reserve, a probe is under way, it is full, or lacks something);
 * `open`: cooling.
 */
export type Standing = "usable" | "reserve" | "open";

/**
 * Obstacle that keeps a candidate from being tried now: none, a probe under way, its limit of requests at once, or
 * its cooldown.
 */
export type Obstacle = "none" | "probed" | "full" | "cooling";

export interface RankedCandidate {
  readonly candidate: Candidate;
  readonly standing: Standing;
  readonly obstacle: Obstacle;
  /** It cannot do something that the request needs: `lacks` is not empty. */
  readonly isLacking: boolean;
  /** Names what it cannot do, as `lackingCapabilities` does; empty where it can do all. */
  readonly lacks: readonly string[];
  readonly availability: Availability;
}

/**
 * Returns an order of all candidates: the usable ones by strategy, the bound provider first; then the reserves, those that lack nothing before those that
 * do; then the open ones, the soonest to recover first. A half-open candidate whose lease is free counts as closed.
 */
export function rank(inputs: readonly RankInput[], options: RankOptions): readonly RankedCandidate[] {
  const isAsGiven = options.strategy === "priority" && options.boundProvider === undefined;
  // Each credential has quota of its own: there the keys of a provider are compared, too.
  const grouped = (): Group[] =>
    options.strategy === "drain_soonest" ? inputs.map((input): Group => [input]) : groupsOf(inputs);
  const ordered = isAsGiven ? inputs : orderedGroups(grouped(), options).flat();
  return ordered
    .map((input) => ({ input, tier: tierOf(input) }))
    .sort((a, b) => a.tier - b.tier || recoveryMs(a.input) - recoveryMs(b.input))
    .map(({ input, tier }) => ({
      candidate: input.candidate,
      standing: standingOf(tier),
      obstacle: obstacleOf(input),
      isLacking: input.lacks.length > 0,
      lacks: input.lacks,
      availability: input.availability,
    }));
}

const usableTier = 0;
const openTier = 8;

/** 0: usable; 1 its quota is down to the reserve; 2 a probe is under way; 3 full; 4–7 the same, but lacking something that the request needs; 8 open. */
export function tierOf(input: RankInput): number {
  const lacking = input.lacks.length === 0 ? 0 : 4;
  switch (obstacleOf(input)) {
    case "none":
      return usableTier + lacking + (input.isSpent === true ? 1 : 0);
    case "probed":
      return 2 + lacking;
    case "full":
      return 3 + lacking;
    case "cooling":
      return openTier;
  }
}

function obstacleOf({ availability, inFlight, maxConcurrent, isFull }: RankInput): Obstacle {
  if (availability.type === "open") return "cooling";
  if (isFull === true || (maxConcurrent !== undefined && inFlight >= maxConcurrent)) return "full";
  return availability.type === "half-open" && !availability.leaseFree ? "probed" : "none";
}

function standingOf(tier: number): Standing {
  if (tier === usableTier) return "usable";
  return tier === openTier ? "open" : "reserve";
}

function recoveryMs({ availability }: RankInput): number {
  return availability.type === "open" ? availability.untilMs : 0;
}

/** The keys of one deployment. But for `drain_soonest`, strategies choose between deployments; within one, the keys keep their order. */
type Group = readonly [RankInput, ...RankInput[]];

function groupsOf(inputs: readonly RankInput[]): Group[] {
  const groups = new Map<string, [RankInput, ...RankInput[]]>();
  for (const input of inputs) {
    const { provider, model } = input.candidate;
    const name = `${provider}\n${model}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [input]);
    else group.push(input);
  }
  return [...groups.values()];
}

function orderedGroups(groups: readonly Group[], options: RankOptions): readonly Group[] {
  const ordered = byStrategy(groups, options);
  const { boundProvider } = options;
  if (boundProvider === undefined) return ordered;
  const isBound = (group: Group): boolean => group[0].candidate.provider === boundProvider;
  return [...ordered.filter(isBound), ...ordered.filter((group) => !isBound(group))];
}

function byStrategy(groups: readonly Group[], options: RankOptions): readonly Group[] {
  switch (options.strategy) {
    case "priority":
      return groups;
    case "round_robin":
      return rotated(groups, options.turn);
    case "weighted":
      return sortedBy(groups, ([{ weight = 1 }]) => weightedKey(weight, options.random()));
    case "random":
      return sortedBy(groups, () => options.random());
    case "least_latency":
      return sortedBy(groups, ([input]) => expectedWaitMs(input));
    case "least_busy":
      return sortedBy(groups, ([{ inFlight }]) => inFlight);
    case "drain_soonest":
      return sortedBy(groups, ([input]) => lapseKey(input));
  }
}

function sortedBy(groups: readonly Group[], keyOf: (group: Group) => number): readonly Group[] {
  return groups
    .map((group) => ({ group, key: keyOf(group) }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key - b.key))
    .map(({ group }) => group);
}

/** Turns among the usable alone: otherwise the neighbour of one that is out would get its share besides its own. */
function rotated(groups: readonly Group[], turn: number): readonly Group[] {
  const isUsable = (group: Group): boolean => group.some((input) => tierOf(input) === usableTier);
  const usable = groups.filter(isUsable);
  if (usable.length === 0) return groups;
  const start = turn % usable.length;
  return [...usable.slice(start), ...usable.slice(0, start), ...groups.filter((group) => !isUsable(group))];
}

/** Sorting by this draws a random order in which each comes next in proportion to its weight (Efraimidis and Spirakis 2006). */
export function weightedKey(weight: number, random: number): number {
  return weight > 0 ? -Math.log(1 - random) / weight : Infinity;
}

/** Returns the wait to expect, with the attempts under way in front; an unmeasured provider is tried once, and then waited for. */
export function expectedWaitMs({ latencyMs, inFlight }: Pick<RankInput, "latencyMs" | "inFlight">): number {
  if (latencyMs !== undefined) return latencyMs * (inFlight + 1);
  return inFlight === 0 ? 0 : Number.MAX_SAFE_INTEGER + inFlight;
}

/** Returns the time at which unused quota lapses. A credential that has never answered is tried once, so that its windows become known. */
function lapseKey({ lapsesAtMs, inFlight }: Pick<RankInput, "lapsesAtMs" | "inFlight">): number {
  return lapsesAtMs ?? (inFlight === 0 ? 0 : Infinity);
}
