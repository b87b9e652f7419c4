import type { Lesson } from "../base/lesson.ts";
import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { Candidate } from "../base/scope.ts";
import type { Judgement, Reason, RetryChange } from "../base/outcome.ts";
import type { RefusedCredential } from "./attempt-credential.ts";
import type { CallParts } from "./call-parts.ts";
import { isOpaqueProof } from "../conversation/ids/signature.ts";
import { learnRefusal, learnRefusedSignatures } from "./thinking-provenance.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";

type RetryJudgement = Extract<Judgement, { type: "retry" }>;

/** The same candidate once more, changed. */
export interface Retry {
  readonly candidate: Candidate;
  readonly changes: RequestChanges;
  readonly freshSocket: boolean;
  /** The credential that was refused; undefined where that was not what failed. */
  readonly refused?: RefusedCredential | undefined;
}

/** The attempt that a retry repeats. */
export interface RetriedAttempt {
  readonly candidate: Candidate;
  readonly changes: RequestChanges;
  /** The headers that its `Authorize` function gave; undefined where it has none. */
  readonly credential: Readonly<Record<string, string>> | undefined;
}

/** Changes that one call has tried at one candidate. */
interface Tried {
  readonly changes: ReadonlySet<RetryChange>;
  readonly lessons: ReadonlySet<string>;
  /** The lesson with which the candidate was tried last, and what it had refused before. */
  readonly last: { readonly lesson: Lesson | undefined; readonly words: string } | undefined;
  /** The upstream's answer to the first request that was changed. */
  readonly firstAnswer: ForwardedAnswer | undefined;
}

/**
 * Largest number of tries of one call with a changed request: refusals cause at most four requests upstream for one
 * of the client's.
 */
const mostChanges = 3;

/** Retries that send the same request once more. */
const unchanged: ReadonlySet<RetryChange> = new Set(["fresh-socket", "fresh-credential", "provider-time"]);

const untried: Tried = { changes: new Set(), lessons: new Set(), last: undefined, firstAnswer: undefined };

/** The retries of one call: with which changes each candidate was tried again, and the one that is due. */
export class CallRetries {
  #tried: Map<Candidate, Tried> | undefined;
  #due: Retry | undefined;
  #changesLeft = mostChanges;

  /**
   * Number of further tries of the call with a changed request. Kept-alive connections that died and credentials that
   * were renewed do not count.
   */
  get changesLeft(): number {
    return this.#changesLeft;
  }

  /** The changes with which `candidate` has been tried again. */
  of(candidate: Candidate): ReadonlySet<RetryChange> {
    return this.#of(candidate).changes;
  }

  /** The ids of the lessons with which `candidate` has been tried. */
  lessonsOf(candidate: Candidate): ReadonlySet<string> {
    return this.#of(candidate).lessons;
  }

  /** Finds the answer of `candidate` before it was tried with any change; undefined if it was not. */
  firstAnswerOf(candidate: Candidate): ForwardedAnswer | undefined {
    return this.#of(candidate).firstAnswer;
  }

  /** Plans the retry that a judgement asks for. `answer`: the refusal, as the client would get it. */
  plan(attempt: RetriedAttempt, judgement: RetryJudgement, answer: ForwardedAnswer | undefined): void {
    const { candidate, changes } = attempt;
    const before = this.#of(candidate);
    const { change, lesson, reason } = judgement;
    const words = wordsOf(reason);
    // The same words again: the lesson before did not help.
    const useless = before.last?.words === words ? before.last.lesson : undefined;
    const lessons = changes.lessons.filter((one) => one !== useless);
    const isSame = unchanged.has(change);
    if (!isSame) this.#changesLeft -= 1;
    this.#tried ??= new Map();
    this.#tried.set(candidate, {
      changes: new Set(before.changes).add(change),
      lessons: lesson ? new Set(before.lessons).add(lesson.id) : before.lessons,
      last: isSame ? before.last : { lesson, words },
      firstAnswer: before.firstAnswer ?? (isSame ? undefined : answer),
    });
    this.#due = retryOf(attempt, judgement, { ...changes, lessons: lesson ? [...lessons, lesson] : lessons });
  }

  /** The retry that is due, once. */
  take(): Retry | undefined {
    const due = this.#due;
    this.#due = undefined;
    return due;
  }

  #of(candidate: Candidate): Tried {
    return this.#tried?.get(candidate) ?? untried;
  }
}

/** A refusal's words without what differs each time, such as ids and positions. */
function wordsOf({ detail, words }: Reason): string {
  return `${detail} ${words ?? ""}`.replaceAll(/\d+/g, "0");
}

function isAboutCredential({ change }: RetryJudgement): boolean {
  return change === "fresh-credential" || change === "provider-time";
}

/** Builds the retry that a judgement asks for, on top of the changes that the attempt had already. */
function retryOf({ candidate, credential }: RetriedAttempt, judgement: RetryJudgement, changes: RequestChanges): Retry {
  return {
    candidate,
    refused: isAboutCredential(judgement)
      ? { headers: credential, providerTimeMs: judgement.providerTimeMs }
      : undefined,
    freshSocket: judgement.change === "fresh-socket",
    changes: {
      ...changes,
      isForeignProof: judgement.change === "without-signatures" ? isOpaqueProof : changes.isForeignProof,
      withoutThinking: changes.withoutThinking || judgement.change === "without-thinking",
      dialect: judgement.dialect ?? changes.dialect,
      maxTokens: judgement.maxTokens ?? changes.maxTokens,
    },
  };
}

/** Takes note of the thinking that a provider has refused, so that the next request need not be refused. */
export function learnFrom(
  judgement: RetryJudgement,
  { provider: name, model }: Candidate,
  { snapshot, runtime, request }: CallParts,
): void {
  const provider = snapshot.providers.get(name);
  if (provider && judgement.change === "without-thinking") learnRefusal({ provider, model, request }, runtime);
}

/** Keeps what an attempt was changed by, now that it is served: the next request is made so from the start. Tells of each lesson that is new. */
export function keepLessons(
  { candidate, changes }: { readonly candidate: Candidate; readonly changes: RequestChanges },
  { snapshot, runtime, request }: CallParts,
  retries: CallRetries,
): void {
  const { provider: name, model } = candidate;
  const { dialects, clock } = runtime;
  const provider = snapshot.providers.get(name);
  if (provider && changes.dialect && retries.of(candidate).has("other-dialect")) {
    dialects.learn(provider, model, changes.dialect, clock.now());
  }
  if (provider && request.isHeld && retries.of(candidate).has("without-signatures")) {
    learnRefusedSignatures({ provider, model, request }, runtime);
  }
  if (provider && changes.lessons.length > 0) runtime.taught(name, model, changes.lessons);
}
