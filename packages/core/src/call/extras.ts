import type { ProviderApi } from "../base/dialect-name.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { RequestExtras } from "../dialects/dialect.ts";
import { resolveProfile } from "../vendors/profile.ts";

type ExtraName = Exclude<keyof RequestExtras, "customTools">;

/** Members that compatible servers take in Chat Completions, by what they have in common with vLLM, llama.cpp and the hosted vendors. */
const commonInChat: readonly ExtraName[] = ["seed", "frequency_penalty", "presence_penalty", "logit_bias", "user"];

/** Members that OpenAI's own API takes; other servers refuse or ignore them. */
const ownInChat: readonly ExtraName[] = [
  "verbosity",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "metadata",
  "store",
];

const commonInResponses: readonly ExtraName[] = ["user", "metadata"];

const ownInResponses: readonly ExtraName[] = [
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "truncation",
];

/** Holds the extras of a client's request that a provider takes. */
export interface PlacedExtras {
  /** Members that are merged into the translated body. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** Target of a translated request. */
export interface ExtrasTarget {
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly dialect: ProviderApi;
}

// Members whose loss changes no answer, so that no warning is given for them.
const silent: ReadonlySet<string> = new Set(["include", "store", "reasoning_summary", "truncation"]);

/** Gives each member that the Messages API does not have its place in the request to a provider, or a warning where the provider has none. */
export function placeExtras(extras: RequestExtras, { provider, model, dialect }: ExtrasTarget): PlacedExtras {
  const members: Record<string, unknown> = {};
  const warnings: string[] = [];
  const taken = takenBy(provider, model, dialect);
  for (const [name, value] of Object.entries(extras)) {
    if (name === "customTools" || value === undefined) continue;
    if (taken.has(name)) members[name] = value;
    else if (!silent.has(name)) warnings.push(`${name} has no counterpart at this provider and was left out`);
  }
  return { members, warnings };
}

function takenBy(provider: ProviderConfig, model: string, dialect: ExtrasTarget["dialect"]): ReadonlySet<string> {
  if (dialect === "messages") return new Set();
  const { baseUrl, profile: override } = provider;
  // Only OpenAI's own API counts the tokens of a request.
  const isOwn = resolveProfile(override ? { baseUrl, model, override } : { baseUrl, model }).inputTokens;
  const [common, own] = dialect === "chat" ? [commonInChat, ownInChat] : [commonInResponses, ownInResponses];
  return new Set<string>(isOwn ? [...common, ...own] : common);
}
