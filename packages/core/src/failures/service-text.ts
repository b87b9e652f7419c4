import type { UpstreamErrorText } from "../base/outcome.ts";
import { hasCode, isPerMinute } from "./account-text.ts";
import { type Prose, states, withoutLabels } from "./prose.ts";

const overloadedCodes: ReadonlySet<string> = new Set([
  "overloaded_error",
  "overloaded",
  "engine_overloaded_error", // Moonshot
  "engine_overloaded",
  "server_overloaded",
  "model_overloaded",
  "service_unavailable",
  "service_unavailable_error",
  "serviceunavailable",
  "serviceunavailableexception", // Bedrock
  "modelnotreadyexception", // Bedrock
  "serveroverloaded", // Volcengine
  "unavailable", // Google
  "capacity_exceeded",
  "slow_down",
  "server_busy",
  "1305", // Zhipu
  "1312",
]);

const overloadedPhrases: readonly RegExp[] = [
  /\boverloaded\b|\bat (?:full |max(?:imum)? )?capacity\b|\b(?:no|insufficient|out of|not enough) (?:available )?capacity\b/i,
  /\b(?:server|service|system|engine|model|provider|gateway|api|backend|cluster|upstream)s?\b[^.,]{0,40}\b(?:is|are) (?:currently |temporarily |too |very |under ){0,2}(?:busy|unavailable|heavy load|high load)\b/i,
  /\b(?:temporarily|currently) unavailable\b|\bhigh (?:demand|load|traffic)\b|\bheavy (?:load|traffic)\b/i,
  /过载|過載|繁忙|拥挤|擁擠|负载.{0,6}(?:过高|饱和|已满)|服务(?:暂时|暫時|当前)?不可用|访问量过大|算力不足|资源不足/,
];

/** Decides whether the provider itself states that it is overloaded. */
export function isOverloaded(error: UpstreamErrorText, { statement }: Prose): boolean {
  return hasCode(overloadedCodes, error) || states(statement, overloadedPhrases);
}

const relayCodes: ReadonlySet<string> = new Set([
  "upstream_error",
  "upstream_request_failed",
  "bad_response_status_code", // one-api, new-api
  "bad_response",
  "bad_response_body",
  "do_request_failed",
  "read_response_body_failed",
  "channel_error",
  "provider_error",
  "upstream_timeout",
]);

const relayPhrases: readonly RegExp[] = [
  /\bupstream\b[^.]{0,40}\b(?:request failed|errors?|failed|failure|returned|unavailable|timed? ?out|timeout|connect|reset|rejected)\b/i,
  /\b(?:failed|unable|error|could not)\b[^.]{0,30}\b(?:upstream|backend|origin server)\b/i,
  /\berror from (?:the )?(?:upstream |model )?(?:provider|upstream|backend)\b|\bprovider returned (?:an )?error\b|\bprovider (?:request )?(?:error|failed)\b/i,
  /\bbad response status code\b|\bopenai_error\b|\bfailed to (?:call|reach|connect to|request|proxy) (?:the )?(?:provider|model|llm|api)\b/i,
  /^no (?:available|healthy|active) (?:\w{1,20} )?(?:accounts?|channels?|upstreams?|credentials)(?: (?:available|found|left|for|at|right|to)\b|[.!:,]|$)/i,
  /^5\d\d (?:internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out)\b/i, // the title of a page
  // The provider's own failure behind a status that blames the request.
  /^(?:an? |the )?(?:internal|unexpected|server|network|system)(?: server| internal)? error\b(?! (?:in|with|at|on|while)\b)/i,
  /\b(?:model|engine\w{0,20}|worker|runner)(?: process)? (?:has |was |is )?(?:been )?(?:unexpectedly )?(?:crashed|unloaded|died|terminated|encountered an issue)\b/i, // LM Studio, vLLM
  /^(?:CUDA (?:error|out of memory)|out of memory|KV cache (?:is )?full|too many requests in queue)\b/i, // NVIDIA
  /^(?:网络|網絡|系统|系統|服务器?|伺服器|内部|內部)(?:内部|內部)?(?:错误|錯誤|异常|異常)/,
  /上游.{0,20}(?:失败|失敗|错误|錯誤|异常|異常|超时|超時|返回|不可用|拒绝|中断|请求)|(?:请求|调用|连接|轉發|转发).{0,6}上游/,
];

