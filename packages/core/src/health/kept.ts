import type { ProviderConfig } from "../config-types.ts";
import type { KeptHealth } from "./table.ts";

/** Which health outlives a reload: a provider with the same name, type and URL keeps it as long as one of its keys stays, each key its own. */
export function keptHealth(before: readonly ProviderConfig[], after: readonly ProviderConfig[]): KeptHealth {
  const old = new Map(before.map((provider) => [provider.name, provider]));
  return new Map(
    after.flatMap((provider) => {
      const keys = keptKeys(old.get(provider.name), provider);
      return keys === undefined ? [] : [[provider.name, keys] as const];
    }),
  );
}

function keptKeys(before: ProviderConfig | undefined, after: ProviderConfig): ReadonlyMap<number, number> | undefined {
  if (before === undefined || before.type !== after.type || before.baseUrl !== after.baseUrl) return undefined;
  if (before.auth.type === "passthrough" || after.auth.type === "passthrough") {
    return before.auth.type === after.auth.type ? new Map([[0, 0]]) : undefined;
  }
  if (before.auth.type !== after.auth.type) return undefined;
  const { keys } = after.auth;
  const kept = before.auth.keys.flatMap((key, from) => {
    const to = keys.indexOf(key);
    return to < 0 ? [] : [[from, to] as const];
  });
  return kept.length === 0 ? undefined : new Map(kept);
}
