import type { Balancer, BalancerStatus, CircuitChange, Clock } from "@ccpb/core";
import { reasonText } from "../base/reason-text.ts";
import type { AlertSink } from "./alert.ts";

/** Changes of circuits within this time are looked at together. */
const settleMs = 250;

type ProviderStatus = BalancerStatus["providers"][number];

/** Raises alerts when a provider goes out and comes back, when none is left, and when a provider refuses a key. Disposing ends that. */
export class ProviderWatch implements Disposable {
  readonly #balancer: Balancer;
  readonly #clock: Clock;
  readonly #raise: AlertSink;
  readonly #listener: Disposable;
  /** The names of providers that were told to be out; at most as many as are configured. */
  #down: ReadonlySet<string> = new Set();
  #isAllDown = false;
  #timer: Disposable | undefined;

  constructor(balancer: Balancer, clock: Clock, raise: AlertSink) {
    this.#balancer = balancer;
    this.#clock = clock;
    this.#raise = raise;
    this.#listener = balancer.on("circuit-change", (change) => this.#onChange(change));
  }

  #onChange(change: CircuitChange): void {
    const { scope, provider, to, reason, isLogin, isShared } = change;
    // A client's own login is its owner's affair.
    if (isLogin === true) return;
    const key = /^key (\d{1,6})$/.exec(scope)?.[1];
    if (key !== undefined && to === "open" && reason?.class === "auth" && isShared !== true) {
      const words = reason.words === undefined ? {} : { words: reason.words };
      this.#raise({ type: "credential.refused", provider, key: Number(key), reason: reasonText(reason), ...words });
    }
    // A status takes longer to make than a change to come: a flood of changes is looked at once.
    this.#timer ??= this.#clock.setTimer(settleMs, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    const { providers, nextRequest, holds } = this.#balancer.status();
    const isHeld = ({ name }: ProviderStatus): boolean =>
      holds.some(({ provider, keyIndex, model }) => provider === name && keyIndex === undefined && model === undefined);
    const enabled = providers.filter((one) => one.enabled && !isHeld(one));
    const before = this.#down;
    const down = new Set(enabled.filter((one) => isDown(one, before)).map(({ name }) => name));
    this.#down = down;
    for (const one of enabled) if (down.has(one.name) && !before.has(one.name)) this.#raise(downAlert(one));
    const back = enabled.filter(({ name }) => before.has(name) && !down.has(name));
    for (const { name } of back) this.#raise({ type: "provider.up", provider: name });
    const isAllDown = enabled.length > 0 && enabled.every(({ name }) => down.has(name));
    const wasAllDown = this.#isAllDown;
    this.#isAllDown = isAllDown;
    if (isAllDown && !wasAllDown) {
      const retryInMs = nextRequest.type === "refused" ? nextRequest.retryAfterMs : soonestMs(enabled);
      this.#raise({ type: "providers.all_down", providers: enabled.map(({ name }) => name), retryInMs });
    }
    const [first] = back;
    if (!isAllDown && wasAllDown && first) this.#raise({ type: "providers.recovered", provider: first.name });
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }
}

/**
 * Decides whether a provider is down. It stays down until it has served a request, because the end of a cooldown proves nothing. A provider that an
 * operator holds out is not down.
 */
function isDown({ state, name }: ProviderStatus, before: ReadonlySet<string>): boolean {
  return state === "open" || (state === "half-open" && before.has(name));
}

function downAlert({ name, reason, cooldownRemainingMs }: ProviderStatus): Parameters<AlertSink>[0] {
  return {
    type: "provider.down",
    provider: name,
    reason: reason === null ? "unknown" : reasonText(reason),
    ...(reason?.words !== undefined && { words: reason.words }),
    cooldownMs: cooldownRemainingMs,
  };
}

function soonestMs(providers: readonly ProviderStatus[]): number {
  return providers.reduce((least, one) => Math.min(least, one.nextProbeInMs ?? one.cooldownRemainingMs), Infinity);
}