// Whole texts, behind the names of the exceptions that carried them: an image that the provider could not fetch fails with such words as well.
const networkFailure = new RegExp(
  "^(?:[\\w.]{1,60}(?:Error|Exception): ){0,3}(?:(?:Post|Get|Do) \\S{1,300}: )?(?:" +
    "fetch failed|socket hang up|other side closed|(?:unexpected )?EOF(?! while)|terminated$|(?:the )?(?:request|operation) (?:was )?(?:timed out|aborted)|" +
    "connection (?:error|aborted|reset|refused|closed|timed out)|(?:network|connect(?:ion)?|read) timeout|" +
    "(?:read|write|connect|getaddrinfo) E[A-Z_]{3,20}\\b|dial tcp\\b|context (?:deadline exceeded|canceled)|" +
    "(?:net/http: )?TLS handshake timeout|function id \\S{1,80}: DEGRADED|read tcp\\b|i/o timeout|broken pipe)",
  "i",
);

/** Decides whether a relay reports a failure behind it without explaining it. */
export function isRelayFailure(error: UpstreamErrorText, { statement, outline }: Prose): boolean {
  if (hasCode(relayCodes, error)) return true;
  // The provider behind the relay has said whose fault it is.
  if (/\binvalid_request|\bbad ?request\b|\bvalidation/i.test(outline.slice(0, 400))) return false;
  if (states(statement, relayPhrases) || (statement !== "" && outline.length < 300 && networkFailure.test(outline)))
    return true;
  // The label in front of a colon was taken off; what it introduces has been looked at by everybody else before.
  const label = /^[^:：]{0,80}(?=[:：])/.exec(outline)?.[0] ?? "";
  return statement !== "" && states(label, relayPhrases);
}

const moderatedCodes: ReadonlySet<string> = new Set([
  "content_filter",
  "content_policy_violation",
  "content_filtered",
  "moderation_blocked",
  "moderation",
  "data_inspection_failed", // DashScope
  "datainspectionfailed",
  "responsibleaipolicyviolation", // Azure
  "invalid_prompt", // OpenAI
  "prompt_blocked",
  "input_blocked",
  "sensitive_content",
  "cyber_policy_violation",
  "1301", // Zhipu
]);

const moderatedPhrase =
  /\b(?:flagged|moderat(?:ed|ion)|content (?:policy|filter(?:ed|ing)?|management policy)|safety (?:system|filter|policy)|usage polic(?:y|ies)|(?:input|prompt|request|content|message) (?:was|is|has been|were) (?:blocked|rejected|refused|denied)|blocked (?:by|for|due)|violat(?:es?|ed|ion))\b|敏感|违规|違規|不合规|审核|審核|屏蔽|拦截/i;

/**
 * Decides whether a refusal is about flagged, blocked or moderated input. Only 403 and 451 count, where the words are
 * the provider's own.
 */
export function isModerated(error: UpstreamErrorText): boolean {
  return hasCode(moderatedCodes, error) || moderatedPhrase.test(error.message.slice(0, 400));
}

const longContextPhrases: readonly RegExp[] = [
  /\bincompatible with the long[- ]context\b/i,
  /\b(?:extra usage|usage credits) (?:is|are) required for\b[^.]{0,40}\b(?:long|1m|context)\b/i,
  /\blong[- ]context\b[^.]{0,60}\b(?:not (?:yet )?(?:available|enabled|included|supported)|requires?|required|unavailable)\b/i,
];

/**
 * Decides whether only the length of this request is not paid for: "Extra usage is required for long context
 * requests.", since 2026 "Usage credits are required for long context requests." (anthropics/claude-code#61808)
 */
export function isLongContext({ statement }: Prose): boolean {
  return states(statement, longContextPhrases);
}

