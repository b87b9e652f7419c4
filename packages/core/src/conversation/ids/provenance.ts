import { shortHash } from "./tool-names.ts";

/**
 * Maker of reasoning that only its maker can read: the provider, by any unique name, and the upstream's name of the
 * model.
 */
export interface Provenance {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

/**
 * Decides whether reasoning that `maker` made may be sent to `target`. Signatures and encrypted reasoning are bound
 * to the maker and the model: an API refuses those of another one ("Corrupted thought signature.", "encrypted content
 * could not be verified"). Unknown parts on either side do not count.
 */
export function isOwnReasoning(maker: Provenance, target: Provenance): boolean {
  return isSameProvider(maker, target) && matches(maker.model?.toLowerCase(), target.model?.toLowerCase());
}

/** Decides whether `maker` and `target` are one provider, with any model; unknown ones count as the same. */
export function isSameProvider(maker: Provenance, target: Provenance): boolean {
  return matches(maker.provider, target.provider);
}

/** Returns a short text that stands for `maker` inside a tool id: two hashes of 8 hex digits, `provider.model`; the first one is empty where the provider is not known. */
export function provenanceTag({ provider, model }: Provenance): string {
  return `${provider === undefined ? "" : shortHash(provider)}.${model === undefined ? "" : shortHash(model.toLowerCase())}`;
}

/** Decides like `isOwnReasoning`, for tags; an absent tag counts as its own. */
export function isOwnTag(tag: string | undefined, target: Provenance): boolean {
  if (tag === undefined) return true;
  const [provider, model] = tag.split(".");
  const [ownProvider, ownModel] = provenanceTag(target).split(".");
  return matches(provider || undefined, ownProvider || undefined) && matches(model || undefined, ownModel || undefined);
}

function matches(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
