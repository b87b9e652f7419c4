import type { Call } from "../call/call-types.ts";
import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import { checkMethods, checkSignal, checkTransport } from "../base/check-arguments.ts";
import { type CancelSignal, isAborted } from "../base/cancellation.ts";
import type { Clock } from "../base/clock.ts";
import { Exchange } from "../delivery/exchange.ts";
import { takeTurn } from "../delivery/take-turn.ts";
import type { Reply } from "../base/reply.ts";
import type { Transport } from "../base/transport.ts";

/** Options of `send`: the signal that cancels it, and the clock of its deadlines. */
export interface SendOptions {
  /** Aborted when the client leaves; `send` then rejects with its reason and cancels the upstream at once. An `AbortSignal` is one. */
  readonly signal?: CancelSignal;
  /** Default: the balancer's own. */
  readonly clock?: Clock;
}

/**
 * Drives one call over a transport: tries its attempts until one has content or a whole answer. It returns no byte
 * before the content gate opens, so that the client never sees an earlier fault.
 *
 * @param call - call of `balancer.open`.
 * @param transport - moves requests to providers.
 * @param options - signal and clock.
 * @returns the reply, as soon as its first content is there.
 * @throws CcpbError if no provider served the call.
 * @throws the signal's reason if the client left.
 * @throws TypeError if an argument has the wrong type, or the call was sent already; and whatever the transport throws by a mistake of its own,
 *   such as a reply that is none. A mistake is charged to no provider, and the call does not go on to the next.
 * @example
 * ```ts
 * const reply = await send(balancer.open(request), transport);
 * console.log(reply.provider, reply.attempts); // first 1
 * ```
 */
export async function send(call: Call, transport: Transport, options: SendOptions = {}): Promise<Reply> {
  checkMethods("send", call, ["next", "failure"], "a call: balancer.open(request)");
  checkTransport("send", transport);
  checkSignal("send", options.signal);
  // Its providers were tried, so that it would fail as if none could serve.
  if (call.attemptCount > 0)
    throw new TypeError("send: the call was sent already; open another: balancer.open(request)");
  const { signal, clock = call.clock } = options;
  const { stream, brokenStreamEnding } = call;
  for (;;) {
    const attempt = call.next() ?? (call.pending && (await takeTurn(call, clock, signal)));
    if (attempt === undefined) break;
    if (isAborted(signal)) {
      attempt[Symbol.dispose]();
      break;
    }
    try {
      const reply = await new Exchange({ attempt, transport, clock, signal, stream, brokenStreamEnding }).run();
      if (reply) return reply;
    } catch (mistake) {
      call.abandon();
      throw mistake;
    }
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

function forwardedReply(answer: ForwardedAnswer, call: Call): Reply {
  return {
    status: answer.status,
    headers: answer.headers,
    body: answer.body,
    provider: answer.provider,
    attempts: call.attemptCount,
  };
}
