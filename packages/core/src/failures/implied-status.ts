import type { UpstreamErrorText } from "../base/outcome.ts";

// The first row that fits a code, then a type, counts.
const rows: readonly (readonly [RegExp, number])[] = [
  [/insufficient_quota/, 429], // as OpenAI sends it
  [/^insufficient|billing|payment_required|arrear|credit_|balance(?!r)/, 402],
  [/rate_?limit|too_?many_?requests|resource_exhausted|throttl|quota/, 429],
  [/overloaded|slow_down|service_?unavailable|^unavailable$|server_busy/, 529],
  [/timeout|timed_out|deadline_exceeded/, 504],
  [/model_not_found|deploymentnotfound|^not_found/, 404],
  [/api_key|authentication|unauthori[sz]ed|unauthenticated/, 401],
  [/permission|forbidden/, 403],
  [/request_too_large/, 413],
  [/server_error|internal|api_error/, 500],
  [
    /invalid|policy|content_filter|image|context_length|context_window|unsupported|not_found|mismatch|too_large|bad_request|tool_use_failed|json_validate|validation/,
    400,
  ],
];

/** Returns the HTTP status that an error stands for which names none, by its code or its type; undefined where they say nothing. */
export function impliedStatus({ code = "", type = "" }: UpstreamErrorText): number | undefined {
  return statusOf(code) ?? statusOf(type);
}

function statusOf(word: string): number | undefined {
  const text = word.slice(0, 80).toLowerCase();
  if (/^[45]\d\d$/.test(text)) return Number(text);
  return rows.find(([pattern]) => pattern.test(text))?.[1];
}
