import { AttemptTimers } from "./attempt-timers.ts";
import type { Attempt } from "../call/call-types.ts";
import { Cancellation, type CancelSignal, isAborted } from "../base/cancellation.ts";
import { mistakeIn } from "../base/check-arguments.ts";
import type { Clock } from "../base/clock.ts";
import type { Outcome } from "../base/outcome.ts";
import { BodySource } from "./body-source.ts";
import { readErrorBody } from "./error-body.ts";
import { LiveBody } from "./live-body.ts";
import { eventStreamType, jsonType, type ReplyReader } from "../dialects/reader.ts";
import { isProgrammingError } from "../base/programming-error.ts";
import type { Reply } from "../base/reply.ts";
import { TransportError, type Transport, type TransportOptions, type UpstreamReply } from "../base/transport.ts";
import { transportOptions } from "./transport-options.ts";

/** Parts that an exchange needs to drive its attempt. */
export interface ExchangeParts {
  readonly attempt: Attempt;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Aborted when the client leaves. */
  readonly signal: CancelSignal | undefined;
  /** True if the client asked for a stream. */
  readonly stream: boolean;
  readonly brokenStreamEnding: "error" | "abort";
}

// One for all: an abort without a reason builds a DOMException with a stack each time.
const attemptOver = new Error("the attempt is over");
const noBytes = new Uint8Array();

