import type { AttemptOwner, BalancerAttempt } from "./attempt.ts";
import type { Settlement } from "./settlement.ts";
import { type CallParts, placeInQueue } from "./call-parts.ts";
import { CallEvidence } from "./call-evidence.ts";
import { CallRefusals } from "./call-refusals.ts";
import type { Attempt, Call, PendingTurn, TurnListener } from "./call-types.ts";
import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import { CallAnswer } from "./call-answer.ts";
import { type CallEnd, callTrace } from "./call-ending.ts";
import { type Asker, askerOf, callStart } from "./call-start.ts";
import { CallTurns, type Turn } from "./call-turns.ts";
import { hasHealthyOther, without } from "./candidates.ts";
import { buildAttempt, type BuiltAttempt } from "./build-attempt.ts";
import type { Clock } from "../base/clock.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { CcpbError } from "../base/errors.ts";
import type { AttemptTrace } from "../base/events.ts";
import type { Candidate } from "../base/scope.ts";
import { isKeptToWeigh, learnTokens } from "./learn-tokens.ts";
import { remainingAfter } from "./remaining-candidates.ts";
import type { Judgement } from "../base/outcome.ts";
import type { DialectName } from "../dialects/dialect.ts";
import { CallRetries, keepLessons, learnFrom, type Retry } from "./retry.ts";
import { noteLatency } from "./runtime.ts";
import { startAttempt } from "./start-attempt.ts";
import { taughtProvider } from "./taught-provider.ts";
import { firstChanges } from "./thinking-provenance.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";

