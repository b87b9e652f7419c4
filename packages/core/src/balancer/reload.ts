import type { BalancerConfig, ProviderConfig } from "../base/config-types.ts";
import type { KeptHealth } from "../health/table-types.ts";
import { isSameCredential, keptKeys } from "../dialects/headers.ts";

/** Names of the providers that a reload touched. */
export interface ReloadSummary {
  /** Providers that are new. */
  readonly added: readonly string[];
  /** Providers that are gone. */
  readonly removed: readonly string[];
  /** Providers whose configuration changed. */
  readonly changed: readonly string[];
  /** Providers without a change. */
  readonly kept: readonly string[];
}

/**
 * Returns which providers stay what they were, and which health therefore stays true (`kept`): the same name and URL, and of the keys those that are
 * still there. `keys` has, for every provider of both configurations, the old and new indexes of its keys.
 */
export function compareConfigs(
  before: BalancerConfig,
  after: BalancerConfig,
): { readonly summary: ReloadSummary; readonly kept: KeptHealth; readonly keys: KeptHealth } {
  const old = new Map(before.providers.map((provider) => [provider.name, provider]));
  const summary = { added: [] as string[], removed: [] as string[], changed: [] as string[], kept: [] as string[] };
  const kept = new Map<string, ReadonlyMap<number, number>>();
  const moves = new Map<string, ReadonlyMap<number, number>>();
  for (const provider of after.providers) {
    const previous = old.get(provider.name);
    old.delete(provider.name);
    if (!previous) {
      summary.added.push(provider.name);
      continue;
    }
    if (isSame(previous, provider)) summary.kept.push(provider.name);
    else summary.changed.push(provider.name);
    const keys = keptKeys(previous.auth, provider.auth);
    moves.set(provider.name, keys);
    const isSamePlace = previous.baseUrl === provider.baseUrl && previous.type === provider.type;
    if (isSamePlace && keys.size > 0) kept.set(provider.name, keys);
  }
  for (const name of old.keys()) summary.removed.push(name);
  return { summary, kept, keys: moves };
}

function isSame(one: ProviderConfig, other: ProviderConfig): boolean {
  const { auth: oneAuth, ...oneRest } = one;
  const { auth: otherAuth, ...otherRest } = other;
  return isSameCredential(oneAuth, otherAuth) && JSON.stringify(oneRest) === JSON.stringify(otherRest);
}

/**
 * Decides whether lessons about a provider still hold after a reload: the configured profile that they change must be
 * the same.
 */
export function isTaughtAlike(before: ProviderConfig | undefined, after: ProviderConfig | undefined): boolean {
  const profiles = [before, after].map((one) => JSON.stringify([one?.profile ?? {}, one?.nativeProfile ?? {}]));
  return profiles[0] === profiles[1];
}
