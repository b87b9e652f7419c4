import type { ProviderConfig } from "../config-types.ts";
/** What a request needs of a provider beyond text and function tools. */
export interface RequestNeeds {
  readonly serverTools: boolean;
  readonly images: boolean;
  readonly documents: boolean;
  /** Estimated prompt tokens plus nothing; 0 if not estimated. */
  readonly inputTokens: number;
}
/** What `provider` cannot do of `needs`, in words for explanations; empty if it can do all. */
export declare function lackingCapabilities(provider: ProviderConfig, needs: RequestNeeds): readonly string[];