/** See `Call`: walks the candidates, applies what each attempt's end means to health and to who comes next. */
export class BalancerCall implements Call, AttemptOwner {
  readonly id: string;
  readonly requestedModel: string;
  readonly dialect: DialectName;
  readonly stream: boolean;
  readonly clock: Clock;
  readonly brokenStreamEnding: "error" | "abort";
  readonly #parts: CallParts;
  readonly #startedAtMs: number;
  readonly #traces: AttemptTrace[] = [];
  readonly #evidence: CallEvidence;
  readonly #refusals = new CallRefusals();
  readonly #retries = new CallRetries();
  #remaining: readonly Candidate[];
  #attempts = 0;
  #current: BalancerAttempt | undefined;
  #isOver = false;
  readonly #answer = new CallAnswer();
  readonly #turns: CallTurns;
  /** Kept, since the body that may name the session is released before the call ends. */
  readonly #asker: Asker;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.requestedModel = parts.request.facts.model;
    this.dialect = parts.request.dialect;
    this.stream = parts.request.facts.stream;
    this.clock = parts.runtime.clock;
    this.brokenStreamEnding = parts.brokenStreamEnding;
    this.#remaining = parts.candidates;
    this.#evidence = new CallEvidence(parts.runtime, parts.request);
    this.#turns = new CallTurns(parts);
    this.#startedAtMs = parts.runtime.clock.now();
    this.#asker = askerOf(parts);
    parts.runtime.events.emit("call-start", callStart(this, this.#asker, parts));
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
    // A driver that only iterates does not ask for the failure, and the last attempt may have failed.
    if (!this.#isOver) this.#weighFailure();
  }

  get pending(): PendingTurn | undefined {
    return this.#turns.pending;
  }

  next(): Attempt | undefined {
    this.#current?.[Symbol.dispose]();
    while (!this.#isOver) {
      const retry = this.#retries.take();
      const facts = {
        remaining: this.#remaining,
        attempts: this.#attempts,
        lastProvider: this.#current?.provider,
        callLeftMs: this.#callLeftMs(),
      };
      const turn = this.#turns.next(facts, retry);
      if (this.#turns.pending) this.#evidence.yieldProbes();
      if (!turn) return undefined;
      this.#remaining = without(this.#remaining, turn.candidate);
      const attempt = this.#start(turn, retry);
      if (attempt) return attempt;
    }
    return undefined;
  }

  enter(listener: TurnListener): Disposable {
    const { room } = this.#parts.runtime;
    const tryStart = (): boolean => {
      const attempt = this.next();
      const { pending } = this.#turns;
      if (attempt || !pending) {
        listener.onTurn(attempt);
        return true;
      }
      listener.onStillPending(pending);
      return false;
    };
    return room.enter({ ...placeInQueue(this.#parts), tryStart });
  }

  lookAgain(): void {
    this.#parts.runtime.room.serve();
  }

  giveUp(): void {
    this.#turns.giveUp();
  }

  forwarded(): ForwardedAnswer | undefined {
    const answer = this.#answer.get();
    if (!answer) return undefined;
    this.#evidence.weigh(this.#answer.isFinal ? "answered" : "failed");
    this.#end({ state: "error", status: answer.status });
    return answer;
  }

  failure(): CcpbError {
    this.#weighFailure();
    const { candidates, snapshot, runtime } = this.#parts;
    const error = this.#refusals.failure(candidates, snapshot, { runtime, attempts: this.#traces });
    this.#end({ state: "error", status: error.status, refusal: error });
    return error;
  }

  abandon(): void {
    this.#current?.[Symbol.dispose]();
    this.#evidence.weigh("abandoned");
    this.#end({ state: "client_cancelled", status: 499 });
  }

  onHead(): void {
    this.#evidence.heard();
    if (this.#parts.runtime.host.heard(this.clock.now())) this.lookAgain();
  }

  #start({ candidate, isEarly }: Turn, retry: Retry | undefined): BalancerAttempt | undefined {
    const { snapshot, runtime } = this.#parts;
    const configured = snapshot.providers.get(candidate.provider);
    if (!configured) return undefined;
    const changes = retry?.changes ?? firstChanges(configured, candidate.model, runtime);
    const provider = taughtProvider(configured, candidate.model, changes.lessons);
    const built = this.#build(provider, candidate, changes);
    if (!built) return undefined;
    this.#attempts += 1;
    this.#current = startAttempt(
      this.#parts,
      { candidate, isEarly },
      {
        provider,
        built,
        changes,
        number: this.#attempts,
        freshSocket: retry?.freshSocket ?? false,
        retries: this.#retries,
        callMs: this.#callLeftMs(),
        refused: retry?.refused,
        hasAlternative: () => hasHealthyOther(this.#remaining, candidate, runtime),
        owner: this,
      },
    );
    return this.#current;
  }

  /** A request that cannot be translated is no attempt: the next candidate may take it as it is. */
  #build(provider: ProviderConfig, candidate: Candidate, changes: RequestChanges): BuiltAttempt | undefined {
    try {
      return buildAttempt(provider, candidate, { ...this.#parts, changes });
    } catch (error) {
      this.#refusals.untranslatable(provider.name, error);
      return undefined;
    }
  }

  #callLeftMs(): number {
    return this.#startedAtMs + this.#parts.snapshot.settings.timeouts.callMs - this.#parts.runtime.clock.now();
  }

  onContent(attempt: BalancerAttempt): void {
    const { request, runtime } = this.#parts;
    keepLessons(attempt, this.#parts, this.#retries);
    runtime.health.contentCame(attempt.lease, runtime.clock.now());
    // The request was good: the attempts before failed for reasons of their own.
    this.#evidence.weigh("served");
    // No other provider will be asked, and a stream may take minutes: what was sent need not stay that long.
    if (this.stream && !isKeptToWeigh(runtime, attempt.candidate, request)) {
      request.release();
      attempt.releaseBody();
    }
    noteLatency(runtime, attempt.candidate, attempt.firstContentMs ?? 0);
    this.#tellServed(attempt);
    if (attempt.isProbe) runtime.room.serve();
  }

  #tellServed({ provider, number, firstContentMs = 0 }: BalancerAttempt): void {
    const { events } = this.#parts.runtime;
    events.emit("content-start", { callId: this.id, number, firstContentMs });
    if (this.#traces.length === 0 || !events.has("failover-served")) return;
    events.emit("failover-served", { callId: this.id, provider, failed: [...this.#traces] });
  }

  settle(attempt: BalancerAttempt, settlement: Settlement): number {
    const { load, clock, events } = this.#parts.runtime;
    const trace = attempt.trace(settlement);
    this.#evidence.settle(attempt, settlement, trace);
    const { cooldownMs } = trace;
    const isCharged = settlement.type === "judged" && "charge" in settlement.judgement;
    load.end(attempt.provider, attempt.loadKey, isCharged ? clock.wallNow() : undefined);
    this.#traces.push(trace);
    // The id stands first: after the spread it would give each event a hidden class of its own (Node 20).
    if (events.has("attempt-end")) events.emit("attempt-end", { callId: this.id, ...trace });
    if (settlement.type === "served") this.#onServed(attempt);
    else if (settlement.type === "judged") this.#onJudged(attempt, settlement.judgement, settlement.answer);
    this.lookAgain();
    return cooldownMs;
  }

  #onServed(attempt: BalancerAttempt): void {
    const { runtime, session, request } = this.#parts;
    // A whole answer without content, or of a driver that reports no content.
    keepLessons(attempt, this.#parts, this.#retries);
    this.#evidence.weigh("served");
    if (session !== undefined) runtime.sessions.served(session, attempt.provider, runtime.clock.now());
    learnTokens(runtime, attempt.candidate, { request, usage: attempt.replyReader?.usage });
    this.#end({ state: "complete", status: 200, attempt });
  }

  #onJudged(
    attempt: BalancerAttempt,
    judgement: Exclude<Judgement, { type: "continue" }>,
    answer: ForwardedAnswer | undefined,
  ): void {
    switch (judgement.type) {
      case "forward": {
        // A change that did not help is none of the client's: it gets the answer to the request as it would have been.
        const first = this.#retries.firstAnswerOf(attempt.candidate) ?? answer;
        this.#answer.forward(first);
        this.#evidence.weigh("answered");
        this.#end({ state: "error", status: first?.status ?? 400, attempt });
        return;
      }
      case "retry":
        this.#planRetry(attempt, judgement, answer);
        return;
      case "failover":
        this.#onFailover(attempt, judgement, answer && (this.#retries.firstAnswerOf(attempt.candidate) ?? answer));
        return;
      case "refuse": {
        const hasLeft = judgement.reason.class === "client-abort";
        this.#evidence.weigh(hasLeft ? "abandoned" : "failed");
        const state = hasLeft ? "client_cancelled" : "truncated";
        this.#end({ state, status: attempt.status ?? 499, attempt });
      }
    }
  }

  #onFailover(
    attempt: BalancerAttempt,
    judgement: Extract<Judgement, { type: "failover" }>,
    answer: ForwardedAnswer | undefined,
  ): void {
    this.#refusals.refused(attempt.provider, judgement.reason);
    this.#answer.failover(judgement, answer);
    this.#remaining = remainingAfter(judgement, attempt.candidate, this.#remaining, this.#parts.snapshot.providers);
  }

  #planRetry(
    attempt: BalancerAttempt,
    judgement: Extract<Judgement, { type: "retry" }>,
    answer: ForwardedAnswer | undefined,
  ): void {
    learnFrom(judgement, attempt.candidate, this.#parts);
    this.#retries.plan(attempt, judgement, answer);
    // If there is no budget for the retry, the client gets the refusal.
    if (answer) this.#answer.failover({ answer: "if-all" }, this.#retries.firstAnswerOf(attempt.candidate) ?? answer);
  }

  /** No provider served: charges what the evidence allows for, and suspects this machine where no connection came about at all. */
  #weighFailure(): void {
    this.#evidence.weigh("failed");
    if (!this.#evidence.isHostSuspected) return;
    this.#parts.runtime.host.suspect(this.clock.now(), this.#startedAtMs);
    this.lookAgain();
  }

  #end(end: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { clock, host, events } = this.#parts.runtime;
    const durationMs = clock.now() - this.#startedAtMs;
    const told = { asker: this.#asker, durationMs, attempts: this.#traces, turns: this.#turns, host };
    events.emit("call-end", callTrace({ call: this, ...told }, end));
  }
}
