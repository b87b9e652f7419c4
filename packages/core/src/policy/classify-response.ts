import { isObject, parseJson } from "../translate/json-object.ts";
import { readContextOverflow } from "../failures/limits.ts";
import { pointsToChat, pointsToResponses } from "../failures/dialect-text.ts";
import { readErrorText } from "../failures/error-text.ts";
import { readMaxTokensLimit } from "../failures/max-tokens-limit.ts";
import { isKeyRefused, readAccountTrouble } from "../failures/account-text.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import type { RuleSubject } from "./error-rules.ts";
import type {
  Charge,
  Cooldown,
  HealthScope,
  Judgement,
  Outcome,
  Reason,
  ReasonClass,
  UpstreamErrorText,
} from "./outcome.ts";
import { errorName } from "./reason.ts";
import { readRateLimitResetMs, readRetryAfterMs, readRetryHintMs } from "../failures/retry-after.ts";

type ResponseOutcome = Extract<Outcome, { type: "response" }>;

/** A failing reply with its error read. */
interface FailedReply {
  readonly outcome: ResponseOutcome;
  readonly error: UpstreamErrorText;
  readonly facts: AttemptFacts;
}

const authCooldown: Cooldown = { kind: "fixed", ms: 10 * 60_000 };
const accountCooldown: Cooldown = { kind: "fixed", ms: 30 * 60_000 };
const baseCooldown: Cooldown = { kind: "base" };

/** The judgement on a reply by its status and, where it fails, its error; and what an operator's rules are held against. */
export function classifyResponse(
  outcome: ResponseOutcome,
  facts: AttemptFacts,
): { readonly judgement: Judgement; readonly subject?: RuleSubject } {
  const { status, headers } = outcome;
  if (status === 200) return { judgement: { type: "continue" } };
  if (status > 200 && status < 300) {
    return { judgement: failover({ class: "bad-answer", detail: `HTTP ${status} is no answer` }, "provider") };
  }
  const error = readErrorText(outcome.body ?? "");
  if (status >= 300 && status < 400) {
    const detail = `HTTP ${status} redirects to ${hostOf(headers["location"])}`;
    return { judgement: failover({ class: "redirect", detail }, "provider"), subject: { status, error } };
  }
  // A status outside the grammar cannot be given to the client.
  const subject: RuleSubject = status >= 400 && status < 600 ? { status, error, isReply: true } : { status, error };
  return { judgement: judge({ outcome, error, facts }), subject };
}

/** The table of failing statuses. */
function judge(reply: FailedReply): Judgement {
  const { outcome, facts } = reply;
  const { status } = outcome;
  const changed = dropThinking(reply) ?? changeDialect(reply);
  if (changed) return changed;
  switch (status) {
    case 400:
    case 422:
      return judgeRequestError(reply);
    case 413:
      return forward(reply);
    case 401:
    case 403:
      return keyFailure(reply, readAccountTrouble(reply.error) ? "account" : "auth", authCooldown);
    case 402:
      return keyFailure(reply, "account", authCooldown);
    case 404:
      return hasErrorCode(reply.outcome.body) ? forward(reply) : notFound(reply);
    case 405:
    case 501:
      return notFound(reply);
    case 429:
      return judgeRateLimit(reply);
    case 503:
    case 529:
      return failover(because("overloaded", reply), "deployment", statedOrBase(reply));
    case 500:
      // llama.cpp answers a prompt that is too long with 500; that says nothing about its health.
      return facts.providerType === "openai" && isOverflow(reply)
        ? forward(reply)
        : failover(because("server-error", reply), "provider");
    default:
      if (status > 405 && status < 500 && readAccountTrouble(reply.error)) {
        return keyFailure(reply, "account", accountCooldown); // Fireworks suspends with 412
      }
      return failover(because("server-error", reply), "provider");
  }
}

