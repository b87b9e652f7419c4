import type { AttemptCredential } from "./attempt-credential.ts";
import type { Attempt, AttemptDeadlines } from "./call-types.ts";
import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { ErrorRule, ProviderConfig } from "../base/config-types.ts";
import type { AttemptTrace, CallTrace } from "../base/events.ts";
import type { Candidate } from "../base/scope.ts";
import { readQuota } from "../health/quota-headers.ts";
import type { Lease } from "../health/table.ts";
import type { Mutable } from "../base/mutable.ts";
import { isConnectFailure } from "../policy/connect-failure.ts";
import type { HeaderMap, Judgement, Outcome, Reason, RetryChange, Verdict } from "../base/outcome.ts";
import { clientAnswer } from "./client-answer.ts";
import { createReader } from "./create-reader.ts";
import { FactsOf } from "./facts-of-attempt.ts";
import { outcomeName, type Settlement, verdictOf } from "./settlement.ts";
import { forwardedAnswer, forwardedFailure } from "../dialects/write-error.ts";
import type { ReplyReader } from "../dialects/reader.ts";
import type { Runtime } from "./runtime.ts";
import { withoutQuotes } from "../failures/quoted-text.ts";
import type { AttemptThinking } from "./thinking-provenance.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { answerHeaders, withoutKeys } from "../dialects/headers.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";
import type { BuiltRequest } from "./build-request.ts";
import type { UpstreamRequest, UpstreamTls } from "../base/transport.ts";
import { type Failure, type FailureSource, readFailure } from "../failures/failure.ts";
import { redactSecrets } from "../failures/redact.ts";

/** Parts of an attempt, and the listeners to its end. */
export interface AttemptParts {
  readonly callId: string;
  readonly number: number;
  readonly candidate: Candidate;
  readonly provider: ProviderConfig;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly lease: Lease;
  /** Names its credential × model in the load (`payerKey`). */
  readonly loadKey: string;
  readonly built: BuiltRequest;
  readonly localAnswer: Uint8Array | undefined;
  readonly deadlines: AttemptDeadlines;
  readonly freshSocket: boolean;
  readonly retried: ReadonlySet<RetryChange>;
  /** The ids of the lessons with which the candidate has been tried in this call. */
  readonly lessons: ReadonlySet<string>;
  /** Number of further tries of the call with a changed request. */
  readonly changesLeft: number;
  /** Request as the client sent it; without a body from the first content on. */
  readonly client: ClientRequest;
  readonly thinking: AttemptThinking;
  /** Called with the proof of the thinking of a native answer: a signature, or redacted data. */
  readonly onSignature: ((proof: string) => void) | undefined;
  /** Called with the id of an answer of Responses whose state the provider holds. */
  readonly onResponseId: ((id: string) => void) | undefined;
  readonly runtime: Runtime;
  readonly errorRules: readonly ErrorRule[];
  /** The changes with which the request was made, for a retry to start from. */
  readonly changes: RequestChanges;
  readonly credential: AttemptCredential;
  readonly owner: AttemptOwner;
}

/** The call that an attempt belongs to: it applies what the attempt came to. */
export interface AttemptOwner {
  /** The head of a reply has come: the provider is there. */
  onHead(): void;
  /** The gate has opened. */
  onContent(attempt: BalancerAttempt): void;
  /** Applies the end of the attempt, once; returns what its health was charged at once, in milliseconds of cooldown. */
  settle(attempt: BalancerAttempt, settlement: Settlement): number;
}

