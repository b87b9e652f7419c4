import type { QuotaWindow } from "../base/quota-window.ts";
import type { Candidate } from "../base/scope.ts";
import { lapsingWindow, spentWindow } from "../policy/quota.ts";
import type { RankInput } from "../policy/select.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

/** Returns the standing of the quota of a candidate's credential, by the windows that its provider has stated; see `RankInput`. */
export function quotaStanding(
  { settings, providers }: Snapshot,
  { quotas, clock }: Runtime,
  candidate: Candidate,
): QuotaStanding {
  const isDrained = settings.selectionStrategy === "drain_soonest";
  const reserve = providers.get(candidate.provider)?.reserve ?? (isDrained ? 0 : undefined);
  if (reserve === undefined) return noQuota;
  const nowMs = clock.wallNow();
  const windows = quotas.of(candidate, nowMs);
  if (windows === undefined) return noQuota;
  // Other hosts pass a key over for as long as they open a circuit.
  const believed = windows.filter(
    ({ isHearsay, heardAtMs }) => !isHearsay || nowMs - heardAtMs < settings.maxCooldownMs,
  );
  const spent = spentWindow(believed, reserve);
  const lapsing = lapsingWindow(windows);
  return { isSpent: spent !== undefined, spent, lapsing, lapsesAtMs: lapsing?.resetsAtMs ?? Infinity };
}

/** Names the verdict about a candidate's quota and the windows that it rests on. */
export interface QuotaStanding extends Pick<RankInput, "isSpent" | "lapsesAtMs"> {
  readonly spent?: QuotaWindow | undefined;
  readonly lapsing?: QuotaWindow | undefined;
}

const noQuota: QuotaStanding = {};
