import type { Profile, ProfileOverride } from "../base/profile-types.ts";
import { vendors } from "./vendors.ts";

/** Host and model whose profile is resolved. Without host and URL only the model counts. */
export interface ProfileQuery {
  /** URL of the provider; its host is used. */
  readonly baseUrl?: string;
  /** Host, as `name` or `name:port`; wins over `baseUrl`. */
  readonly host?: string;
  /** Upstream's name of the model. */
  readonly model: string;
  /** Members that win over the tables. */
  readonly override?: ProfileOverride;
}

/**
 * Profile of an API that no row of the vendors' tables knows: OpenAI's Chat Completions as every server has it.
 * System turns are folded into user messages, schemas keep to the common subset, and `strict` is not sent, because
 * some vendor answers each of these with 400.
 *
 * @example
 * ```ts
 * console.log(neutralProfile.maxTokensField); // max_tokens
 * ```
 */
export const neutralProfile: Profile = {
  maxOutputTokens: null,
  contextWindow: null,
  maxTokensField: "max_tokens",
  streamUsage: true,
  sampling: true,
  topK: false,
  temperatureRange: null,
  stopLimit: 4,
  systemRole: "system",
  midSystem: "user",
  contentParts: true,
  images: true,
  imageUrls: true,
  files: false,
  toolResultImages: "user-message",
  emptyToolResult: "",
  toolIdFormat: "openai",
  toolIdLimit: 64,
  alternate: false,
  prefill: "pass",
  bridgeAfterTools: false,
  cacheControl: "strip",
  maxTools: 128,
  toolSchema: "common",
  omitSchema: [],
  strictTools: false,
  toolChoice: "named",
  toolStream: false,
  parallelToolCalls: true,
  jsonSchema: true,
  reasoning: "none",
  thinkingOff: true,
  efforts: ["low", "medium", "high"],
  effortWithTools: true,
  reasoningHistory: "drop",
  thoughtSignatures: "drop",
  thinkTags: false,
  user: "drop",
  promptCacheKey: false,
  serviceTier: false,
  responsesFor: "none",
  webSearch: false,
  webSearchSources: false,
  encryptedReasoning: true,
  messagePhases: false,
  reasoningSummary: true,
  inputTokens: false,
  omit: [],
  extraBody: {},
};

const modelRules = vendors.flatMap(({ models = [] }) => models);
const hostRules = vendors.flatMap(({ hosts = [] }) => hosts);

/**
 * Resolves the profile of a model at a host: `neutralProfile`, then the model's family, the vendor and the override,
 * each over the one before.
 *
 * @param query - host and model.
 * @returns a new profile.
 * @example
 * ```ts
 * const profile = resolveProfile({ host: "api.openai.com", model: "gpt-5.6", override: { stopLimit: 2 } });
 * console.log(profile.stopLimit); // 2
 * ```
 */
export function resolveProfile(query: ProfileQuery): Profile {
  const host = queriedHost(query);
  const model = query.model.toLowerCase();
  const layers: ProfileOverride[] = [neutralProfile];
  for (const rule of modelRules) if (rule.model.test(model)) layers.push(rule.profile);
  for (const rule of hostRules) {
    if (rule.host.test(host) && (rule.model?.test(model) ?? true)) layers.push(rule.profile);
  }
  if (query.override) layers.push(withoutUndefined(query.override));
  // Every member is there: the first layer has them all, and no later one holds undefined.
  return Object.assign({}, ...layers) as Profile;
}

/** Returns the host of a query, as `name` or `name:port`; "" where it names none. */
export function queriedHost({ host, baseUrl }: ProfileQuery): string {
  return host ?? (baseUrl === undefined ? "" : hostOf(baseUrl));
}

function hostOf(baseUrl: string): string {
  try {
    return new URL(baseUrl).host;
  } catch {
    return baseUrl; // a bare host name
  }
}

function withoutUndefined(override: ProfileOverride): ProfileOverride {
  return Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined));
}
