import { type Balancer, CcpbError, type HoldOrder, type HoldScope } from "@ccpb/core";
import { sessionMark } from "../base/session-mark.ts";
import { type Control, type ControlTarget, type ProviderTarget, targetKey } from "./control.ts";

/** Applies decisions of operators to the balancer of one process and to its requests. */
export class ControlsInForce {
  readonly #balancer: () => Balancer;
  readonly #now: () => number;
  /** Of clients and sessions, by `targetKey`: monotonic ends; Infinity where there is none. */
  readonly #blocked = new Map<string, number>();

  /** `balancer`: asked for at each change; `now`: monotonic milliseconds. */
  constructor(balancer: () => Balancer, now: () => number) {
    this.#balancer = balancer;
    this.#now = now;
  }

  /** True if no client and no session is blocked, which is the usual case. */
  get blocksNone(): boolean {
    return this.#blocked.size === 0;
  }

  /** Puts exactly `controls` into force. */
  apply(controls: readonly Control[]): void {
    const wanted = controls.flatMap(({ target, state, remainingMs }): HoldOrder[] =>
      target.type === "provider" && (state === "disabled" || state === "draining")
        ? [{ scope: scopeOf(target), type: state, ...(remainingMs !== null && { forMs: remainingMs }) }]
        : [],
    );
    this.#balancer().replaceHolds(wanted);
    this.#blocked.clear();
    for (const { target, state, remainingMs } of controls) {
      if (state === "blocked")
        this.#blocked.set(targetKey(target), this.#now() + (remainingMs ?? Number.POSITIVE_INFINITY));
    }
  }

  /** Returns the refusal (400) of a request of a client that an operator has blocked; 400, since Claude Code shows its login at 402 and 403. */
  refuseClient(client: string | undefined): CcpbError | undefined {
    return client === undefined ? undefined : this.#refusalOf({ type: "client", client });
  }

  /** The same of the session with an id; undefined where the request names none. */
  refuseSession(id: string | undefined): CcpbError | undefined {
    return id === undefined ? undefined : this.#refusalOf({ type: "session", session: sessionMark(id) });
  }

  #refusalOf(target: ControlTarget): CcpbError | undefined {
    if (this.#blocked.size === 0) return undefined;
    const leftMs = this.#leftOf(targetKey(target));
    if (leftMs === undefined) return undefined;
    const until = Number.isFinite(leftMs) ? ` for another ${Math.ceil(leftMs / 60_000)} min` : "";
    const message = `This ${target.type} is blocked by an operator of the balancer${until}; ask them to unblock it.`;
    return new CcpbError("invalid_request", message, {
      status: 400,
      type: "invalid_request_error",
      shouldRetry: false,
    });
  }

  #leftOf(key: string): number | undefined {
    const untilMs = this.#blocked.get(key);
    if (untilMs === undefined) return undefined;
    const leftMs = untilMs - this.#now();
    if (leftMs > 0) return leftMs;
    this.#blocked.delete(key);
    return undefined;
  }
}

/** Returns the scope of core that a target is. */
export function scopeOf({ provider, keyIndex, model }: ProviderTarget): HoldScope {
  return { provider, ...(keyIndex !== undefined && { keyIndex }), ...(model !== undefined && { model }) };
}
