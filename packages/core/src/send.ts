import type { Attempt, Call, ForwardedAnswer } from "./call-types.ts";
import type { Clock } from "./clock.ts";
import { AttemptTimers, type DeadlinePassed } from "./attempt-timers.ts";
import type { Outcome, Verdict } from "./policy/outcome.ts";
import { BodySource } from "./reply/body-source.ts";
import { readErrorBody } from "./reply/error-body.ts";
import { LiveBody } from "./reply/live-body.ts";
import { eventStreamType, jsonType, type ReplyReader } from "./reply/reader.ts";
import type { Reply } from "./reply/reply.ts";
import { answerHeaders } from "./upstream/headers.ts";
import { TransportError, type Transport, type UpstreamReply } from "./upstream/types.ts";

export interface SendOptions {
  /** Aborted when the client leaves; `send` then rejects with its reason and cancels the upstream at once. */
  readonly signal?: AbortSignal;
  /** Default: the balancer's own. */
  readonly clock?: Clock;
}

/** How an attempt ended for the call: with a reply, or with the word to try the next one. */
type Try = { readonly type: "reply"; readonly reply: Reply } | { readonly type: "next" };
const next: Try = { type: "next" };

// One for all: an abort without a reason builds a DOMException with a stack each time, a tenth of a small call's cost.
const attemptOver = new Error("the attempt is over");

/** What reading a reply is watched by. */
interface Reading {
  readonly timers: AttemptTimers;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
}

/**
 * Drives one call over a transport: walks its attempts until one has content or a whole answer, and hands back the reply. Nothing is given out
 * before the content gate opens, so that a fault before it is never seen. Rejects with `CcpbError` when nobody served the call, or with the
 * signal's reason when the client left.
 */
export async function send(call: Call, transport: Transport, options: SendOptions = {}): Promise<Reply> {
  const { signal, clock = call.clock } = options;
  for (let attempt = call.next(); attempt !== undefined; attempt = call.next()) {
    if (isAborted(signal)) {
      attempt[Symbol.dispose]();
      break;
    }
    const result = await new Exchange(call, attempt, clock).run(transport, signal);
    if (result.type === "reply") return result.reply;
    if (isAborted(signal)) break;
  }
  if (isAborted(signal)) {
    call.abandon();
    throw signal.reason;
  }
  const forwarded = call.forwarded();
  if (forwarded) return forwardedReply(forwarded, call);
  throw call.failure();
}

/** One attempt on the network. */
class Exchange {
  readonly #call: Call;
  readonly #attempt: Attempt;
  readonly #clock: Clock;
  readonly #controller = new AbortController();

  constructor(call: Call, attempt: Attempt, clock: Clock) {
    this.#call = call;
    this.#attempt = attempt;
    this.#clock = clock;
  }

