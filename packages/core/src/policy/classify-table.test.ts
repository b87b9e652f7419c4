import { describe, expect, test } from "vitest";
import { errorFailure } from "../conversation/answer/answer-body.ts";
import { responsesFailure } from "../dialects/responses/failure.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classify } from "./classify.ts";
import type { HeaderMap, Judgement, Outcome } from "../base/outcome.ts";

interface Row {
  readonly what: string;
  readonly status: number;
  readonly error: Readonly<Record<string, unknown>>;
  /** `forward`, or suspect, scope, cooldown and when it is charged, and how it answers the client. */
  readonly expected: string;
}

const codes: readonly [expected: string, ...codes: readonly (readonly [status: number, code: string])[]][] = [
  [
    "forward",
    [400, "image_dimensions_too_large"],
    [400, "tool_search_not_allowed"],
    [400, "mid_conversation_system_not_supported"],
    [403, "dlp_request_denied"],
    [400, "safety_monitor_blocked"],
    [400, "compaction_block_misplaced"],
    [400, "tool_name_conflict"],
    [404, "thread_not_found"],
    [413, "request_body_too_large_after_decoding"],
    [402, "linked_organization_spend_limit_reached"],
    [403, "user_profile_not_billable"],
  ],
  [
    "request - if-all",
    [400, "claude_code_version_too_old"],
    [400, "compaction_signature_invalid"],
    [400, "organization_not_enrolled_in_beta"],
    [400, "workspace_human_review_disabled"],
    [400, "program_use_case_not_held"],
    [403, "sandbox_egress_restricted"],
    [409, "skill_read_blocked_undecryptable"],
  ],
  ["credential key-deployment fixed:1800 now if-all", [429, "credits_required"], [403, "model_access_suspended"]],
  [
    "credential key fixed:1800 now",
    [400, "organization_on_hold"],
    [429, "extra_usage_out_of_credits"],
    [400, "claude_code_key_creator_not_member"],
    [400, "cmek_key_disabled"],
    [429, "contract_spend_limit_reached"],
    [429, "enforced_spend_limit_reached"],
  ],
  ["credential key base now", [503, "cmek_key_unreachable"], [503, "cmek_context_unavailable"]],
  ["unclear deployment base weighed", [400, "request_body_timeout"], [529, "compaction_unavailable"]],
];

// Anthropic says that the words beside a code may change. These would mislead.
const misleading = [
  "no",
  "Your credit balance is too low to access the Anthropic API.",
  "invalid x-api-key",
  "prompt is too long: 250000 tokens > 200000 maximum",
  "messages.1.content.0: Invalid `signature` in `thinking` block",
  "Overloaded",
];

const codeRows: readonly Row[] = codes.flatMap(([expected, ...each]) =>
  each.flatMap(([status, code]) =>
    misleading.map((message) => ({
      what: `${code} beside "${message}"`,
      status,
      error: { type: "invalid_request_error", message, details: { error_code: code } },
      expected,
    })),
  ),
);

