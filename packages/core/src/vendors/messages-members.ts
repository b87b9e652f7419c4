import type { MessagesRule } from "./vendor.ts";

const common: readonly string[] = [
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

/** The members of a request that vendors of the Messages API other than Anthropic document. */
export const documentedMembers: readonly string[] = [...common, "output_config"];

// Others are refused: "context_management: Extra inputs are not permitted" (anthropics/claude-code#49548).
const cloudMembers: readonly string[] = [...common, "output_config", "anthropic_version", "anthropic_beta"];

// Before effort (3, 4, 4.1, 4.5): "output_config.effort: Extra inputs are not permitted" (anthropics/claude-code-action#1005).
const withoutEffort = /claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?!-[6-9])(?:\D|-\d{8}|$))/;
const membersWithoutEffort: readonly string[] = [...common, "anthropic_version", "anthropic_beta"];

// Before 4.8: "role 'system' is not supported on this model" (recorded 400).
const withoutSystemTurns = /claude-(?:3|(?:opus|sonnet|haiku)-4(?!-[89]))/;

/**
 * Returns the rules of Claude on a cloud.
 *
 * @param host - tested against the name alone.
 * @param betas - the values of `anthropic-beta` that the cloud knows.
 */
export function claudeOnCloud(host: RegExp, betas: readonly string[]): readonly MessagesRule[] {
  return [
    {
      host,
      profile: { checksSignatures: true, dropsRefusedSampling: true, cacheMarks: 4, bodyMembers: cloudMembers, betas },
    },
    { host, model: withoutEffort, profile: { bodyMembers: membersWithoutEffort } },
    { host, model: withoutSystemTurns, profile: { midSystem: "user" } },
  ];
}
