import { lessonId } from "../base/lesson.ts";
import type { Failure } from "../failures/failure.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { because } from "./judgements.ts";
import type { Judgement } from "../base/outcome.ts";
import { readLesson } from "./refusals.ts";
import { holdsOpaqueReasoning, toolsOf } from "./sent-parts.ts";

type Retry = Extract<Judgement, { type: "retry" }>;

/** Once more at the same candidate with a changed request, where the error asks for that; undefined where it does not. */
export function changedRequest(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const renewed = renewCredential(failure, facts);
  if (renewed || facts.changesLeft === 0) return renewed;
  const lesson = teach(failure, facts);
  // Reasoning that is missing can be given, which is better than not to think.
  if (lesson?.lesson?.id.startsWith("reasoning-history:") === true) return lesson;
  return dropSignatures(failure, facts) ?? dropThinking(failure, facts) ?? changeDialect(failure, facts) ?? lesson;
}

// AWS takes a signature for five minutes. Below this, the clocks agree well enough, and a refused signature is wrong for another reason.
const clocksDisagreeMs = 4 * 60_000;

/**
 * The time of a signature was refused: once more, signed by the provider's clock, as its `Date` header says. So AWS's own clients do. A signature that is
 * refused without a reason counts where that clock is far from this machine's.
 */
function signByProviderTime(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const providerTimeMs = facts.retried.has("provider-time") ? undefined : failure.dateMs;
  if (providerTimeMs === undefined) return undefined;
  const isFar = Math.abs(providerTimeMs - facts.wallNowMs) >= clocksDisagreeMs;
  if (!failure.isTimeRefused && !(failure.isSignatureRefused && isFar)) return undefined;
  return { type: "retry", change: "provider-time", providerTimeMs, reason: because("auth", failure) };
}

/** A credential that can be renewed was refused: once more with a new one. */
function renewCredential(failure: Failure, facts: AttemptFacts): Retry | undefined {
  if (facts.renewsCredential !== true) return undefined;
  const signedAgain = signByProviderTime(failure, facts);
  if (signedAgain || facts.retried.has("fresh-credential")) return signedAgain;
  const { status } = failure;
  const isRefused = failure.isKeyRefused || (status === 401 && failure.account === undefined && !failure.isModelDenied);
  return isRefused ? { type: "retry", change: "fresh-credential", reason: because("auth", failure) } : undefined;
}

// llama.cpp answers an exception of a chat template with 500, and what it does not have with 501; DeepInfra a part that a model cannot read with 405.
const teachingStatuses: ReadonlySet<number> = new Set([400, 404, 405, 415, 422, 500, 501]);

/** Once more with the profile changed, where the table of refusals knows what is refused. */
function teach(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const { status, isReply } = failure;
  const mayTeach = status === undefined ? !isReply : teachingStatuses.has(status);
  if (!mayTeach || failure.errorCode !== undefined || failure.hasRateCode || failure.overflow) return undefined;
  const lesson = facts.refused && readLesson(failure.text, facts.refused);
  return lesson && { type: "retry", change: "profile", lesson, reason: because("client-error", failure) };
}

/**
 * Reasoning that only its maker can read was refused over Chat Completions: once more without it, and with thinking as it was asked for. Some gateways do
 * not say what was wrong; then it is worth one try where the request holds such reasoning.
 */
function dropSignatures(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const { status, isReply } = failure;
  const mayBe = status === undefined ? !isReply : status === 400 || status === 404 || status === 422;
  if (!mayBe || facts.retried.has("without-signatures")) return undefined;
  const isMeant = failure.thinkingTrouble === "refused" || failure.isReasoningRefused || failure.isBareRefusal;
  if (!isMeant || facts.refused === undefined || !holdsOpaqueReasoning(facts.refused)) return undefined;
  return { type: "retry", change: "without-signatures", reason: because("client-error", failure) };
}

/** Thinking that was made elsewhere: once more without it. A reasoning item that Responses cannot find is a 404 (openai/openai-agents-js#546). */
function dropThinking(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const { status } = failure;
  if (facts.retried.has("without-thinking") || (status !== 400 && status !== 404 && status !== 422)) return undefined;
  return isThinkingTrouble(failure, facts) || isReasoningTrouble(failure, facts)
    ? { type: "retry", change: "without-thinking", reason: because("client-error", failure) }
    : undefined;
}

/** Decides whether a refusal is about thinking. Of two possible subjects only one counts that the request holds. */
function isThinkingTrouble(failure: Failure, facts: AttemptFacts): boolean {
  if (failure.status === 404) return false;
  const trouble = failure.thinkingTrouble;
  return (trouble === "refused" && facts.hasThinking) || (trouble === "missing" && facts.asksForThinking === true);
}

function isReasoningTrouble(failure: Failure, facts: AttemptFacts): boolean {
  return facts.dialect === "responses" && failure.isReasoningRefused && facts.hasThinking;
}

/** Once more in the other dialect, where the answer says that this one is not served. */
function changeDialect(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const { status } = failure;
  if (facts.isDialectOpen !== true || facts.retried.has("other-dialect") || status === undefined) return undefined;
  const isPointed = [400, 404, 405, 422].includes(status);
  if (facts.dialect === "responses") {
    const isAbsent =
      failure.isReply && ((status === 404 && !failure.isUnknownModel) || status === 405 || status === 501);
    return isAbsent || (isPointed && failure.pointsToChat) ? otherDialect(failure, "chat") : undefined;
  }
  return isPointed && failure.pointsToResponses ? otherDialect(failure, "responses") : undefined;
}

function otherDialect(failure: Failure, dialect: "chat" | "responses"): Retry {
  return { type: "retry", change: "other-dialect", dialect, reason: because("client-error", failure) };
}

const noTools =
  /(?:does not|doesn['’]?t|do not|not) support (?:tools?|tool[- _]?(?:use|calls?|calling)|functions?|function[- _]?call(?:s|ing)?)\b|(?:function[- _]?call(?:s|ing)?|tools?|tool[- _]?(?:use|calls?|calling)) (?:is|are) not supported|requires --enable-auto-tool-choice/i;

/**
 * Decides whether the model accepts no tools at all while the request has some: "m does not support tools" (Ollama),
 * "Function call is not supported for this model."
 */
export function refusesTools({ text }: Failure, { refused }: AttemptFacts): boolean {
  return noTools.test(text.message.slice(0, 300)) && refused !== undefined && toolsOf(refused).length > 0;
}

/** Only a request that was translated or made here: an anthropic provider's words go to the client, which adapts to them. */
export function lowerMaxTokens(failure: Failure, facts: AttemptFacts): Retry | undefined {
  const mayLower = facts.providerType === "openai" || facts.isLimitOurs === true;
  if (!mayLower || facts.retried.has("lower-max-tokens")) return undefined;
  const limit = facts.changesLeft === 0 ? undefined : failure.outputLimit;
  if (limit === undefined || (facts.maxTokens !== undefined && limit.tokens >= facts.maxTokens)) return undefined;
  const { tokens: maxTokens, window } = limit;
  const profile = window === undefined ? { maxOutputTokens: maxTokens } : { contextWindow: window };
  const lesson = { id: lessonId("max-tokens", profile), profile };
  const reason = because("client-error", failure);
  return { type: "retry", change: "lower-max-tokens", maxTokens, reason, lesson };
}
