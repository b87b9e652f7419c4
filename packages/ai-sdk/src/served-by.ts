import type { Attempt } from "@ccpb/core";

/** Writes into a result's or a `finish` part's `providerMetadata.ccpb` which model served it, and how many attempts that took. */
export function servedBy<T extends object>(value: T, { provider, number }: Attempt): T {
  const metadata = "providerMetadata" in value ? value.providerMetadata : undefined;
  const others = typeof metadata === "object" && metadata !== null ? metadata : {};
  return { ...value, providerMetadata: { ...others, ccpb: { model: provider, attempts: number } } };
}
