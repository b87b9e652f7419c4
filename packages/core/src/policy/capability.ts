import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import { profileOf } from "../dialects/messages/request.ts";
import { takesCompaction } from "../vendors/messages-profile.ts";
import { resolveProfile } from "../vendors/profile.ts";

/** Abilities that a request needs of a provider beyond text and function tools. */
export interface RequestNeeds {
  /** A tool that Anthropic's servers run, such as web search. */
  readonly serverTools: boolean;
  /** The server is asked to summarise the conversation, instead of an answer. */
  readonly compaction: boolean;
  readonly images: boolean;
  /** PDFs and other files. */
  readonly documents: boolean;
  /** The estimated prompt, for the provider and model in question; 0 if not estimated. */
  readonly inputTokens: number;
}

/** Abilities of a provider beyond text and function tools. */
export interface ProviderOffer {
  readonly serverTools: boolean;
  readonly compaction: boolean;
  readonly images: boolean;
  readonly documents: boolean;
  /** Tokens; undefined if not known. */
  readonly contextWindow: number | undefined;
}

/**
 * Reads the abilities of `provider` with `model`: an anthropic one has all that its profile does not leave out, an openai one those of the profile of the
 * model there.
 */
export function offerOf(provider: ProviderConfig, model: string): ProviderOffer {
  const { baseUrl, contextWindow, profile: override, nativeProfile } = provider;
  if (isNative(provider.type)) {
    const { images = true, files = true } = nativeProfile ?? {};
    const compaction = takesCompaction(profileOf(provider, model));
    return { serverTools: true, compaction, images, documents: files, contextWindow };
  }
  const { images, files } = resolveProfile(override ? { baseUrl, model, override } : { baseUrl, model });
  return { serverTools: false, compaction: false, images, documents: files, contextWindow };
}

/** Lists the abilities in `needs` that `provider` lacks with `model`, in words for explanations; empty: it has all. */
export function lackingCapabilities(provider: ProviderConfig, model: string, needs: RequestNeeds): readonly string[] {
  const offer = offerOf(provider, model);
  const lacking: string[] = [];
  if (needs.serverTools && !offer.serverTools) lacking.push("server tools");
  if (needs.compaction && !offer.compaction) lacking.push("compaction");
  if (needs.images && !offer.images) lacking.push("images");
  if (needs.documents && !offer.documents) lacking.push("documents");
  if (offer.contextWindow !== undefined && needs.inputTokens > offer.contextWindow) lacking.push("context window");
  return lacking;
}

/** Returns the candidates whose known context window is larger than that of `failed`: its stated `limit` in tokens, else the one that is configured for it. */
export function windowsBeyond(
  limit: number | undefined,
  failed: Candidate,
  others: readonly Candidate[],
  providers: ReadonlyMap<string, ProviderConfig>,
): readonly Candidate[] {
  const windowOf = (name: string): number | undefined => providers.get(name)?.contextWindow;
  const overflowed = limit ?? windowOf(failed.provider) ?? 0;
  return others.filter((other) => (windowOf(other.provider) ?? 0) > overflowed);
}
