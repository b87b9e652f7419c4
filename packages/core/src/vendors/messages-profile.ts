import type { NativeProfile, NativeProfileOverride } from "../base/profile-types.ts";
import type { MessagesRule } from "./vendor.ts";
import { vendors } from "./vendors.ts";

/** Profile that changes nothing that need not change: for Anthropic's own API, and for unknown ones. */
export const neutralNativeProfile: NativeProfile = {
  maxOutputTokens: null,
  contextWindow: null,
  midSystem: "system",
  bodyMembers: null,
  omit: [],
  images: true,
  files: true,
  toolSchema: "json-schema",
  omitSchema: [],
  omitBetas: [],
  betas: null,
  userId: "pass",
  effortWithoutThinking: true,
  dropsRefusedSampling: false,
  cacheMarks: null,
  checksSignatures: false,
  toolTurnThinking: "as-is",
  toolIds: "as-is",
  forcedCalls: "any",
  toolReferences: true,
};

const rules: readonly MessagesRule[] = vendors.flatMap(({ messages = [] }) => messages);

/** Returns the profile of a model at the host of `baseUrl`: neutral, then what is known of the host, then the override. */
export function resolveNativeProfile(
  baseUrl: string,
  model: string,
  override: NativeProfileOverride = {},
): NativeProfile {
  const hostname = /^https?:\/\/(?<host>[^/:]+)/i.exec(baseUrl)?.groups?.["host"]?.toLowerCase() ?? "";
  const name = model.toLowerCase();
  const known = rules.filter((rule) => rule.host.test(hostname) && (rule.model?.test(name) ?? true));
  const given = Object.entries(override).filter(([, value]) => value !== undefined);
  if (known.length === 0 && given.length === 0) return neutralNativeProfile;
  // Every member is there: the first layer has them all.
  return Object.assign(
    {},
    neutralNativeProfile,
    ...known.map(({ profile }) => profile),
    Object.fromEntries(given),
  ) as NativeProfile;
}

/** Decides whether a request to compact the conversation keeps the member that asks for it: without it the API would answer the conversation. */
export function takesCompaction({ bodyMembers, omit }: NativeProfile): boolean {
  return bodyMembers?.includes("compaction") !== false && !omit.includes("compaction");
}

/** Decides whether the profile changes nothing in a body. */
export function changesNothing(profile: NativeProfile): boolean {
  return (
    profile === neutralNativeProfile ||
    (profile.maxOutputTokens === null &&
      profile.contextWindow === null &&
      profile.midSystem === "system" &&
      profile.bodyMembers === null &&
      profile.omit.length === 0 &&
      profile.images &&
      profile.files &&
      profile.toolSchema === "json-schema" &&
      profile.omitSchema.length === 0 &&
      profile.userId === "pass" &&
      profile.effortWithoutThinking &&
      !profile.dropsRefusedSampling &&
      profile.cacheMarks === null &&
      profile.toolTurnThinking === "as-is" &&
      profile.toolIds === "as-is" &&
      profile.forcedCalls === "any" &&
      profile.toolReferences)
  );
}
