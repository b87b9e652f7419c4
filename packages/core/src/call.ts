import { attemptDeadlines, leaseMs } from "./attempt-deadlines.ts";
import { type AttemptEnd, BalancerAttempt } from "./attempt.ts";
import { translationRefusal, unavailable } from "./call-failure.ts";
import type { Attempt, Call, ForwardedAnswer } from "./call-types.ts";
import { firstCandidate } from "./candidates.ts";
import type { Clock } from "./clock.ts";
import type { ProviderConfig } from "./config-types.ts";
import type { CcpbError } from "./errors.ts";
import type { AttemptTrace, CallTrace, TerminalState } from "./events.ts";
import { nextLatency } from "./health/latency.ts";
import type { Candidate } from "./health/scope.ts";
import type { Lease } from "./health/table.ts";
import { isKeptToWeigh, learnTokens, withTokenFactor } from "./learn-tokens.ts";
import { rulesOut } from "./policy/classify.ts";
import type { Charge, Judgement, Reason, RetryChange } from "./policy/outcome.ts";
import type { Mutable } from "./mutable.ts";
import { localAnswerBytes } from "./reply/create-reader.ts";
import { learnFrom, type Retry, retryOf } from "./retry.ts";
import { deploymentKey, type Runtime, type Snapshot } from "./runtime.ts";
import { AttemptThinking, firstChanges, signatureListener } from "./thinking-provenance.ts";
import type { ClientRequest } from "./upstream/client-request.ts";
import { buildRequest, type BuiltRequest, noRequest, type RequestChanges } from "./upstream/request.ts";

export interface CallParts {
  readonly id: string;
  readonly request: ClientRequest;
  readonly candidates: readonly Candidate[];
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
  readonly turn: number;
  readonly session: string | undefined;
  readonly brokenStreamEnding: "error" | "abort";
}

interface DeferredCharge {
  readonly lease: Lease;
  readonly charge: Charge;
  readonly reason: Reason;
}

const maxLatencies = 1_000;

