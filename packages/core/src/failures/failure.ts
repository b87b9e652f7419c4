import type { HeaderMap, UpstreamErrorText } from "../base/outcome.ts";
import { isObject } from "../base/json.ts";
import { type AccountTrouble, isKeyRefused, isPerMinute, isPerPeriod, readAccountTrouble } from "./account-text.ts";
import { isMetricQuota, isSignatureRefused, isThrottled, isTimeRefused, withAwsName } from "./cloud-text.ts";
import { pointsToChat, pointsToResponses } from "./dialect-text.ts";
import { errorCodeMeaning, type ErrorCodeMeaning } from "./error-code.ts";
import { readErrorStatus } from "./error-status.ts";
import { type ErrorBody, type ErrorShape, readErrorBody } from "./error-text.ts";
import { type ContextOverflow, readContextOverflow } from "./limits.ts";
import { type OutputLimit, readOutputLimit } from "./max-tokens-limit.ts";
import { isModelDenied, isStreamDenied, isUnknownModel } from "./model-text.ts";
import { printable } from "./printable.ts";
import { namesRequestPath, type Prose, readProse } from "./prose.ts";
import { readRequestId } from "./request-id.ts";
import { longest, parseReset, readDateMs, readRateLimitResetMs, readRetryAfterMs, replyNowMs } from "./retry-after.ts";
import { readRenewalMs, readRetryHintMs } from "./retry-hint.ts";
import {
  hasRateCode,
  isLongContext,
  isModerated,
  isOverloaded,
  isRateLimit,
  isRegionRefused,
  isRelayFailure,
  isToolUseFailure,
} from "./service-text.ts";
import { impliedStatus } from "./implied-status.ts";
import { isBareRefusal, isReasoningRefused, readThinkingTrouble, type ThinkingTrouble } from "./thinking-text.ts";

/** Source of an error: a failing reply, or an error that was read inside a 200. */
export interface FailureSource {
  /** The HTTP status of a failing reply; of an error inside a 200 the status that it names itself, or undefined. */
  readonly status: number | undefined;
  /** Headers of the reply, names in lower case; default: none. */
  readonly headers?: HeaderMap;
  /** The body of a failing reply. */
  readonly body?: string;
  /** The error that was read already, where it came inside a 200. */
  readonly error?: UpstreamErrorText;
}

const noHeaders: HeaderMap = {};

/**
 * Reads an upstream's error once, for classification, for the client's answer and for translation. The same error gives the same value as a reply, as
 * the whole body of a 200 and as the first event of a stream. Members are computed when they are read, and once.
 */
export function readFailure(source: FailureSource): Failure {
  return new Failure(source);
}

/**
 * Error of an upstream, read once. The same error gives the same value as a reply, as the whole body of a 200 and as
 * the first event of a stream. Members are computed when they are read.
 */
export class Failure {
  /** The status that decides: the reply's; inside a 200 the error's own, or the one that its type or code stands for; undefined if none does. */
  readonly status: number | undefined;
  /** It came as a reply with a failing status, not inside a 200. */
  readonly isReply: boolean;
  /** Headers of the reply, names in lower case; empty inside a 200. */
  readonly headers: HeaderMap;
  /** Message, type and code of the error. */
  readonly text: UpstreamErrorText;
  /** Vendor's format in which the error is written. */
  readonly shape: ErrorShape;
  readonly #body: ErrorBody | undefined;
  #prose: Prose | undefined;
  #overflow: ContextOverflow | null | undefined;
  #account: AccountTrouble | null | undefined;

