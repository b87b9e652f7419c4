import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { AttemptTrace, BalancerEvents, CallTrace, TracedAttempt } from "@ccpb/core";
import {
  answerAttributes,
  attemptAttributes,
  attemptEndAttributes,
  callEndAttributes,
  errorType,
  type ProviderPlace,
} from "./attributes.ts";

interface OpenCall {
  readonly span: Span;
  readonly context: Context;
  attempt: { readonly number: number; readonly span: Span; readonly context: Context } | undefined;
  /** The last attempt has ended, and its span is kept open: what its answer came to is told with the end of the call. */
  ended: { readonly atMs: number; readonly trace: AttemptTrace } | undefined;
}

/** The spans of the calls under way: one a call, and one of kind client for each attempt below it. */
export class CallSpans {
  readonly #tracer: Tracer;
  readonly #placeOf: (provider: string) => ProviderPlace | undefined;
  /** Those under way, by the call's id: as many as the server's connections allow. */
  readonly #open = new Map<string, OpenCall>();

  constructor(tracer: Tracer, placeOf: (provider: string) => ProviderPlace | undefined) {
    this.#tracer = tracer;
    this.#placeOf = placeOf;
  }

  startCall({ callId, requestedModel, stream, client, dialect, traceContext }: BalancerEvents["call-start"]): void {
    // The client's context, where its request has one; else what is active, as in an application that embeds the balancer.
    const parent = traceContext === undefined ? context.active() : propagation.extract(context.active(), traceContext);
    const attributes = {
      // No attribute of the conventions: who adds up calls or tokens by them would count each attempt twice.
      "ccpb.call.id": callId,
      "ccpb.call.model": requestedModel,
      "ccpb.call.stream": stream,
      "ccpb.call.dialect": dialect,
      ...(client !== undefined && { "ccpb.client": client }),
    };
    const span = this.#tracer.startSpan(`ccpb.call ${requestedModel}`, { kind: SpanKind.INTERNAL, attributes }, parent);
    this.#open.set(callId, { span, context: trace.setSpan(parent, span), attempt: undefined, ended: undefined });
  }

  startAttempt(start: BalancerEvents["attempt-start"]): void {
    const call = this.#open.get(start.callId);
    if (call === undefined) return;
    closeAttempt(call, undefined);
    const attributes = attemptAttributes(start, this.#placeOf(start.provider));
    const span = this.#tracer.startSpan(`chat ${start.model}`, { kind: SpanKind.CLIENT, attributes }, call.context);
    call.attempt = { number: start.number, span, context: trace.setSpan(call.context, span) };
  }

  endAttempt(attempt: AttemptTrace & { readonly callId: string }): void {
    const call = this.#open.get(attempt.callId);
    if (call?.attempt?.number === attempt.number) call.ended = { atMs: Date.now(), trace: attempt };
  }

  endCall(end: CallTrace): void {
    const call = this.#open.get(end.callId);
    if (call === undefined) return;
    this.#open.delete(end.callId);
    closeAttempt(call, end);
    call.span.setAttributes(callEndAttributes(end));
    if (end.state !== "complete" && end.state !== "client_cancelled")
      call.span.setStatus({ code: SpanStatusCode.ERROR, message: errorType(end) });
    call.span.end();
  }

  /** Returns the trace context of an attempt's span, for its request: `traceparent` and `tracestate` alone. */
  headersOf({ callId, number }: TracedAttempt): Readonly<Record<string, string>> | undefined {
    const attempt = this.#open.get(callId)?.attempt;
    if (attempt?.number !== number) return undefined;
    const carrier: Record<string, string> = {};
    propagation.inject(attempt.context, carrier);
    // Other propagators add what is no provider's business, such as baggage.
    const kept = Object.entries(carrier).filter(([name]) => name === "traceparent" || name === "tracestate");
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }

  /** Ends every span that is open. */
  endAll(): void {
    for (const call of this.#open.values()) {
      closeAttempt(call, undefined);
      call.span.end();
    }
    this.#open.clear();
  }
}

function closeAttempt(call: OpenCall, end: CallTrace | undefined): void {
  const { attempt, ended } = call;
  call.attempt = undefined;
  call.ended = undefined;
  if (attempt === undefined) return;
  if (ended !== undefined) {
    const { outcome, reason } = ended.trace;
    attempt.span.setAttributes(attemptEndAttributes(ended.trace));
    if (outcome === "complete" && end !== undefined) attempt.span.setAttributes(answerAttributes(end));
    if (outcome === "failed" || outcome === "retried" || outcome === "forwarded")
      attempt.span.setStatus({ code: SpanStatusCode.ERROR, ...(reason !== undefined && { message: reason.class }) });
  }
  attempt.span.end(ended?.atMs);
}