/** See `Call`: walks the candidates, applies what each attempt's end means to health and to who comes next. */
export class BalancerCall implements Call {
  readonly id: string;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly clock: Clock;
  readonly brokenStreamEnding: "error" | "abort";
  readonly #parts: CallParts;
  readonly #startedAtMs: number;
  #retried: Map<Candidate, Set<RetryChange>> | undefined;
  readonly #traces: AttemptTrace[] = [];
  readonly #deferred: DeferredCharge[] = [];
  readonly #refusals = new Map<string, Reason>();
  #remaining: readonly Candidate[];
  #retry: Retry | undefined;
  #attempts = 0;
  #current: BalancerAttempt | undefined;
  #isOver = false;
  #isAllNotFound = true;
  #answer: ForwardedAnswer | undefined;
  #untranslatable: CcpbError | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.requestedModel = parts.request.facts.model;
    this.stream = parts.request.facts.stream;
    this.clock = parts.runtime.clock;
    this.brokenStreamEnding = parts.brokenStreamEnding;
    this.#remaining = parts.candidates;
    this.#startedAtMs = parts.runtime.clock.now();
    parts.runtime.events.emit("call-start", {
      callId: this.id,
      requestedModel: this.requestedModel,
      stream: this.stream,
    });
  }

  get attemptCount(): number {
    return this.#attempts;
  }

  *[Symbol.iterator](): Generator<Attempt, void, undefined> {
    for (let attempt = this.next(); attempt; attempt = this.next()) {
      try {
        yield attempt;
      } finally {
        attempt[Symbol.dispose]();
      }
    }
  }

  next(): Attempt | undefined {
    this.#current?.[Symbol.dispose]();
    while (!this.#isOver) {
      const retry = this.#retry;
      this.#retry = undefined;
      const candidate = retry?.candidate ?? this.#pick();
      if (!candidate || this.#callLeftMs() <= 0) return undefined;
      this.#remaining = without(this.#remaining, candidate);
      const attempt = this.#start(candidate, retry);
      if (attempt) return attempt;
    }
    return undefined;
  }

  forwarded(): ForwardedAnswer | undefined {
    const answer = this.#answer;
    if (!answer || !(this.#isOver || this.#isAllNotFound)) return undefined;
    this.#end("error", answer.status);
    return answer;
  }

  failure(): CcpbError {
    const error = this.#failure();
    this.#end("error", error.status);
    return error;
  }

  abandon(): void {
    this.#current?.[Symbol.dispose]();
    this.#end("client_cancelled", 499);
  }

  /** The first candidate in today's order that may be tried; an open one only as a last resort. */
  #pick(): Candidate | undefined {
    if (this.#remaining.length === 0) return undefined;
    const { snapshot, runtime, turn, session, request } = this.#parts;
    const first = firstCandidate(snapshot, runtime, this.#remaining, { turn, session, request });
    if (!first) return undefined;
    if (first.standing !== "open") return first.candidate;
    return snapshot.settings.lastResort && this.#attempts === 0 ? first.candidate : undefined;
  }

  #start(candidate: Candidate, retry: Retry | undefined): BalancerAttempt | undefined {
    const { snapshot, runtime, request } = this.#parts;
    const provider = snapshot.providers.get(candidate.provider);
    if (!provider) return undefined;
    const changes = retry?.changes ?? firstChanges(provider, candidate.model, runtime);
    const built = this.#build(provider, candidate, changes);
    if (!built) return undefined;
    const deadlines = attemptDeadlines(snapshot.settings.timeouts, provider, {
      stream: this.stream,
      callMs: this.#callLeftMs(),
    });
    const nowMs = runtime.clock.now();
    const lease = runtime.health.acquire(candidate, { nowMs, expiresAtMs: nowMs + leaseMs(deadlines) });
    runtime.load.start(provider.name);
    this.#attempts += 1;
    const attempt = new BalancerAttempt({
      callId: this.id,
      number: this.#attempts,
      candidate,
      provider,
      requestedModel: this.requestedModel,
      stream: this.stream,
      lease,
      built: built.request,
      localAnswer: built.localAnswer,
      deadlines,
      freshSocket: retry?.freshSocket ?? false,
      retried: this.#retried?.get(candidate) ?? noChanges,
      thinking: new AttemptThinking({ provider, model: candidate.model, request, changes }),
      onSignature: signatureListener(provider, snapshot, runtime),
      runtime,
      classify: (outcome, facts) => runtime.classify(outcome, facts, snapshot.settings.errorRules),
      onContent: (served) => this.#onContent(served),
      onSettled: (settled, end) => this.#onSettled(settled, end, changes),
    });
    this.#current = attempt;
    const { number, model, isProbe } = attempt;
    runtime.events.emit("attempt-start", { callId: this.id, number, provider: provider.name, model, probe: isProbe });
    return attempt;
  }

  /** A request that cannot be translated is no attempt: the next candidate may take it as it is. */
  #build(
    provider: ProviderConfig,
    candidate: Candidate,
    changes: RequestChanges,
  ): { readonly request: BuiltRequest; readonly localAnswer: Uint8Array | undefined } | undefined {
    try {
      const { request, runtime } = this.#parts;
      const built = buildRequest(provider, candidate, request, withTokenFactor(changes, provider, candidate, runtime));
      if ("request" in built) return { request: built, localAnswer: undefined };
      return { request: noRequest, localAnswer: localAnswerBytes(built.localAnswer, this.stream) };
    } catch (error) {
      const refusal = translationRefusal(provider.name, error);
      this.#untranslatable ??= refusal;
      this.#refusals.set(provider.name, { class: "untranslatable", detail: refusal.message });
      return undefined;
    }
  }

  #callLeftMs(): number {
    return this.#startedAtMs + this.#parts.snapshot.settings.timeouts.callMs - this.#parts.runtime.clock.now();
  }

  #onContent(attempt: BalancerAttempt): void {
    const { request, runtime } = this.#parts;
    const { latencies, clock } = runtime;
    // Nobody else will be asked, and a stream may take minutes: what was sent need not stay that long.
    if (this.stream && !isKeptToWeigh(runtime, attempt.candidate, request)) {
      request.release();
      attempt.releaseBody();
    }
    const key = deploymentKey(attempt.provider, attempt.model);
    // Passed-through model names come from clients: what is remembered of them stays bounded.
    if (latencies.size >= maxLatencies && !latencies.has(key)) latencies.clear();
    latencies.set(key, nextLatency(latencies.get(key), attempt.firstContentMs ?? 0, clock.now()));
  }

  #onSettled(attempt: BalancerAttempt, end: AttemptEnd, changes: RequestChanges): number {
    const { runtime } = this.#parts;
    const cooldownMs = this.#applyToHealth(attempt, end);
    attempt.lease[Symbol.dispose]();
    const hasFailed = end.type === "judged" && "charge" in end.judgement && end.judgement.charge !== undefined;
    runtime.load.end(attempt.provider, hasFailed ? runtime.clock.wallNow() : undefined);
    const trace = attempt.trace(end, cooldownMs);
    this.#traces.push(trace);
    // The id stands first: after the spread it would give each event a hidden class of its own (Node 20).
    if (runtime.events.has("attempt-end")) runtime.events.emit("attempt-end", { callId: this.id, ...trace });
    if (end.type === "served") this.#onServed(attempt);
    else if (end.type === "judged") this.#onJudged(attempt, end.judgement, { answer: end.answer, changes });
    return cooldownMs;
  }

  #applyToHealth(attempt: BalancerAttempt, end: AttemptEnd): number {
    const { health, clock } = this.#parts.runtime;
    const nowMs = clock.now();
    if (end.type === "served") health.succeed(attempt.lease, nowMs);
    if (end.type !== "judged" || !("charge" in end.judgement) || !end.judgement.charge) return 0;
    const { charge, reason } = end.judgement;
    if (charge.when !== "if-served") return health.fail(attempt.lease, charge, { reason, nowMs });
    this.#deferred.push({ lease: attempt.lease, charge, reason });
    return 0;
  }

  #onServed(attempt: BalancerAttempt): void {
    const { runtime, session } = this.#parts;
    const nowMs = runtime.clock.now();
    // Somebody served what others did not know: now it is known that they do not have it.
    for (const { lease, charge, reason } of this.#deferred) runtime.health.fail(lease, charge, { reason, nowMs });
    if (session !== undefined) runtime.sessions.served(session, attempt.provider, nowMs);
    learnTokens(runtime, attempt.candidate, { request: this.#parts.request, usage: attempt.replyReader?.usage });
    this.#end("complete", 200, attempt);
  }

  #onJudged(
    attempt: BalancerAttempt,
    judgement: Exclude<Judgement, { type: "continue" }>,
    context: { readonly answer: ForwardedAnswer | undefined; readonly changes: RequestChanges },
  ): void {
    switch (judgement.type) {
      case "forward":
        this.#answer = context.answer;
        return this.#end("error", context.answer?.status ?? 400, attempt);
      case "retry":
        this.#planRetry(attempt, judgement, context.changes);
        return;
      case "failover":
        if (judgement.answer === "always") return this.#onJudged(attempt, { ...judgement, type: "forward" }, context);
        this.#refusals.set(attempt.provider, judgement.reason);
        if (judgement.answer === undefined) this.#isAllNotFound = false;
        else this.#answer ??= context.answer;
        this.#remaining = this.#remaining.filter((other) => !rulesOut(judgement, attempt.candidate, other));
        return;
      case "refuse":
        this.#end(
          judgement.reason.class === "client-abort" ? "client_cancelled" : "truncated",
          attempt.status ?? 499,
          attempt,
        );
    }
  }

  #planRetry(
    attempt: BalancerAttempt,
    judgement: Extract<Judgement, { type: "retry" }>,
    changes: RequestChanges,
  ): void {
    const { candidate } = attempt;
    const { snapshot, runtime, request } = this.#parts;
    const provider = snapshot.providers.get(candidate.provider);
    if (provider) learnFrom(judgement, candidate, { provider, request, runtime });
    this.#retried ??= new Map();
    this.#retried.set(candidate, new Set(this.#retried.get(candidate)).add(judgement.change));
    this.#retry = retryOf(candidate, judgement, changes);
  }

  #failure(): CcpbError {
    if (this.#untranslatable && this.#attempts === 0 && this.#everybodyIsUntranslatable()) return this.#untranslatable;
    const { runtime, candidates } = this.#parts;
    const nowMs = runtime.clock.now();
    const standing = candidates.map((candidate) => ({
      provider: candidate.provider,
      availability: runtime.health.availability(candidate, nowMs),
    }));
    return unavailable(standing, this.#refusals, { attempts: this.#traces, nowMs });
  }

  #everybodyIsUntranslatable(): boolean {
    return this.#parts.candidates.every(({ provider }) => this.#refusals.get(provider)?.class === "untranslatable");
  }

  #end(state: TerminalState, status: number, attempt?: BalancerAttempt): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { runtime } = this.#parts;
    const reader = attempt?.replyReader;
    const trace: Mutable<CallTrace> = {
      callId: this.id,
      requestedModel: this.requestedModel,
      stream: this.stream,
      state,
      status,
      attempts: this.#traces,
      durationMs: runtime.clock.now() - this.#startedAtMs,
    };
    if (attempt?.firstContentMs !== undefined) trace.firstContentMs = attempt.firstContentMs;
    if (reader?.usage) trace.usage = reader.usage;
    if (reader?.stopReason !== undefined) trace.stopReason = reader.stopReason;
    runtime.events.emit("call-end", trace);
  }
}

const noChanges: ReadonlySet<RetryChange> = new Set();

function without(candidates: readonly Candidate[], candidate: Candidate): readonly Candidate[] {
  return candidates[0] === candidate ? candidates.slice(1) : candidates.filter((other) => other !== candidate);
}