  async run(transport: Transport, signal: AbortSignal | undefined): Promise<Try> {
    if (this.#attempt.localAnswer) return this.#localReply(this.#attempt.localAnswer);
    const timers = new AttemptTimers(this.#attempt.deadlines, this.#clock);
    const upstream = await this.#request(transport, timers, signal);
    if (upstream === undefined) return next;
    const source = new BodySource(upstream.body);
    timers.onPassed = (passed) => source.interrupt(passed);
    const onAbort = () => source.interrupt("abort");
    signal?.addEventListener("abort", onAbort);
    if (isAborted(signal)) onAbort();
    const context: Reading = { timers, signal, onAbort };
    let isKept = false;
    try {
      if (upstream.status !== 200) {
        await this.#readError(upstream, source, signal);
        return next;
      }
      if (this.#attempt.report({ type: "response", status: 200, headers: upstream.headers }).type !== "continue")
        return next;
      timers.onHeaders();
      const result = await this.#readUntilContent(source, this.#attempt.reader(), upstream, context);
      isKept = result.type === "reply";
      return result;
    } finally {
      timers[Symbol.dispose]();
      if (!isKept) this.#letGo(source, context);
    }
  }

  /** The reply's head, or undefined after the failure was reported. */
  async #request(
    transport: Transport,
    timers: AttemptTimers,
    signal: AbortSignal | undefined,
  ): Promise<UpstreamReply | undefined> {
    const { request, deadlines, freshSocket, proxy } = this.#attempt;
    const controller = this.#controller;
    const stop = deferred<never>();
    const onAbort = () => stop.reject(signal?.reason);
    timers.onPassed = (passed) => stop.reject(passed);
    signal?.addEventListener("abort", onAbort);
    try {
      const reply = transport(request, {
        signal: controller.signal,
        connectTimeoutMs: deadlines.connectMs,
        freshSocket,
        ...(proxy !== undefined && { proxy }),
      });
      // A transport that ignores its signal must not hold the call: its late answer is let go of.
      reply.then(
        (late) => {
          if (controller.signal.aborted) new BodySource(late.body).close();
        },
        () => undefined,
      );
      return await Promise.race([reply, stop.promise]);
    } catch (error) {
      controller.abort(attemptOver);
      timers[Symbol.dispose]();
      this.#attempt.report(this.#outcomeOf(error, timers.passed, signal));
      return undefined;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #outcomeOf(error: unknown, passed: DeadlinePassed | undefined, signal: AbortSignal | undefined): Outcome {
    if (isAborted(signal)) return { type: "client-abort" };
    if (passed) return { type: "timeout", phase: passed.phase };
    if (error instanceof TransportError && error.phase === "connect") return { type: "timeout", phase: "connect" };
    const reusedSocket = error instanceof TransportError && error.reusedSocket;
    return { type: "transport-error", cause: error, reusedSocket };
  }

  async #readError(upstream: UpstreamReply, source: BodySource, signal: AbortSignal | undefined): Promise<Verdict> {
    const body = await readErrorBody(source, this.#clock);
    if (isAborted(signal)) return this.#attempt.report({ type: "client-abort" });
    return this.#attempt.report({ type: "response", status: upstream.status, headers: upstream.headers, body });
  }

  async #readUntilContent(
    source: BodySource,
    reader: ReplyReader,
    upstream: UpstreamReply,
    context: Reading,
  ): Promise<Try> {
    const { signal, onAbort } = context;
    for (;;) {
      const arrival = await source.next();
      let bytes: Uint8Array | undefined;
      if (arrival.type === "chunk") bytes = reader.push(arrival.bytes);
      else if (arrival.type === "end") bytes = reader.end();
      else {
        const cause = arrival.type === "error" ? arrival.cause : undefined;
        this.#attempt.report(this.#outcomeOf(cause, context.timers.passed, context.signal));
        return next;
      }
      if (arrival.type === "chunk") context.timers.onByte();
      if (reader.state === "failed" && reader.failure) {
        this.#attempt.report({ type: "stream-error", reason: reader.failure });
        return next;
      }
      if (reader.state === "prelude") continue;
      this.#attempt.report({ type: "content" });
      context.timers[Symbol.dispose]();
      if (reader.state === "complete") {
        this.#attempt.report({ type: "complete" });
        if (arrival.type === "chunk") this.#finishUpstream(source, context);
        else signal?.removeEventListener("abort", onAbort);
        return this.#reply(reader, upstream, bytes ?? new Uint8Array());
      }
      return this.#reply(reader, upstream, this.#live(source, reader, bytes, context));
    }
  }

  /** The answer is whole before the upstream's body ended. */
  #finishUpstream(source: BodySource, { signal, onAbort }: Reading): void {
    signal?.removeEventListener("abort", onAbort);
    source.drain(this.#clock, () => this.#controller.abort(attemptOver));
  }

  #letGo(source: BodySource, { signal, onAbort }: Reading): void {
    signal?.removeEventListener("abort", onAbort);
    source.close();
    this.#controller.abort(attemptOver);
  }

  #live(source: BodySource, reader: ReplyReader, first: Uint8Array | undefined, context: Reading): LiveBody {
    return new LiveBody({
      source,
      reader,
      first,
      attempt: this.#attempt,
      ending: this.#call.brokenStreamEnding,
      clock: this.#clock,
      onDone: (isWhole) => (isWhole ? this.#finishUpstream(source, context) : this.#letGo(source, context)),
    });
  }

  #reply(reader: ReplyReader, upstream: UpstreamReply, body: Uint8Array | LiveBody): Try {
    const headers = { ...answerHeaders(upstream.headers), "content-type": reader.contentType };
    return {
      type: "reply",
      reply: { status: 200, headers, body, provider: this.#attempt.provider, attempts: this.#attempt.number },
    };
  }

  #localReply(body: Uint8Array): Try {
    this.#attempt.report({ type: "complete" });
    const headers = { "content-type": this.#call.stream ? eventStreamType : jsonType };
    return {
      type: "reply",
      reply: { status: 200, headers, body, provider: this.#attempt.provider, attempts: this.#attempt.number },
    };
  }
}

function forwardedReply(answer: ForwardedAnswer, call: Call): Reply {
  return {
    status: answer.status,
    headers: answer.headers,
    body: answer.body,
    provider: answer.provider,
    attempts: call.attemptCount,
  };
}

/** A call, so that the compiler does not believe that it stays false across an await. */
function isAborted(signal: AbortSignal | undefined): signal is AbortSignal {
  return signal?.aborted === true;
}

function deferred<T>(): { readonly promise: Promise<T>; reject(reason: unknown): void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((_resolve, onReject) => {
    reject = onReject;
  });
  // Nobody may be waiting any more when it rejects.
  promise.catch(() => undefined);
  return { promise, reject };
}
