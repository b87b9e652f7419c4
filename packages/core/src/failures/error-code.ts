import type { AnthropicErrorType } from "../base/errors.ts";

/**
 * Meaning of one of Anthropic's error codes (`error.details.error_code`).
 *
 * - `request`: the request, or what it names, is at fault; the same everywhere.
 * - `elsewhere`: this request is not served here; another credential or provider may serve it.
 * - `model`: this credential may not use the model.
 * - `account`: no request with this credential is served.
 * - `key-store`: the encryption key of the credential's workspace cannot be reached for the moment.
 * - `transient`: the same request may be served in a moment.
 */
export type ErrorCodeMeaning = "request" | "elsewhere" | "model" | "account" | "key-store" | "transient";

/**
 * The codes with which the Messages API answers, from the types of Anthropic's SDK (`@anthropic-ai/sdk` 1.14, `ErrorDetails`), which says of each when it
 * comes, that the words beside it may change, and that an unknown one says no more than the error's type; and those that Claude Code 2.1.332 acts on.
 * Codes that a status says enough of, such as `ramp_limit_exceeded`, have no row.
 */
const meanings: Readonly<Record<string, ErrorCodeMeaning>> = {
  // Claude Code asks again without what is refused.
  advisor_tool_unavailable: "request",
  mid_conversation_system_not_supported: "request",
  mid_conversation_tool_changes_not_supported: "request",
  tool_search_not_allowed: "request",
  // A request that the organization's own rules refuse goes to no other provider.
  dlp_request_denied: "request",
  policy_blocked: "request",
  safety_monitor_blocked: "request",

  available_tools_limit_exceeded: "request",
  compaction_block_ambiguous: "request",
  compaction_block_misplaced: "request",
  compaction_content_mismatch: "request",
  compaction_incomplete_turn: "request",
  compaction_nothing_to_summarize: "request",
  compaction_too_many_tool_references: "request",
  compaction_tool_changes_mismatch: "request",
  file_expired: "request",
  file_not_downloadable: "request",
  image_dimensions_too_large: "request",
  request_body_encoding_invalid: "request",
  request_body_encoding_unsupported: "request",
  request_body_too_large_after_decoding: "request",
  storage_quota_exceeded: "request",
  thread_already_continued: "request",
  thread_continue_in_flight: "request",
  thread_fingerprint_mismatch: "request",
  thread_not_found: "request",
  thread_unsupported_request: "request",
  tool_name_conflict: "request",
  tool_reference_unresolved: "request",
  unsupported_charset: "request",
  // The client names in a header the customer to bill. Another provider would bill another one.
  linked_organization_billing_unavailable: "request",
  linked_organization_spend_limit_reached: "request",
  user_profile_billing_not_authorized: "request",
  user_profile_not_billable: "request",
  user_profile_not_found: "request",
  user_profile_required: "request",

  claude_code_version_too_old: "elsewhere",
  cmek_not_approved: "elsewhere",
  // The workspace that made the signature can read it.
  compaction_signature_invalid: "elsewhere",
  organization_not_enrolled_in_beta: "elsewhere",
  organization_type_not_supported: "elsewhere",
  parent_organization_required: "elsewhere",
  program_use_case_not_held: "elsewhere",
  sandbox_egress_restricted: "elsewhere",
  skill_read_blocked_undecryptable: "elsewhere",
  storage_not_approved: "elsewhere",
  workspace_human_review_disabled: "elsewhere",

  credits_required: "model",
  model_access_suspended: "model",

  claude_code_key_creator_not_member: "account",
  cmek_key_disabled: "account",
  cmek_key_network_blocked: "account",
  contract_spend_limit_reached: "account",
  enforced_spend_limit_reached: "account",
  extra_usage_out_of_credits: "account",
  organization_on_hold: "account",

  cmek_context_unavailable: "key-store",
  cmek_key_unreachable: "key-store",

  compaction_unavailable: "transient",
  request_body_timeout: "transient",
};

/**
 * Returns what an error code of the Messages API means; undefined for one that is not in the table. The same word as another vendor's code may mean
 * something else: the caller must know that the code is Anthropic's.
 */
export function errorCodeMeaning(code: string): ErrorCodeMeaning | undefined {
  return Object.hasOwn(meanings, code) ? meanings[code] : undefined;
}

/** Every code of the table. */
export const errorCodes: readonly string[] = Object.keys(meanings);

const messagesTypes: ReadonlySet<unknown> = new Set<AnthropicErrorType>([
  "invalid_request_error",
  "authentication_error",
  "billing_error",
  "permission_error",
  "not_found_error",
  "rate_limit_error",
  "timeout_error",
  "api_error",
  "overloaded_error",
  "conflict_error",
  "request_too_large",
]);

/** Decides whether an error's type is one of the Messages API. */
export function isMessagesType(type: unknown): boolean {
  return messagesTypes.has(type);
}