function judgeRequestError(reply: FailedReply): Judgement {
  const { outcome, error, facts } = reply;
  if (isToolUseFailure(error)) {
    return { type: "failover", reason: because("tool-use-failed", reply), suspect: "request", skipProvider: true };
  }
  if (hasErrorCode(outcome.body)) return forward(reply);
  if (isOverflow(reply)) return lowerMaxTokens(reply) ?? forward(reply);
  if (readAccountTrouble(error)) return keyFailure(reply, "account", accountCooldown);
  if (isKeyRefused(error)) return keyFailure(reply, "auth", authCooldown);
  if (facts.providerType === "openai" && isUnknownModel(error)) return notFound(reply);
  return lowerMaxTokens(reply) ?? forward(reply);
}

/** Thinking that was made elsewhere: once more without it. A reasoning item that Responses cannot find is a 404 (openai/openai-agents-js#546). */
function dropThinking(reply: FailedReply): Judgement | undefined {
  const { outcome, error, facts } = reply;
  if (facts.retried.has("without-thinking")) return undefined;
  const { status } = outcome;
  const isTrouble =
    (status === 400 && isThinkingTrouble(error.message, facts)) ||
    (facts.dialect === "responses" &&
      (status === 400 || status === 404) &&
      isReasoningRefused(error) &&
      facts.hasThinking);
  if (!isTrouble) return undefined;
  return { type: "retry", change: "without-thinking", reason: because("client-error", reply) };
}

/** Once more in the other dialect, where the answer says that this one is not served. */
function changeDialect(reply: FailedReply): Judgement | undefined {
  const { outcome, error, facts } = reply;
  if (facts.isDialectOpen !== true || facts.retried.has("other-dialect")) return undefined;
  const { status } = outcome;
  const isPointed = [400, 404, 405, 422].includes(status);
  const reason = because("client-error", reply);
  if (facts.dialect === "responses") {
    const isAbsent = (status === 404 && !isUnknownModel(error)) || status === 405 || status === 501;
    return isAbsent || (isPointed && pointsToChat(error))
      ? { type: "retry", change: "other-dialect", dialect: "chat", reason }
      : undefined;
  }
  return isPointed && pointsToResponses(error)
    ? { type: "retry", change: "other-dialect", dialect: "responses", reason }
    : undefined;
}

function judgeRateLimit(reply: FailedReply): Judgement {
  const { outcome, error, facts } = reply;
  const hintMs = readRetryHintMs(error.message);
  const resetMs = readRateLimitResetMs(outcome.headers, facts.wallNowMs);
  const trouble = readAccountTrouble(error);
  if (trouble === "unpaid" || (trouble === "quota" && hintMs === undefined && resetMs === undefined)) {
    return keyFailure(reply, "account", accountCooldown);
  }
  const stated = [hintMs, resetMs].filter((wait) => wait !== undefined);
  const cooldown: Cooldown =
    stated.length === 0 ? baseCooldown : { kind: "stated", ms: Math.max(...stated), atLeastBase: true };
  return failover(because("rate-limit", reply), "key-deployment", cooldown);
}

/** Only a translated request: an anthropic provider's words go to the client, which adapts to them. */
function lowerMaxTokens(reply: FailedReply): Judgement | undefined {
  const { error, facts } = reply;
  if (facts.providerType !== "openai" || facts.retried.has("lower-max-tokens")) return undefined;
  const maxTokens = readMaxTokensLimit(error.message);
  if (maxTokens === undefined || (facts.maxTokens !== undefined && maxTokens >= facts.maxTokens)) return undefined;
  return {
    type: "retry",
    change: "lower-max-tokens",
    maxTokens,
    reason: because("client-error", reply),
  };
}

/** 0 states nothing: a provider that is to be asked again at once has to prove itself after the base. */
function statedOrBase({ outcome, facts }: FailedReply): Cooldown {
  const ms = readRetryAfterMs(outcome.headers, facts.wallNowMs);
  return ms === undefined || ms === 0 ? baseCooldown : { kind: "stated", ms };
}

function forward(reply: FailedReply): Judgement {
  return { type: "forward", reason: because("client-error", reply) };
}

