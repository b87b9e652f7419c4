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

/** The members that clouds take of a request to Claude. Others are refused: "context_management: Extra inputs are not permitted" (anthropics/claude-code#49548). */
export const cloudMembers: readonly string[] = [...common, "output_config", "anthropic_version", "anthropic_beta"];

/** The same for Claude before 4.6: "output_config.effort: Extra inputs are not permitted" (anthropics/claude-code-action#1005). */
export const cloudMembersWithoutEffort: readonly string[] = [...common, "anthropic_version", "anthropic_beta"];

/** Claude before effort: 3, 4, 4.1, 4.5. */
export const claudeWithoutEffort: RegExp = /claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?!-[6-9])(?:\D|-\d{8}|$))/;

/** Claude before 4.8: "role 'system' is not supported on this model" (recorded 400). */
export const claudeWithoutSystemTurns: RegExp = /claude-(?:3|(?:opus|sonnet|haiku)-4(?!-[89]))/;