const regionCodes: ReadonlySet<string> = new Set([
  "unsupported_country_region_territory", // OpenAI
  "unsupported_country",
  "unsupported_region",
  "country_not_supported",
  "region_not_supported",
  "location_not_supported",
]);

const refusedIn = "(?:not supported|unsupported|not allowed|not available|not permitted|restricted|blocked)";

const regionPhrases: readonly RegExp[] = [
  // Gemini: "User location is not supported for the API use."
  new RegExp(
    `\\b(?:user|your|client|request|ip)(?:'s)? (?:location|country|region|ip|territory)\\b[^.]{0,30}\\b${refusedIn}\\b`,
    "i",
  ),
  new RegExp(`\\bcountry, region,? or territory\\b[^.]{0,20}\\b${refusedIn}\\b`, "i"),
  /\b(?:not (?:available|supported|allowed|permitted)|unavailable|blocked|prohibited) (?:in|from|for) (?:your|this|the current|unsupported) (?:current )?(?:country|countries|regions?|locations?|territory)\b/i,
  /\bunsupported (?:countries|country|locations?|territor(?:y|ies))\b/i,
  /^access denied\. please check your network settings\b/i, // Groq
  /^(?:access denied due to virtual network|public (?:network )?access is disabled)\b/i, // Azure
  /(?:所在|当前|當前|您的|用户)(?:的)?(?:国家|國家|地区|地區|区域|區域)[^，。,]{0,10}(?:不支持|不可用|受限|禁止|无法|無法)|(?:不支持|禁止)[^，。,]{0,6}(?:国家|國家|地区|地區|区域|區域)/,
];

// A longer text may repeat the request.
const longestRefusal = 300;

/** Decides whether the provider refuses the place that the request comes from: no key of it serves there. */
export function isRegionRefused(error: UpstreamErrorText, { outline }: Prose): boolean {
  if (hasCode(regionCodes, error)) return true;
  const text = withoutLabels(outline);
  return text.length < longestRefusal && states(text, regionPhrases);
}

const rateCodes: ReadonlySet<string> = new Set([
  "rate_limit_error",
  "rate_limit_exceeded",
  "rate_limit_reached",
  "rate_limited",
  "ratelimitreached", // Azure
  "rate_limit_reached_error", // Moonshot
  "ratelimitexceeded",
  "too_many_requests",
  "toomanyrequests",
  "resource_exhausted", // Google
  "throttling", // DashScope
  "throttling.ratequota",
  "throttling.allocationquota",
  "throttlingexception", // Bedrock
  "requests_limit_exceeded",
  "tokens_limit_exceeded",
  "1302", // Zhipu
  "1303",
]);

const ratePhrases: readonly RegExp[] = [
  /\brate[- ]limit(?:ed|s|ing)?\b|\btoo many requests\b|\btokens per (?:min|day|hour)|\brequests per (?:min|day|hour|second)|\bconcurren(?:t|cy)\b[^.]{0,40}\b(?:limit|exceeded|too many)\b/i,
  /请求(?:过于|太)?(?:频繁|過於頻繁|过多)|速率(?:限制|超)|限流|并发.{0,6}(?:超|上限|过多|限制)|頻率/,
];

/** Decides whether an error is a rate limit by its type, code, or statement. */
export function isRateLimit(error: UpstreamErrorText, { statement }: Prose): boolean {
  return hasCode(rateCodes, error) || isPerMinute(statement) || states(statement, ratePhrases);
}

/** Decides whether the type or code alone names a rate limit, which counts whatever the status. */
export function hasRateCode(error: UpstreamErrorText): boolean {
  return hasCode(rateCodes, error);
}

const toolUseCodes: ReadonlySet<string> = new Set(["tool_use_failed", "json_validate_failed", "output_parse_failed"]);

/** Groq's word for a tool call of the model that does not parse; the next model may do better (translation E-18). */
export function isToolUseFailure(error: UpstreamErrorText, { statement }: Prose): boolean {
  return hasCode(toolUseCodes, error) || /^failed to call a function\b/i.test(statement);
}
