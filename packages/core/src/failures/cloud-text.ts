import { isObject } from "../base/json.ts";
import { hasCode } from "./account-text.ts";
import type { HeaderMap, UpstreamErrorText } from "../base/outcome.ts";

/** Decides whether the error has AWS's word for a limit of requests or tokens per minute. */
export function isThrottled({ type = "", code = "" }: UpstreamErrorText): boolean {
  return /^throttl/i.test(type) || /^throttl/i.test(code);
}

/** Decides whether the error is a quota of Google's that is counted over minutes. Google's metrics name a day where they mean one, and advise an increase in any case. */
export function isMetricQuota({ message, type }: UpstreamErrorText): boolean {
  return (
    type === "RESOURCE_EXHAUSTED" &&
    /\bquota exceeded for [\w-]{1,40}\.googleapis\.com\/(?!\w{0,200}per_?day)/i.test(message)
  );
}

// AWS's names for a request whose time is not now: https://github.com/smithy-lang/smithy-typescript, `CLOCK_SKEW_ERROR_CODES`.
const timeCodes: ReadonlySet<string> = new Set(["requesttimetooskewed", "requestexpired", "requestinthefuture"]);
const signatureCodes: ReadonlySet<string> = new Set([
  "invalidsignatureexception",
  "signaturedoesnotmatch",
  "authfailure",
]);
// "Signature expired: 20261129T100000Z is now earlier than …", "Signature not yet current: … is still later than …", and those of S3 and of gateways.
const timePhrase =
  /^(?:the )?(?:request )?signature (?:has )?(?:expired\b|(?:is )?not yet (?:current|valid)\b)|^(?:the )?(?:difference between the )?request (?:time|timestamp|date)\b.{0,60}\b(?:skew|too large|too old|expired|in the future)|^(?:the )?request (?:has )?expired\b/i;

/** Decides whether the error says that the request was signed at another time than the service's. */
export function isTimeRefused(error: UpstreamErrorText): boolean {
  return hasCode(timeCodes, error) || timePhrase.test(error.message.slice(0, 300));
}

/** Decides whether the error has AWS's name for a signature that does not fit. */
export function isSignatureRefused(error: UpstreamErrorText): boolean {
  return hasCode(signatureCodes, error);
}

/** Returns the error with the name that AWS gives it, without a namespace: AWS names an error in a header, or in the body's `__type`. */
export function withAwsName(text: UpstreamErrorText, headers: HeaderMap): UpstreamErrorText {
  if (text.type !== undefined) return text.type.includes("#") ? { ...text, type: text.type.replace(/^.*#/, "") } : text;
  const header = headers["x-amzn-errortype"];
  const name = typeof header === "string" ? /^(?:[\w.]{1,100}#)?(\w{1,100})(?=:|$)/.exec(header)?.[1] : undefined;
  return name === undefined ? text : { ...text, type: name };
}

/**
 * Returns the reason that Google gives in `google.rpc.ErrorInfo` where it is about the key or the account behind it, such as `API_KEY_INVALID`: its code is
 * the HTTP status alone.
 *
 * @param error - `error` of the body; any value is allowed.
 * @returns the reason; undefined if there is none about a key or account.
 */
export function googleReason(error: unknown): string | undefined {
  const details = isObject(error) ? error["details"] : undefined;
  if (!Array.isArray(details)) return undefined;
  for (const detail of details.slice(0, 8)) {
    const reason = isObject(detail) ? detail["reason"] : undefined;
    if (typeof reason === "string" && /^(?:API_KEY|ACCESS_TOKEN|BILLING|CONSUMER|ACCOUNT)_[A-Z_]{1,60}$/.test(reason))
      return reason;
  }
  return undefined;
}
