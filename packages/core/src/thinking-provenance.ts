import type { ProviderConfig } from "./config-types.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { ClientRequest } from "./upstream/client-request.ts";
import { asksForThinking, carriesThinking, thinkingProofs } from "./upstream/native-request.ts";
import type { RequestChanges } from "./upstream/request.ts";
import { signatureDomain } from "./upstream/signature-origins.ts";

/** What an attempt was made with, as far as its thinking goes. */
export interface ThinkingParts {
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly request: ClientRequest;
  readonly changes: RequestChanges;
}

/** What a refusal may be about. Worked out when it is asked for: only a few answers make it worth looking at the request again. */
export class AttemptThinking {
  readonly #parts: ThinkingParts;

  constructor(parts: ThinkingParts) {
    this.#parts = parts;
  }

  /** The request as sent carries thinking blocks. */
  get isCarried(): boolean {
    const { provider, model, request, changes } = this.#parts;
    return carriesThinking(provider, model, request, changes);
  }

  /** The request asks for thinking. */
  get isAskedFor(): boolean {
    return asksForThinking(this.#parts.request);
  }
}

/** The changes with which `provider` is tried first: without thinking that it is known not to accept. */
export function firstChanges(provider: ProviderConfig, { signatureOrigins }: Runtime): RequestChanges {
  const isKnown = provider.type === "anthropic" && !signatureOrigins.isEmpty;
  return {
    withoutThinking: false,
    maxTokens: undefined,
    isForeignProof: isKnown ? signatureOrigins.detectorFor(signatureDomain(provider)) : undefined,
  };
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