/** The table of who is at fault, row by row, where the error itself says enough to be known without its status. */
const rows: readonly Row[] = [
  ...codeRows,
  {
    what: "authentication",
    status: 401,
    error: { type: "authentication_error", message: "no" },
    expected: "credential key fixed:600 now",
  },
  {
    what: "a refused key",
    status: 400,
    error: { code: "invalid_api_key", message: "Incorrect API key provided: x." },
    expected: "credential key fixed:600 now",
  },
  {
    what: "permission",
    status: 403,
    error: { type: "permission_error", message: "no" },
    expected: "credential key fixed:600 now",
  },
  {
    what: "an unpaid account",
    status: 400,
    error: { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." },
    expected: "credential key fixed:1800 now",
  },
  {
    what: "a used up quota",
    status: 429,
    error: {
      type: "insufficient_quota",
      code: "insufficient_quota",
      message: "You exceeded your current quota, please check your plan and billing details.",
    },
    expected: "credential key fixed:1800 now",
  },
  {
    what: "extra usage",
    status: 400,
    error: {
      type: "invalid_request_error",
      message: "You're out of extra usage. Add more at claude.ai/settings/usage and keep going.",
    },
    expected: "credential key fixed:1800 now",
  },
  {
    what: "a rate limit that states nothing",
    status: 429,
    error: { type: "rate_limit_error", message: "Slow down." },
    expected: "credential key-deployment short now limit",
  },
  {
    what: "a rate limit with a wait",
    status: 429,
    error: { type: "rate_limit_error", message: "Please try again in 20s." },
    expected: "credential key-deployment stated:20 now",
  },
  {
    what: "a limit per minute",
    status: 429,
    error: { code: "rate_limit_exceeded", message: "Rate limit reached on tokens per min (TPM): Limit 6000" },
    expected: "credential key-deployment fixed:60 now",
  },
  {
    what: "Groq's 413",
    status: 413,
    error: {
      code: "rate_limit_exceeded",
      type: "tokens",
      message: "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 8000",
    },
    expected: "credential key-deployment fixed:60 now",
  },
  {
    what: "long context",
    status: 429,
    error: { type: "rate_limit_error", message: "Extra usage is required for long context requests." },
    expected: "request - if-all",
  },
  {
    what: "long context, in the words of 2026",
    status: 429,
    error: { type: "rate_limit_error", message: "Usage credits are required for long context requests." },
    expected: "request - if-all",
  },
  {
    what: "a model that the plan does not include",
    status: 429,
    error: { type: "rate_limit_error", message: "Usage credits are required for Claude Fable 5.1." },
    expected: "credential key-deployment fixed:1800 now if-all",
  },
  {
    what: "a suspended model",
    status: 403,
    error: { type: "permission_error", message: "The model claude-fable-5-1 is suspended for this organization." },
    expected: "credential key-deployment fixed:1800 now if-all",
  },
  {
    what: "an error code beside a relay's own code",
    status: 400,
    error: { type: "invalid_request_error", code: 400, message: "no", details: { error_code: "organization_on_hold" } },
    expected: "credential key fixed:1800 now",
  },
  {
    what: "the edge in front of Anthropic's API",
    status: 403,
    error: { type: "forbidden", message: "Request not allowed" },
    expected: "unclear deployment base weighed",
  },
  {
    what: "overload",
    status: 529,
    error: { type: "overloaded_error", message: "Overloaded" },
    expected: "provider deployment base now",
  },
  {
    what: "overload as a 400",
    status: 400,
    error: { type: "overloaded_error", message: "The engine is currently overloaded" },
    expected: "provider deployment base now",
  },
  {
    what: "an unknown model",
    status: 404,
    error: { code: "model_not_found", message: "The model `x` does not exist" },
    expected: "unclear deployment base if-served if-all",
  },
  {
    what: "an unknown model as a 400",
    status: 400,
    error: { code: "model_not_found", message: "no such thing" },
    expected: "unclear deployment base if-served if-all",
  },
  {
    what: "a relay's own failure",
    status: 400,
    error: { type: "invalid_request_error", message: "upstream request failed" },
    expected: "unclear deployment base weighed",
  },
  {
    what: "an overflow",
    status: 400,
    error: { type: "invalid_request_error", message: "prompt is too long: 250000 tokens > 200000 maximum" },
    expected: "request - always 200000",
  },
  {
    what: "an overflow by code",
    status: 400,
    error: { code: "context_length_exceeded", message: "no" },
    expected: "request - always",
  },
  {
    what: "a tool call that the model botched",
    status: 400,
    error: { code: "tool_use_failed", message: "no" },
    expected: "request -",
  },
  {
    what: "a request that is too large for the API",
    status: 413,
    error: { type: "request_too_large", message: "no" },
    expected: "forward",
  },
  {
    what: "an invalid request",
    status: 400,
    error: { type: "invalid_request_error", message: "messages.0.content: Field required" },
    expected: "forward",
  },
  {
    what: "a failure of the server's",
    status: 500,
    error: { type: "api_error", message: "Internal server error" },
    expected: "unclear deployment base weighed",
  },
  {
    what: "a timeout of the server's",
    status: 504,
    error: { type: "timeout_error", message: "no" },
    expected: "unclear deployment base weighed",
  },
];

const base: AttemptFacts = {
  providerType: "anthropic",
  stream: true,
  hasContent: false,
  hasThinking: false,
  retried: new Set(),
  wallNowMs: 1_800_000_000_000,
};

const kinds = {
  anthropic: { facts: base, wrap: (error: object) => ({ type: "error", error }), fail: errorFailure },
  chat: {
    facts: { ...base, providerType: "openai", dialect: "chat" },
    wrap: (error: object) => ({ error }),
    fail: errorFailure,
  },
  responses: {
    facts: { ...base, providerType: "openai", dialect: "responses" },
    wrap: (error: object) => ({ error }),
    fail: responsesFailure,
  },
} as const;

function told(judgement: Judgement): string {
  if (judgement.type !== "failover") return judgement.type;
  const { suspect, charge, answer, overflow, learnsLimit } = judgement;
  const cooldown = charge === undefined ? [] : [charge.cooldown];
  return [
    suspect,
    charge?.scope ?? "-",
    ...cooldown.map((one) => ("ms" in one ? `${one.kind}:${one.ms / 1_000}` : one.kind)),
    ...(charge ? [charge.when] : []),
    ...(learnsLimit ? ["limit"] : []),
    ...(answer ? [answer] : []),
    ...(overflow?.limit === undefined ? [] : [String(overflow.limit)]),
  ].join(" ");
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("%s:", (kind) => {
  const { facts, wrap, fail } = kinds[kind];

  test.each(rows)("$what, as a reply", ({ status, error, expected }) => {
    const body = JSON.stringify(wrap(error));
    // A 413 of a relay is another row than Anthropic's own.
    expect(told(classify({ type: "response", status, headers: {}, body }, facts, []))).toBe(expected);
  });

  test.each(rows)("$what, inside a 200 that names its status", ({ status, error, expected }) => {
    const outcome: Outcome = { type: "stream-error", reason: fail({ ...wrap(error), status }) };
    expect(told(classify(outcome, facts, []))).toBe(expected);
  });

  test.each(rows.filter(({ error }) => "type" in error || "code" in error))(
    "$what, inside a 200 that names none",
    ({ error, expected }) => {
      expect(told(classify({ type: "stream-error", reason: fail(wrap(error)) }, facts, []))).toBe(expected);
    },
  );
});

test("a policy of the organization is a type of the Messages API alone", () => {
  const error = { type: "policy_blocked", message: "no" };
  const judged = (body: object): string =>
    told(classify({ type: "response", status: 403, headers: {}, body: JSON.stringify(body) }, base, []));
  expect(judged({ type: "error", error })).toBe("forward");
  expect(judged({ error })).toBe("credential key fixed:600 now");
});

test.each(codes.flatMap(([, ...each]) => [...each]))(
  "%i with Anthropic's word %s as another vendor's code is judged by status and words",
  (status, code) => {
    const words = { message: "Your credit balance is too low to access the API.", type: "invalid_request_error" };
    const judged = (error: object): string => {
      const body = JSON.stringify({ error });
      return told(classify({ type: "response", status, headers: {}, body }, kinds.chat.facts, []));
    };
    expect(judged({ ...words, code })).toBe(judged({ ...words, code: "some_word" }));
  },
);

const page = "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>";

test.each<[what: string, status: number, body: string, headers: HeaderMap, expected: string]>([
  ["a firewall's page", 403, page, {}, "unclear deployment base weighed"],
  [
    "a challenge",
    403,
    '{"error":{"message":"no"}}',
    { "cf-mitigated": "challenge" },
    "unclear deployment base weighed",
  ],
  ["a firewall's line", 403, "error code: 1020", {}, "unclear deployment base weighed"],
  ["flagged input", 403, '{"error":{"code":403,"message":"Your input was flagged"}}', {}, "request - if-all"],
  ["a 413 of a relay", 413, "<html><title>413 Request Entity Too Large</title></html>", {}, "request - if-all"],
  ["a bad gateway", 502, page, {}, "unclear deployment base weighed"],
  ["a region", 451, '{"error":{"message":"Unavailable For Legal Reasons"}}', {}, "unclear deployment base weighed"],
  ["a retry-after with 503", 503, "", { "retry-after": "7" }, "provider deployment stated:7 now"],
])("%s", (_what, status, body, headers, expected) => {
  for (const kind of ["anthropic", "chat", "responses"] as const) {
    const outcome: Outcome = { type: "response", status, headers, body };
    expect(told(classify(outcome, kinds[kind].facts, []))).toBe(expected);
  }
});

test("a body that is larger than 30 MB is too large for everybody", () => {
  const outcome: Outcome = { type: "response", status: 413, headers: {}, body: "" };
  expect(told(classify(outcome, { ...base, requestBytes: 31_000_000 }, []))).toBe("forward");
});

test.each([
  ...[
    "EMFILE",
    "ENFILE",
    "ENOBUFS",
    "EADDRNOTAVAIL",
    "ENETUNREACH",
    "ENETDOWN",
    "EAI_AGAIN",
    "ERR_LOOKUP_QUEUED",
    "ERR_PROXY_CONNECT",
  ].map((code) => [code, "host -"]),
  ...[
    "ENOTFOUND",
    "ECONNREFUSED",
    "CERT_HAS_EXPIRED",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "HPE_INVALID_CONSTANT",
    "UND_ERR_HEADERS_OVERFLOW",
    "EPROTO",
  ].map((code) => [code, "provider provider base now"]),
  ...["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ETIMEDOUT", "EHOSTUNREACH"].map((code) => [
    code,
    "unclear provider base weighed",
  ]),
])("a connection that fails with %s", (code, expected) => {
  const cause = Object.assign(new Error("no"), { code });
  expect(told(classify({ type: "transport-error", cause }, base, []))).toBe(expected);
});
