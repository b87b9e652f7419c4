import { cloudBetas } from "./claude-clouds.ts";
import type { NativeProfile, NativeProfileOverride } from "../base/profile-types.ts";

/** Nothing is changed that does not have to be: Anthropic's own API, and those that nobody knows. */
export const neutralNativeProfile: NativeProfile = {
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
};

const commonMembers: readonly string[] = [
  "model",
  "messages",
  "max_tokens",
  "system",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "metadata",
];

/** What holds at a host, for all of its models or some; `host` is tested against the name alone. Later rows stand over earlier ones. */
interface NativeRule {
  readonly host: RegExp;
  readonly model?: RegExp;
  readonly profile: NativeProfileOverride;
}

// "Claude Platform on AWS" is Anthropic's own API, operated by Anthropic (docs.aws.amazon.com/claude-platform).
const platformOnAws = /^aws-external-anthropic\.[\w-]+\.api\.aws$/;
const aws = /^(?!aws-external-anthropic\.)(?:[^.]+\.)*(?:amazonaws\.com|api\.aws)$/;
const google = /(?:^|\.)googleapis\.com$/;
const cloud = /^(?!aws-external-anthropic\.)(?:[^.]+\.)*(?:amazonaws\.com|api\.aws|googleapis\.com)$/;
// "role 'system' is not supported on this model": before 4.8 (recorded 400).
const withoutSystemTurns = /claude-(?:3|(?:opus|sonnet|haiku)-4(?!-[89]))/;
// Before effort: 3, 4, 4.1, 4.5.
const withoutEffort = /claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?!-[6-9])(?:\D|-\d{8}|$))/;

const rules: readonly NativeRule[] = [
  { host: /(?:^|\.)anthropic\.com$/, profile: { checksSignatures: true } },
  { host: platformOnAws, profile: { checksSignatures: true } },
  { host: /(?:^|\.)(?:services\.ai\.azure\.com|azure-api\.net)$/, profile: { checksSignatures: true } },
  // "context_management: Extra inputs are not permitted" (anthropics/claude-code#49548); unknown betas are refused too.
  {
    host: cloud,
    profile: {
      checksSignatures: true,
      dropsRefusedSampling: true,
      cacheMarks: 4,
      bodyMembers: [...commonMembers, "output_config", "anthropic_version", "anthropic_beta"],
    },
  },
  { host: aws, profile: { betas: [...cloudBetas.bedrock.keys()] } },
  { host: google, profile: { betas: [...cloudBetas.vertex.keys()] } },
  // "output_config.effort: Extra inputs are not permitted" (anthropics/claude-code-action#1005).
  {
    host: cloud,
    model: withoutEffort,
    profile: { bodyMembers: [...commonMembers, "anthropic_version", "anthropic_beta"] },
  },
  { host: cloud, model: withoutSystemTurns, profile: { midSystem: "user" } },
  {
    host: /(?:^|\.)deepseek\.com$/,
    profile: {
      midSystem: "user", // api-docs.deepseek.com, "Messages API": user and assistant are the roles
      bodyMembers: [...commonMembers, "output_config"],
      userId: "hash", // ^[a-zA-Z0-9_-]+$ (cc-connect#864)
      effortWithoutThinking: false, // anthropics/claude-code#65863
      dropsRefusedSampling: true,
      toolTurnThinking: "always", // "content[].thinking must be passed back", an empty one will do (esengine/DeepSeek-Reasonix#8927)
    },
  },
  {
    host: /(?:^|\.)(?:moonshot\.(?:ai|cn)|kimi\.(?:com|ai))$/,
    profile: {
      midSystem: "user",
      bodyMembers: [...commonMembers, "output_config"],
      userId: "hash",
      dropsRefusedSampling: true,
      toolTurnThinking: "always", // "reasoning_content is missing in assistant tool call message" (continuedev/continue#11600)
    },
  },
  // At most 128 characters (axonhub#1669).
  {
    host: /(?:^|\.)(?:z\.ai|bigmodel\.cn|volces\.com)$/,
    profile: {
      midSystem: "user",
      bodyMembers: [...commonMembers, "output_config"],
      userId: "hash",
      dropsRefusedSampling: true,
    },
  },
];

/** The profile of a model at the host of `baseUrl`: neutral, then what is known of the host, then the override. */
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

/** Whether the profile asks for nothing to be changed in a body. */
export function changesNothing(profile: NativeProfile): boolean {
  return (
    profile === neutralNativeProfile ||
    (profile.midSystem === "system" &&
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
      profile.toolIds === "as-is")
  );
}
