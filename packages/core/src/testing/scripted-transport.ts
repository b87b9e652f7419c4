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

/** Reply of a scripted provider to one request. */
export interface ScriptedReply {
  /** HTTP status; default 200. */
  readonly status?: number;
  /** Headers, names in lower case; default: none. */
  readonly headers?: HeaderMap;
  /** Body as text, or as steps; default: empty. */
  readonly body?: string | readonly BodyStep[];
  /** Milliseconds before the headers. */
  readonly delayMs?: number;
  /** Failure of the network instead of an answer. */
  readonly failure?: { readonly message: string; readonly reusedSocket?: boolean; readonly phase?: "connect" };
  /** Present: no answer ever comes. */
  readonly hang?: true;
}

/** Request that a scripted transport was given. */
export interface ScriptedRequest {
  /** Absolute URL. */
  readonly url: string;
  /** Headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body as text. */
  readonly body: string;
  /** Signal of the attempt. */
  readonly signal: AbortSignal;
  /** True if a new connection was asked for. */
  readonly freshSocket: boolean;
}

/** Transport that plays a script, and the requests that it was given. */
export interface ScriptedTransport {
  /** Transport for `send`, `createFetch` and `respond`. */
  readonly transport: Transport;
  /** Requests so far, in order. */
  readonly requests: readonly ScriptedRequest[];
}

/**
 * Makes a transport that plays a script on a clock and touches no network, to test failover in virtual time. It
 * honours the attempt's signal, as a real transport must.
 *
 * @param clock - clock of the waits; usually a `VirtualClock`.
 * @param answer - called once for each request, with its index from 0; returns what the provider does.
 * @returns the transport, and the list of requests.
 * @example
 * ```ts
 * const script = scriptedTransport(clock, (_request, index) => ({ status: index === 0 ? 503 : 200, body: JSON.stringify(message) }));
 * await send(balancer.open(request), script.transport);
 * console.log(script.requests.length); // 2
 * ```
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