function keyFailure(reply: FailedReply, reasonClass: "account" | "auth", cooldown: Cooldown): Judgement {
  return failover(because(reasonClass, reply), "key", cooldown);
}

function notFound(reply: FailedReply): Judgement {
  return {
    type: "failover",
    reason: because("not-found", reply),
    suspect: "unclear",
    charge: { scope: "deployment", cooldown: baseCooldown, when: "if-served" },
    skipProvider: false,
    answer: "if-all",
  };
}

function failover(reason: Reason, scope: HealthScope, cooldown: Cooldown = baseCooldown): Judgement {
  const charge: Charge = { scope, cooldown, when: "now" };
  const suspect = scope === "key" || scope === "key-deployment" ? "credential" : "provider";
  return { type: "failover", reason, suspect, charge, skipProvider: scope === "provider" };
}

function because(reasonClass: ReasonClass, reply: FailedReply): Reason {
  return { class: reasonClass, detail: describe(reply) };
}

function describe({ outcome, error }: FailedReply): string {
  return `HTTP ${outcome.status}${errorName(error)}`;
}

function isOverflow({ error }: FailedReply): boolean {
  return readContextOverflow(`${error.code ?? ""} ${error.message}`) !== undefined;
}

/** Groq's word for a tool call of the model that does not parse; the next model may do better (translation E-18). */
function isToolUseFailure({ type, code, message }: UpstreamErrorText): boolean {
  const words = [type, code].map((word) => word?.toLowerCase());
  return toolUseCodes.some((known) => words.includes(known)) || /\bfailed_generation\b/.test(message);
}

const toolUseCodes: readonly string[] = ["tool_use_failed", "json_validate_failed", "output_parse_failed"];

/**
 * Signatures are bound to who made them; after a failover they are foreign (translation H-05), and where they have gone a running tool turn lacks
 * its thinking (H-07). Which of both a refusal is about only counts if the request could be about it.
 */
function isThinkingTrouble(message: string, facts: AttemptFacts): boolean {
  if (
    /signature.*thinking|invalid `?data`?.*redacted_thinking|thinking.*(?:cannot be modified|must contain)/is.test(
      message,
    )
  )
    return facts.hasThinking;
  return (
    /expected `?thinking`?.*found|must start with a thinking|content\[\]\.thinking.*must be passed back/is.test(
      message,
    ) && facts.asksForThinking === true
  );
}

/** Encrypted reasoning belongs to a model, an organisation and an item (recorded; openai/codex#8145; maximhq/bifrost#5186; can1357/oh-my-pi#11928). */
function isReasoningRefused({ code, message }: UpstreamErrorText): boolean {
  return (
    code === "invalid_encrypted_content" ||
    /encrypted[ _]content\b.*(?:(?:could|can) ?not be|not issued|invalid|mismatch|expired|belongs? to)|(?:could not|cannot|failed to|unable to) (?:verify|decrypt|decode).*encrypted[ _]content|without its required following item|item with id 'rs_/is.test(
      message,
    )
  );
}

function isUnknownModel({ type, code }: UpstreamErrorText): boolean {
  return [type, code].some((word) => /^(?:model_not_found|DeploymentNotFound)$/i.test(word ?? ""));
}

/** Anthropic's `error.details.error_code` (threads, image sizes and the like) is meant for the client's own program. */
function hasErrorCode(body: string | undefined): boolean {
  const parsed = parseJson(body ?? "");
  const error = isObject(parsed) ? parsed["error"] : undefined;
  const details = isObject(error) ? error["details"] : undefined;
  return isObject(details) && typeof details["error_code"] === "string" && details["error_code"] !== "";
}

/** Where a redirect leads, for the log; the path may hold anything and stays out of it. */
function hostOf(location: string | readonly string[] | undefined): string {
  const target = typeof location === "string" ? location : location?.[0];
  if (target === undefined) return "nowhere";
  try {
    return new URL(target).host;
  } catch {
    return "itself";
  }
}
