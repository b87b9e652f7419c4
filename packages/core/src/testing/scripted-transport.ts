import type { Clock } from "../base/clock.ts";
import type { HeaderMap } from "../base/outcome.ts";
import {
  type Transport,
  TransportError,
  type TransportOptions,
  type UpstreamReply,
  type UpstreamRequest,
} from "../base/transport.ts";

/** One step of a scripted body: bytes or text, a pause in (virtual) milliseconds, a break of the connection, or waiting for ever. */
export type BodyStep =
  | string
  | Uint8Array
  | { readonly waitMs: number }
  | { readonly error: string }
  | { readonly hang: true };

/** What a scripted provider does with one request. */
export interface ScriptedReply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: HeaderMap;
  readonly body?: string | readonly BodyStep[];
  /** Before the headers. */
  readonly delayMs?: number;
  /** Instead of an answer. */
  readonly failure?: { readonly message: string; readonly reusedSocket?: boolean; readonly phase?: "connect" };
  /** Never answers. */
  readonly hang?: true;
}

/** A request that a scripted transport was given; its body as text. */
export interface ScriptedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly freshSocket: boolean;
}

/** A transport that plays a script, and what it was asked. */
export interface ScriptedTransport {
  readonly transport: Transport;
  /** Every request so far. */
  readonly requests: readonly ScriptedRequest[];
}

/**
 * A transport that plays what `answer` says, on the given clock, and touches no network: for testing failover in virtual time. `answer` is called
 * once a request; it honours the attempt's signal as a real transport must.
 */
export function scriptedTransport(
  clock: Clock,
  answer: (request: ScriptedRequest, index: number) => ScriptedReply,
): ScriptedTransport {
  const requests: ScriptedRequest[] = [];
  const transport: Transport = async (request, options) => {
    const seen = describe(request, options);
    requests.push(seen);
    const reply = answer(seen, requests.length - 1);
    if (reply.delayMs !== undefined) await wait(clock, reply.delayMs, options.signal);
    if (reply.hang) await wait(clock, Number.POSITIVE_INFINITY, options.signal);
    if (reply.failure) throw new TransportError(reply.failure.message, reply.failure);
    const upstream: UpstreamReply = {
      status: reply.status ?? 200,
      headers: reply.headers ?? {},
      body: playBody(clock, typeof reply.body === "string" ? [reply.body] : (reply.body ?? []), options.signal),
    };
    return upstream;
  };
  return { transport, requests };
}

function describe(request: UpstreamRequest, options: TransportOptions): ScriptedRequest {
  const decoder = new TextDecoder();
  const body = request.body.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  return { url: request.url, headers: request.headers, body, signal: options.signal, freshSocket: options.freshSocket };
}

async function* playBody(clock: Clock, steps: readonly BodyStep[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const step of steps) {
    if (signal.aborted) throw signal.reason;
    if (typeof step === "string") yield encoder.encode(step);
    else if (ArrayBuffer.isView(step)) yield step;
    else if ("waitMs" in step) await wait(clock, step.waitMs, signal);
    else if ("error" in step) throw new TransportError(step.error);
    else await wait(clock, Number.POSITIVE_INFINITY, signal);
  }
}

function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(ms) ? clock.setTimer(ms, resolve) : undefined;
    signal.addEventListener(
      "abort",
      () => {
        timer?.[Symbol.dispose]();
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