  /**
   * Reads an error.
   *
   * @param source - failing reply, or the error that was read inside a 200.
   */
  constructor({ status, headers = noHeaders, body, error }: FailureSource) {
    this.headers = headers;
    this.isReply = error === undefined && status !== undefined && status !== 200;
    this.#body = error === undefined ? readErrorBody(body ?? "") : undefined;
    this.text = withAwsName(error ?? this.#body?.text ?? { message: "" }, headers);
    this.shape = this.#body?.shape ?? "json";
    const own = this.isReply ? status : status === 200 ? readErrorStatus(this.#body?.value) : status;
    this.status = own ?? impliedStatus(this.text);
  }

  /** Reads its message as evidence. A page is a firewall's or a proxy's, and may show the request. */
  get prose(): Prose {
    return (this.#prose ??= this.shape === "html" ? { statement: "", outline: "" } : readProse(this.text));
  }

  /** It names a place in the request. */
  get namesRequestPath(): boolean {
    return namesRequestPath(this.text);
  }

  /** Trouble with the account, such as an empty balance; undefined if the error is about something else. */
  get account(): AccountTrouble | undefined {
    if (this.#account === undefined) this.#account = this.#readAccount() ?? null;
    return this.#account ?? undefined;
  }

  /** The account is the trouble by more than a type such as `billing_error`, which belongs to every 402. */
  get statesAccountTrouble(): boolean {
    const { message, type, code } = this.text;
    const words = [type, code].filter(
      (word) => word !== undefined && !/^(?:billing_error|payment_required)$/i.test(word),
    );
    return words.some((word) => readAccountTrouble({ message, code: word ?? "" }, "") !== undefined)
      ? true
      : readAccountTrouble({ message }, this.prose.statement) !== undefined;
  }

  /** True if the error says that the key is invalid or revoked. */
  get isKeyRefused(): boolean {
    return isKeyRefused(this.text, this.prose.statement);
  }

  /** True if the error says that the request was signed at another time than the provider's. */
  get isTimeRefused(): boolean {
    return isTimeRefused(this.text);
  }

  /** True if the error says that the signature of the request does not fit, for whatever reason. */
  get isSignatureRefused(): boolean {
    return isSignatureRefused(this.text);
  }

  /** The provider's clock as its `Date` header says, in milliseconds since the Unix epoch; undefined without a valid one. */
  get dateMs(): number | undefined {
    return readDateMs(this.headers);
  }

  /** A prompt that is too long, in any vendor's words, with the numbers that are named. */
  get overflow(): ContextOverflow | undefined {
    // Bedrock throttles with "Too many tokens, please wait before trying again."
    if (this.#overflow === undefined && isThrottled(this.text)) this.#overflow = null;
    if (this.#overflow === undefined) this.#overflow = readContextOverflow(this.text, this.prose.outline) ?? null;
    return this.#overflow ?? undefined;
  }

  /** The largest `max_tokens` that the provider allows, where the error is about that. */
  get outputLimit(): OutputLimit | undefined {
    return readOutputLimit(this.prose.outline);
  }

  /** True if the error says that the model does not exist. */
  get isUnknownModel(): boolean {
    return isUnknownModel(this.text, this.prose);
  }

  /** True if the error says that this account may not use the model. */
  get isModelDenied(): boolean {
    return isModelDenied(this.text, this.prose);
  }

  /** True if the error says that this account may not have the model's answers as a stream; it may have them whole. */
  get isStreamDenied(): boolean {
    return isStreamDenied(this.prose);
  }

  /** True if the provider says that it is overloaded. */
  get isOverloaded(): boolean {
    return isOverloaded(this.text, this.prose);
  }

  /** True if a relay reports that the provider behind it failed. */
  get isRelayFailure(): boolean {
    return isRelayFailure(this.text, this.prose);
  }

  /** A firewall in front of the provider answered: an HTML or plain page, or Cloudflare's `cf-mitigated`. */
  get isFirewall(): boolean {
    if (this.headers["cf-mitigated"] !== undefined || this.shape === "html") return true;
    // The edge in front of Anthropic's API refuses a place or a network, whatever the credential (anthropics/claude-code#1613).
    if (this.text.type === "forbidden" && /^request not allowed\.?$/i.test(this.text.message)) return true;
    // GitHub Copilot writes "unauthorized: not authorized to use this Copilot feature".
    return this.shape === "text" && !/^unauthori[sz]ed\b|\bnot authori[sz]ed\b/i.test(this.prose.statement);
  }

  /** A proxy in front of the provider answered with a page, or with Go's line about HTTP where TLS is spoken. */
  get isProxyPage(): boolean {
    return this.shape === "html" || this.text.message.startsWith("Client sent an HTTP request to an HTTPS server");
  }

  /** True if moderation refused the request. */
  get isModerated(): boolean {
    return isModerated(this.text);
  }

  /** True if the error says that the account may not use a long context. */
  get isLongContext(): boolean {
    return isLongContext(this.prose);
  }

  /** True if the provider does not serve the country or network that the request comes from. */
  get isRegionRefused(): boolean {
    return isRegionRefused(this.text, this.prose);
  }

  /** True if the error is a rate limit. */
  get isRateLimit(): boolean {
    return isRateLimit(this.text, this.prose);
  }

  /** True if the error's code, and not only its words, names a rate limit. */
  get hasRateCode(): boolean {
    return hasRateCode(this.text);
  }

  /** True if the limit is counted by the minute. */
  get isPerMinute(): boolean {
    return isPerMinute(this.prose.outline) || (this.status === 429 && isPerMinute(this.text.message));
  }

  /** True if the limit is counted by a period longer than a minute. */
  get isPerPeriod(): boolean {
    return isPerPeriod(this.prose.outline);
  }

  /** True if the model failed to write a tool call. */
  get isToolUseFailure(): boolean {
    return isToolUseFailure(this.text, this.prose) || this.#hasFailedGeneration;
  }

  /** True if the error says that the model is served by the Responses API. */
  get pointsToResponses(): boolean {
    return pointsToResponses({ ...this.text, message: this.prose.outline });
  }

  /** True if the error says that the model is served by Chat Completions. */
  get pointsToChat(): boolean {
    return pointsToChat({ ...this.text, message: this.prose.outline });
  }

  /** Fault of the thinking blocks of the request; undefined if the error is about something else. */
  get thinkingTrouble(): ThinkingTrouble | undefined {
    return readThinkingTrouble(this.text);
  }

  /** True if the provider refuses reasoning items of another provider. */
  get isReasoningRefused(): boolean {
    return isReasoningRefused(this.text);
  }

  /** It does not say what was wrong. */
  get isBareRefusal(): boolean {
    return isBareRefusal(this.text);
  }

  /** Anthropic's `error.details.error_code` (threads, image sizes and the like), which is meant for the client's own program. */
  get errorCode(): string | undefined {
    if (this.text.errorCode !== undefined) return this.text.errorCode;
    const details = this.#error?.["details"];
    const code = isObject(details) ? details["error_code"] : undefined;
    return typeof code === "string" && code !== "" ? code : undefined;
  }

  /** Meaning of the code of an error of the Messages API; undefined where it has none that is known, and for errors of other APIs. */
  get codeMeaning(): ErrorCodeMeaning | undefined {
    const { errorCode } = this.text;
    return errorCode === undefined ? undefined : errorCodeMeaning(errorCode);
  }

  /**
   * Reads `Retry-After` and its kin, and the wait that the error's own members state, against the reply's own `Date`.
   *
   * @param wallNowMs - now, in milliseconds since the Unix epoch.
   * @returns milliseconds to wait, the longest; undefined if none is stated.
   */
  retryAfterMs(wallNowMs: number): number | undefined {
    const nowMs = replyNowMs(this.headers, wallNowMs);
    return longest([readRetryAfterMs(this.headers, nowMs), this.#memberWaitMs(nowMs)]);
  }

  /**
   * Reads the wait that a rate limit states in headers, members or words.
   *
   * @param wallNowMs - now, in milliseconds since the Unix epoch.
   * @returns milliseconds to wait, the longest; undefined if none is stated.
   */
  rateLimitWaitMs(wallNowMs: number): number | undefined {
    const nowMs = replyNowMs(this.headers, wallNowMs);
    const { outline } = this.prose;
    const inWords = readRetryHintMs(outline) ?? readRenewalMs(outline, nowMs);
    return longest([inWords, readRateLimitResetMs(this.headers, nowMs), this.#memberWaitMs(nowMs)]);
  }

  /**
   * Reads how long an exhausted account says that it stays so.
   *
   * @param wallNowMs - now, in milliseconds since the Unix epoch.
   * @returns milliseconds until the account is renewed; undefined if that is not stated.
   */
  renewalMs(wallNowMs: number): number | undefined {
    return readRenewalMs(this.prose.outline, replyNowMs(this.headers, wallNowMs));
  }

  #memberWaitMs(nowMs: number): number | undefined {
    const { retryAfter } = this.text;
    return retryAfter === undefined ? undefined : parseReset(retryAfter, nowMs);
  }

  /**
   * Words of the provider, for operators: without secrets and control characters, at most 200 characters. Undefined
   * if it said nothing.
   */
  get words(): string | undefined {
    if (this.shape === "empty" || this.shape === "unreadable" || this.text.message === "") return undefined;
    return printable(this.text.message);
  }

  /** Id that the upstream gave the request; undefined if there is none. */
  get requestId(): string | undefined {
    return readRequestId(this.headers, this.#body?.value);
  }

  /** "Per minute" outweighs "quota", also where it stands in the quoted name of a metric. */
  #readAccount(): AccountTrouble | undefined {
    const trouble = readAccountTrouble(this.text, this.prose.statement);
    return trouble === "quota" && (isPerMinute(this.text.message) || isMetricQuota(this.text)) ? undefined : trouble;
  }

  get #error(): Readonly<Record<string, unknown>> | undefined {
    const value = this.#body?.value;
    const error = isObject(value) ? value["error"] : undefined;
    return isObject(error) ? error : undefined;
  }

  get #hasFailedGeneration(): boolean {
    return this.#error?.["failed_generation"] !== undefined;
  }
}
