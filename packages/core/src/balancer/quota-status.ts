import type { QuotaStatus } from "../base/status-types.ts";
import type { Mutable } from "../base/mutable.ts";
import type { Runtime } from "../call/runtime.ts";

/** The most windows that a status lists for one provider; of a provider with many keys and models the first. */
const maxListed = 200;

/** Returns the quota windows of one provider, by key and length. Of clients' own credentials the most used one is given of each window, without its digest. */
export function quotaStatus(provider: string, { quotas, clock }: Runtime): readonly QuotaStatus[] {
  const byPlace = new Map<string, Mutable<QuotaStatus>>();
  for (const held of quotas.list(provider, clock.wallNow())) {
    const keyIndex = held.keyIndex ?? null;
    const model = held.model === "" ? null : held.model;
    for (const window of held.windows) {
      const place = JSON.stringify([keyIndex, model, window.name]);
      const known = byPlace.get(place);
      const credentials = (known?.credentials ?? 0) + 1;
      if (known === undefined || window.used > known.used) {
        byPlace.set(place, { ...window, keyIndex, model, credentials });
      } else known.credentials = credentials;
    }
  }
  return [...byPlace.values()].sort(byKeyAndLength).slice(0, maxListed);
}

function byKeyAndLength(a: QuotaStatus, b: QuotaStatus): number {
  return (a.keyIndex ?? -1) - (b.keyIndex ?? -1) || (a.lengthMs ?? 0) - (b.lengthMs ?? 0) || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
