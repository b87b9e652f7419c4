import type { Cancellation } from "../base/cancellation.ts";
import type { Transport, TransportOptions, UpstreamTls } from "../base/transport.ts";
import type { Attempt } from "../call/call-types.ts";

/** Members that the exchange gives every transport besides the attempt's own options. */
interface ExchangeHooks {
  readonly cancellation: Cancellation;
  readonly onSocket: (isReused: boolean) => void;
}

/** Returns the options with which a transport sends an attempt's request. */
export function transportOptions(attempt: Attempt, transport: Transport, hooks: ExchangeHooks): TransportOptions {
  if (transport.usesCancellation === true) return new LeanTransportOptions(attempt, hooks);
  const { deadlines, freshSocket, proxy, tls } = attempt;
  return {
    signal: hooks.cancellation.toAbortSignal(),
    ...hooks,
    connectTimeoutMs: deadlines.connectMs,
    freshSocket,
    ...(proxy !== undefined && { proxy }),
    ...(tls && { tls }),
  };
}

/** Makes its `signal` when it is read. A class, because an object literal with an accessor gets a hidden class of its own each time. */
class LeanTransportOptions implements TransportOptions {
  readonly cancellation: Cancellation;
  readonly onSocket: (isReused: boolean) => void;
  readonly connectTimeoutMs: number;
  readonly freshSocket: boolean;
  declare readonly proxy?: string;
  declare readonly tls?: UpstreamTls;

  constructor({ deadlines, freshSocket, proxy, tls }: Attempt, { cancellation, onSocket }: ExchangeHooks) {
    this.cancellation = cancellation;
    this.onSocket = onSocket;
    this.connectTimeoutMs = deadlines.connectMs;
    this.freshSocket = freshSocket;
    if (proxy !== undefined) this.proxy = proxy;
    if (tls) this.tls = tls;
  }

  get signal(): AbortSignal {
    return this.cancellation.toAbortSignal();
  }
}