/** See `Attempt`. Keeps what happened to one try; the decisions are `classify`'s, their consequences the call's. */
export class BalancerAttempt implements Attempt {
  readonly number: number;
  readonly provider: string;
  readonly model: string;
  readonly isProbe: boolean;
  request: UpstreamRequest;
  readonly deadlines: AttemptDeadlines;
  readonly proxy: string | undefined;
  readonly tls: UpstreamTls | undefined;
  readonly freshSocket: boolean;
  readonly localAnswer: Uint8Array | undefined;
  readonly #parts: Mutable<AttemptParts>;
  readonly #startedAtMs: number;
  #reader: ReplyReader | undefined;
  #verdict: Verdict | undefined;
  #firstContentMs: number | undefined;
  #status: number | undefined;
  #outcome: Outcome | undefined;
  #failure: Failure | undefined;
  readonly #credential: AttemptCredential;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
    this.#credential = parts.credential;
    this.number = parts.number;
    this.provider = parts.provider.name;
    this.model = parts.candidate.model;
    this.isProbe = parts.lease.probe;
    this.request = parts.built.request;
    this.deadlines = parts.deadlines;
    this.proxy = parts.provider.proxy;
    this.tls = parts.provider.tls;
    this.freshSocket = parts.freshSocket;
    this.localAnswer = parts.localAnswer;
    this.#startedAtMs = parts.runtime.clock.now();
  }

  get candidate(): Candidate {
    return this.#parts.candidate;
  }

  get loadKey(): string {
    return this.#parts.loadKey;
  }

  get lease(): Lease {
    return this.#parts.lease;
  }

  get firstContentMs(): number | undefined {
    return this.#firstContentMs;
  }

  get replyReader(): ReplyReader | undefined {
    return this.#reader;
  }

  /** Adds what is known of the answer to the trace of the call. */
  describeAnswer(trace: Mutable<CallTrace>): void {
    const reader = this.#reader;
    if (this.#firstContentMs !== undefined) trace.firstContentMs = this.#firstContentMs;
    if (reader?.usage) trace.usage = reader.usage;
    if (reader?.stopReason !== undefined) trace.stopReason = reader.stopReason;
  }

  get credential(): Readonly<Record<string, string>> | undefined {
    return this.#credential.headers;
  }

  get needsCredential(): boolean {
    return this.#credential.isNeeded;
  }

  authorizedRequest(signal: AbortSignal): Promise<UpstreamRequest> {
    return this.#credential.putOn(this.request, signal);
  }

  get changes(): RequestChanges {
    return this.#parts.changes;
  }

  get status(): number | undefined {
    return this.#status;
  }

  reader(): ReplyReader {
    const { provider, client, stream, requestedModel, built, runtime, onSignature } = this.#parts;
    this.#reader = createReader({
      stream,
      providerType: provider.type,
      dialect: built.dialect,
      requestedModel,
      client: clientAnswer(client, runtime),
      answerModel: requestedModel === this.model ? undefined : requestedModel,
      translation: built.translation,
      generateId: runtime.generateId,
      scanBody: runtime.scanBody,
      onSignature,
      onResponseId: this.#parts.onResponseId,
    });
    return this.#reader;
  }

  /** Drops the body that was sent, so that its memory can be freed. */
  releaseBody(): void {
    this.request = { ...this.request, body: [] };
    this.#parts.built = { ...this.#parts.built, request: this.request };
  }

  answerHeaders(upstream: HeaderMap): Record<string, string> {
    return answerHeaders(upstream, this.#credential.holder.auth, this.#parts.client.dialect);
  }

  withoutSecrets(text: string): string {
    return redactSecrets(withoutKeys(text, this.#credential.holder.auth));
  }

  report(outcome: Outcome): Verdict {
    if (this.#verdict) return this.#verdict;
    this.#outcome = outcome;
    const { owner, runtime, errorRules } = this.#parts;
    if (outcome.type === "response") {
      this.#status = outcome.status;
      runtime.quotas.note(this.candidate, readQuota(outcome.headers, runtime.clock.wallNow()));
      owner.onHead();
    }
    const judgement = runtime.classify(outcome, new FactsOf(this, this.#parts), errorRules);
    if (judgement.type !== "continue") return this.#settle(judgement, outcome);
    if (outcome.type === "content" && this.#firstContentMs === undefined) {
      this.#firstContentMs = this.#elapsedMs();
      owner.onContent(this);
    }
    if (outcome.type === "complete") {
      this.#firstContentMs ??= this.#elapsedMs();
      this.#verdict = { type: "continue" };
      owner.settle(this, { type: "served" });
    }
    return { type: "continue" };
  }

  /** Reads the error of the attempt's failing reply, once. */
  readFailure(reply: FailureSource): Failure {
    return (this.#failure ??= readFailure(reply));
  }

  [Symbol.dispose](): void {
    if (this.#verdict) return;
    this.#verdict = {
      type: "refuse",
      reason: { class: "client-abort", detail: "the attempt was left without a report" },
    };
    this.#parts.owner.settle(this, { type: "abandoned" });
  }

  /** The attempt as it ended, for events and errors. */
  trace(end: Settlement): Mutable<AttemptTrace> {
    const reason = end.type === "judged" ? end.judgement.reason : undefined;
    const outcome = this.#outcome;
    const trace: Mutable<AttemptTrace> = {
      number: this.number,
      provider: this.provider,
      keyIndex: this.candidate.keyIndex,
      model: this.model,
      probe: this.isProbe,
      outcome: outcomeName(end),
      cooldownMs: 0,
      durationMs: this.#elapsedMs(),
      warnings: joined(this.#parts.built.warnings, this.#reader?.warnings),
    };
    if (this.#status !== undefined) trace.status = this.#status;
    if (outcome?.type === "timeout") trace.phase = outcome.phase;
    if (reason) trace.reason = reason;
    if (end.type === "judged" && "suspect" in end.judgement && end.judgement.suspect)
      trace.suspect = end.judgement.suspect;
    if (end.type === "judged" && end.judgement.type === "retry") trace.retry = end.judgement.change;
    if (this.#firstContentMs !== undefined) trace.firstContentMs = this.#firstContentMs;
    return trace;
  }

  #settle(raw: Exclude<Judgement, { type: "continue" }>, outcome: Outcome): Verdict {
    const reason = this.#cleanReason(raw.reason);
    const judgement = { ...raw, reason };
    // Set first: what the listeners of the end do must not settle the attempt again.
    this.#verdict = { type: "refuse", reason };
    const answersClient =
      judgement.type === "forward" ||
      (judgement.type === "retry" && judgement.change !== "fresh-socket") ||
      (judgement.type === "failover" && judgement.answer !== undefined);
    const answer = answersClient ? this.#forwarded(outcome) : undefined;
    const isConnect = this.#status === undefined && isConnectFailure(outcome);
    const cooldownMs = this.#parts.owner.settle(this, { type: "judged", judgement, answer, isConnect });
    this.#verdict = verdictOf(judgement, reason, cooldownMs);
    return this.#verdict;
  }

  #forwarded(outcome: Outcome): ForwardedAnswer | undefined {
    const { callId, client } = this.#parts;
    const provider = this.#credential.holder;
    const whom = { dialect: client.dialect, requestId: callId };
    if (outcome.type === "stream-error") return forwardedFailure(provider, outcome.reason, whom);
    if (outcome.type !== "response") return undefined;
    const { status, headers, body = "" } = outcome;
    return forwardedAnswer(provider, { status, headers, body, failure: this.readFailure(outcome) }, whom);
  }

  #cleanReason(reason: Reason): Reason {
    const clean: Mutable<Reason> = { class: reason.class, detail: this.withoutSecrets(reason.detail) };
    const words = reason.words === undefined ? undefined : this.#cleanWords(reason.words);
    if (words !== undefined) clean.words = words;
    if (reason.requestId !== undefined) clean.requestId = this.withoutSecrets(reason.requestId);
    return clean;
  }

  /** Upstreams quote the request in their errors, and what is shown to operators holds no prompt. */
  #cleanWords(words: string): string | undefined {
    const { body, facts } = this.#parts.client;
    return withoutQuotes(this.withoutSecrets(words), new TextDecoder().decode(body), facts.model);
  }

  #elapsedMs(): number {
    return this.#parts.runtime.clock.now() - this.#startedAtMs;
  }
}

function joined(one: readonly string[], other: readonly string[] = []): readonly string[] {
  return other.length === 0 ? one : [...one, ...other];
}
