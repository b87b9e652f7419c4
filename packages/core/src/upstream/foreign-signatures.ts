import type { ProviderConfig } from "../config-types.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { signatureOf, thinkingBlocks } from "./thinking.ts";

// A signature is a few hundred characters; its tail tells it apart as well as the whole.
const rememberedTail = 48;

/**
 * Thinking signatures that an API has refused, by signature domain: they were made elsewhere (signatures are scoped to the deployment that made
 * them), so the next request leaves them out at once instead of being refused again. Bounded; what was learned first is forgotten first.
 */
export class ForeignSignatures {
  readonly #limit: number;
  readonly #domains = new Map<string, Set<string>>();

  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** The provider refused the thinking of this request. */
  learn(provider: ProviderConfig, request: MessagesRequest): void {
    const domain = signatureDomain(provider);
    const known = this.#domains.get(domain) ?? new Set();
    this.#domains.set(domain, known);
    for (const block of thinkingBlocks(request)) known.add(signatureOf(block).slice(-rememberedTail));
    for (const oldest of known) {
      if (known.size <= this.#limit) break;
      known.delete(oldest);
    }
  }

  /** Tells the foreign blocks of a request to `provider`; undefined where nothing is known, so that nothing needs to be looked at. */
  detectorFor(provider: ProviderConfig): ((block: Readonly<Record<string, unknown>>) => boolean) | undefined {
    if (this.#domains.size === 0) return undefined;
    const known = this.#domains.get(signatureDomain(provider));
    if (!known) return undefined;
    return (block) => known.has(signatureOf(block).slice(-rememberedTail));
  }
}

function signatureDomain(provider: ProviderConfig): string {
  return provider.signatureDomain ?? new URL(provider.baseUrl).hostname;
}
