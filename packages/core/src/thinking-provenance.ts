import type { ProviderConfig } from "./config-types.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { ClientRequest } from "./upstream/client-request.ts";
import { thinkingProofs } from "./upstream/native-request.ts";
import { signatureDomain } from "./upstream/signature-origins.ts";

/** Tells the thinking that `provider` is known not to accept; undefined where none is known. */
export function foreignProofs(provider: ProviderConfig, runtime: Runtime): ((proof: string) => boolean) | undefined {
  if (provider.type !== "anthropic" || runtime.signatureOrigins.isEmpty) return undefined;
  return runtime.signatureOrigins.detectorFor(signatureDomain(provider));
}

/** Who takes note of the signatures that `provider` makes; undefined where nobody needs to know. */
export function signatureListener(
  provider: ProviderConfig,
  snapshot: Snapshot,
  runtime: Runtime,
): ((proof: string) => void) | undefined {
  if (provider.type !== "anthropic" || !snapshot.hasForeignSignatures) return undefined;
  return (proof) => runtime.signatureOrigins.learnMade(signatureDomain(provider), proof);
}

/** Takes note that `provider` refused the thinking of the request. */
export function learnRefusal(provider: ProviderConfig | undefined, request: ClientRequest, runtime: Runtime): void {
  if (provider?.type !== "anthropic") return;
  runtime.signatureOrigins.learnRefused(signatureDomain(provider), thinkingProofs(request));
}