/**
 * Drives one attempt on the network: from its request to the content of its reply, and until the connection is closed
 * or released.
 */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #timers: AttemptTimers;
  readonly #cancellation = new Cancellation();
  #source: BodySource | undefined;
  #body: LiveBody | undefined;
  #stopReason: unknown;
  /** True if the request went out on a connection that had served before; undefined before it was handed to one. */
  #isReused: boolean | undefined;
  #refuseHead: ((reason: unknown) => void) | undefined;
  #mistake: Error | undefined;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#timers = new AttemptTimers(parts.attempt.deadlines, parts.clock, this.#stop);
  }

  /**
   * Runs the attempt.
   *
   * @returns the client's reply; undefined if the attempt failed and was reported.
   * @throws the error of a transport that made a programming mistake; no provider is charged for that.
   */
  async run(): Promise<Reply | undefined> {
    const { attempt, signal } = this.#parts;
    if (attempt.localAnswer) return this.#localReply(attempt.localAnswer);
    signal?.addEventListener("abort", this.#onAbort);
    let reply: Reply | undefined;
    try {
      const upstream = await this.#head();
      if (upstream) reply = await this.#readReply(upstream);
    } catch (error) {
      // A reader or transport that throws must not take the call, nor keep its place at the provider for ever.
      attempt.report({
        type: "stream-error",
        reason: { type: "not-an-answer", detail: `reading the reply failed (${nameOf(error)})` },
      });
    } finally {
      this.#timers[Symbol.dispose]();
      if (reply === undefined) this.#letGo();
    }
    if (this.#mistake !== undefined) throw this.#mistake;
    return reply;
  }

  /** Ends the wait under way: by a deadline, or because the client left. */
  readonly #stop = (reason: unknown): void => {
    this.#stopReason ??= reason;
    if (this.#body) this.#body.abort();
    else if (this.#source) this.#source.interrupt(reason);
    else this.#refuseHead?.(reason);
  };

  readonly #onAbort = (): void => this.#stop("abort");

  /**
   * Sends the request and returns the reply's head; undefined after its failure was reported. The call does not wait for a transport that ignores its
   * signal: the body of a late answer is closed.
   */
  #head(): Promise<UpstreamReply | undefined> {
    const { attempt } = this.#parts;
    return new Promise((resolve) => {
      const fail = (error: unknown): void => {
        if (this.#stopReason === undefined && isProgrammingError(error)) {
          this.#mistake = error;
          attempt[Symbol.dispose]();
        } else attempt.report(this.#outcomeOf(error));
        resolve(undefined);
      };
      const take = (upstream: UpstreamReply): void => {
        this.#refuseHead = undefined;
        const mistake = mistakeIn(upstream);
        if (mistake) return fail(mistake);
        if (this.#stopReason === undefined) resolve(upstream);
        else new BodySource(upstream.body).close();
      };
      this.#refuseHead = fail;
      try {
        this.#send().then(take, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  #send(): Promise<UpstreamReply> {
    const { attempt, transport } = this.#parts;
    const options = this.#transportOptions();
    if (!attempt.needsCredential) return transport(attempt.request, options);
    return attempt.authorizedRequest(options.signal).then((request) => transport(request, options));
  }

  #readReply(upstream: UpstreamReply): Promise<Reply | undefined> {
    const { attempt } = this.#parts;
    const { status, headers } = upstream;
    const source = new BodySource(upstream.body);
    this.#source = source;
    // The stop may have come between the head and here.
    if (this.#stopReason !== undefined) source.interrupt(this.#stopReason);
    if (status !== 200) return this.#readError(source, upstream);
    if (attempt.report({ type: "response", status, headers }).type !== "continue") return Promise.resolve(undefined);
    this.#timers.onHeaders();
    return this.#readUntilContent(source, attempt.reader(), upstream);
  }

  async #readError(source: BodySource, { status, headers }: UpstreamReply): Promise<undefined> {
    const { attempt, clock, signal } = this.#parts;
    const body = await readErrorBody(source, clock);
    attempt.report(isAborted(signal) ? { type: "client-abort" } : { type: "response", status, headers, body });
  }

  async #readUntilContent(
    source: BodySource,
    reader: ReplyReader,
    upstream: UpstreamReply,
  ): Promise<Reply | undefined> {
    const { attempt } = this.#parts;
    for (;;) {
      const arrival = await source.next();
      let bytes: Uint8Array | undefined;
      if (arrival.type === "chunk") {
        bytes = reader.push(arrival.bytes);
        this.#timers.onByte();
      } else if (arrival.type === "end" || this.#mayEnd(reader)) bytes = reader.end();
      else {
        attempt.report(this.#outcomeOf(arrival.type === "error" ? arrival.cause : undefined));
        return undefined;
      }
      if (reader.state === "failed" && reader.failure) {
        attempt.report({ type: "stream-error", reason: reader.failure });
        return undefined;
      }
      if (reader.state === "prelude") continue;
      attempt.report({ type: "content" });
      if (reader.state === "content") return this.#reply(reader, upstream, this.#live(source, reader, bytes));
      attempt.report({ type: "complete" });
      if (arrival.type === "chunk") this.#finishUpstream(source);
      else if (arrival.type === "end") this.#stopListening();
      else this.#letGo();
      return this.#reply(reader, upstream, bytes ?? noBytes);
    }
  }

  /** A cut or a silence comes too late to take anything away. */
  #mayEnd(reader: ReplyReader): boolean {
    return reader.canEnd && !isAborted(this.#parts.signal);
  }

  #outcomeOf(error: unknown): Outcome {
    const { passed } = this.#timers;
    if (isAborted(this.#parts.signal)) return { type: "client-abort" };
    const phase = passed?.phase ?? (error instanceof TransportError ? error.phase : undefined);
    // A byte of the reply shows that its connection was alive.
    if (phase) return { type: "timeout", phase, reusedSocket: this.#isReused === true && this.#source === undefined };
    const reusedSocket = error instanceof TransportError && error.reusedSocket;
    return { type: "transport-error", cause: error, reusedSocket };
  }

  #transportOptions(): TransportOptions {
    const onSocket = (isReused: boolean): void => {
      this.#isReused = isReused;
    };
    return transportOptions(this.#parts.attempt, this.#parts.transport, { cancellation: this.#cancellation, onSocket });
  }

  /** The answer is whole before the upstream's body ended. */
  #finishUpstream(source: BodySource): void {
    this.#stopListening();
    source.drain(this.#parts.clock, () => this.#cancellation.abort(attemptOver));
  }

  #letGo(): void {
    this.#stopReason ??= attemptOver;
    this.#stopListening();
    this.#source?.close();
    this.#cancellation.abort(attemptOver);
  }

  #stopListening(): void {
    this.#parts.signal?.removeEventListener("abort", this.#onAbort);
  }

  #live(source: BodySource, reader: ReplyReader, first: Uint8Array | undefined): LiveBody {
    const { attempt, clock, brokenStreamEnding } = this.#parts;
    this.#body = new LiveBody({
      source,
      reader,
      first,
      attempt,
      ending: brokenStreamEnding,
      clock,
      onDone: (isWhole) => (isWhole ? this.#finishUpstream(source) : this.#letGo()),
    });
    return this.#body;
  }

  #reply(reader: ReplyReader, upstream: UpstreamReply, body: Uint8Array | LiveBody): Reply {
    const { attempt } = this.#parts;
    const headers = attempt.answerHeaders(upstream.headers);
    headers["content-type"] = reader.contentType;
    return { status: 200, headers, body, provider: attempt.provider, attempts: attempt.number };
  }

  #localReply(body: Uint8Array): Reply {
    const { attempt, stream } = this.#parts;
    this.#timers[Symbol.dispose]();
    attempt.report({ type: "complete" });
    const headers = { "content-type": stream ? eventStreamType : jsonType };
    return { status: 200, headers, body, provider: attempt.provider, attempts: attempt.number };
  }
}

/** The kind of an error, which holds none of its words: those may be a client's or a secret. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
