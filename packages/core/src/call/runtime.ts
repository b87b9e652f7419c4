import type { ScanBody } from "../bytes/scan-body.ts";
import { CredentialError, type Authorize } from "../base/authorize.ts";
import type { Lesson } from "../base/lesson.ts";
import { BoundedMap } from "../base/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import {
  type BalancerConfig,
  type BalancerSettings,
  type ProviderConfig,
  defaultSettings,
  isNative,
} from "../base/config-types.ts";
import type { EventEmitter } from "../base/event-emitter.ts";
import type { Holds } from "../health/holds.ts";
import type { HostGate } from "../health/host-gate.ts";
import { type Latency, nextLatency } from "../health/latency.ts";
import type { LearnedLimits } from "../health/learned-limits.ts";
import type { LearnedProfiles } from "../health/learned-profiles.ts";
import type { Candidate } from "../base/scope.ts";
import type { Quotas } from "../health/quotas.ts";
import type { HealthTable } from "../health/table.ts";
import type { ResetScope } from "../health/table-types.ts";
import type { SessionBindings } from "../policy/affinity.ts";
import type { classify } from "../policy/classify.ts";
import type { ResponseItems } from "./response-items.ts";
import type { ResponseOwners } from "./response-owners.ts";
import type { RetryBudget } from "../policy/retry-budget.ts";
import type { ProviderLoad } from "./provider-load.ts";
import type { TokenFactors } from "./token-factors.ts";
import type { LearnedDialects } from "./learned-dialects.ts";
import type { TracedAttempt } from "./trace-context.ts";
import type { WaitingRoom } from "./waiting-room.ts";
import { signatureDomain, type SignatureOrigins } from "./signature-origins.ts";

/** One configuration as the calls opened under it see it; a reload makes a new one and leaves this as it is. */
export interface Snapshot {
  readonly config: BalancerConfig;
  readonly settings: BalancerSettings;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** Any provider whose traffic is translated. */
  readonly hasTranslation: boolean;
  /** Candidates by the model's name, computed once (`candidatesFor`). */
  readonly candidates: BoundedMap<readonly Candidate[]>;
  /** Any provider that is paid with the client's own credential. */
  readonly hasPassthrough: boolean;
  /**
   * True if thinking signatures can reach an API that did not make them: anthropic providers of several signature
   * domains.
   */
  readonly hasForeignSignatures: boolean;
  /** True if quota windows influence decisions: a provider has a reserve, or the strategy is `drain_soonest`. */
  readonly usesQuota: boolean;
}

// An entry has a candidate for each key of each provider, so that it is the configuration that bounds its size.
const maxRememberedModels = 200;

/** Largest number of deployments in `Runtime.latencies`. */
export const maxLatencies = 1_000;

export function takeSnapshot(config: BalancerConfig): Snapshot {
  const settings: BalancerSettings = { ...defaultSettings, ...config.settings };
  const enabled = config.providers.filter((provider) => provider.enabled !== false);
  const native = enabled.filter(({ type }) => isNative(type));
  return {
    config,
    settings,
    providers: new Map(config.providers.map((provider) => [provider.name, provider])),
    hasTranslation: native.length < enabled.length,
    candidates: new BoundedMap(maxRememberedModels),
    hasPassthrough: enabled.some(({ auth }) => auth.type === "passthrough"),
    hasForeignSignatures: new Set(native.map(signatureDomain)).size > 1,
    usesQuota: settings.selectionStrategy === "drain_soonest" || enabled.some(({ reserve }) => reserve !== undefined),
  };
}

/** The mutable state of one balancer, shared by its calls. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: () => number;
  readonly classify: typeof classify;
  readonly scanBody: ScanBody | undefined;
  readonly generateId: (prefix: string) => string;
  /** Finds the function that gives a provider its credential. */
  readonly authorize: (provider: ProviderConfig) => Authorize | undefined;
  readonly health: HealthTable;
  readonly load: ProviderLoad;
  readonly limits: LearnedLimits;
  readonly quotas: Quotas;
  readonly host: HostGate;
  /** Holds of operators. */
  readonly holds: Holds;
  readonly budget: RetryBudget;
  readonly room: WaitingRoom;
  /** Time to first content, by `deploymentKey`. */
  readonly latencies: BoundedMap<Latency>;
  readonly sessions: SessionBindings;
  readonly responseOwners: ResponseOwners;
  readonly responseItems: ResponseItems;
  readonly dialects: LearnedDialects;
  readonly learned: LearnedProfiles;
  /** Keeps lessons of a provider and upstream model, and tells of those that are new. */
  readonly taught: (provider: string, model: string, lessons: readonly Lesson[]) => void;
  readonly signatureOrigins: SignatureOrigins;
  readonly tokenFactors: TokenFactors;
  readonly events: EventEmitter;
  /** Headers to add to the request of an attempt that has just been told of. */
  readonly attemptHeaders?: ((attempt: TracedAttempt) => Readonly<Record<string, string>> | undefined) | undefined;
}

/** Returns the function that gives a provider its credential; undefined where the request has one already. */
export function authorizeFor(provider: ProviderConfig, { authorize }: Runtime): Authorize | undefined {
  return provider.auth.type === "renewed" ? (authorize(provider) ?? withoutAuthorize) : undefined;
}

const withoutAuthorize: Authorize = () =>
  Promise.reject(new CredentialError("nothing gives it a credential: the balancer has no option authorize"));

/** Names a credential × model: the key or the client's login, and the upstream model. */
export function payerKey({ provider, keyIndex, login, model }: Candidate): string {
  return `${provider}\n${login ?? keyIndex}\n${model}`;
}

/**
 * Decides whether a name of `payerKey` belongs to the provider, and to the key and the model if the scope names them.
 */
export function isPayerOf(key: string, scope: ResetScope): boolean {
  const { provider, keyIndex, model } = scope;
  if (!key.startsWith(`${provider}\n`)) return false;
  const rest = key.slice(provider.length + 1);
  const end = rest.indexOf("\n");
  if (keyIndex !== undefined && rest.slice(0, end) !== String(keyIndex)) return false;
  return model === undefined || rest.slice(end + 1) === model;
}

/** Takes the time to first content of one answer into the estimate for its deployment. */
export function noteLatency(
  { latencies, clock }: Runtime,
  { provider, model }: Candidate,
  firstContentMs: number,
): void {
  const key = deploymentKey(provider, model);
  latencies.set(key, nextLatency(latencies.get(key), firstContentMs, clock.now()));
}

export function deploymentKey(provider: string, model: string): string {
  return `${provider}\n${model}`;
}
