import type { BalancerEvents } from "../base/events.ts";
import type { HeaderMap } from "../base/outcome.ts";
import { headerValue } from "../dialects/headers.ts";

/** Attempt, as far as headers that are added to its request may depend on it. */
export interface TracedAttempt {
  /** Id of the call. */
  readonly callId: string;
  /** Number of the attempt within its call, from 1. */
  readonly number: number;
  /** Name of the provider. */
  readonly provider: string;
  /** Upstream's name of the model. */
  readonly model: string;
}

const form = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** No `tracestate` that is longer is passed on: the standard asks for 512 characters. */
const longestState = 512;

/** Reads the trace context of a client's request (W3C Trace Context); empty where there is none, or one that no reader takes. */
export function traceContextOf(headers: HeaderMap): Pick<BalancerEvents["call-start"], "traceContext"> {
  const traceparent = headerValue(headers, "traceparent");
  if (traceparent === undefined || !form.test(traceparent)) return {};
  const tracestate = headerValue(headers, "tracestate");
  const isKept = tracestate !== undefined && tracestate !== "" && tracestate.length <= longestState;
  return { traceContext: { traceparent, ...(isKept && { tracestate }) } };
}
