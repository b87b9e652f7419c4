import { BoundedMap } from "../base/bounded-map.ts";
import type { BalancerConfig } from "../base/config-types.ts";
import type { BalancerEvents } from "../base/events.ts";
import type { CircuitScope } from "../base/scope.ts";
import type { BalancerStatus, HeldStatus } from "../base/status-types.ts";
import type { Call, CallContext } from "../call/call-types.ts";
import { candidatesFor, rankCandidates } from "../call/candidates.ts";
import { type Runtime, type Snapshot, isPayerOf, takeSnapshot } from "../call/runtime.ts";
import type { Teaching } from "../call/teach.ts";
import { keyCount } from "../dialects/headers.ts";
import type { RawRequest } from "../dialects/messages/client-request.ts";
import { isModelTooLong, modelTooLong } from "../dialects/messages/model-length.ts";
import type { HoldOrder, HoldScope, HoldType } from "../health/holds.ts";
import type { HealthChange } from "../health/replica.ts";
import type { HealthSnapshot } from "../health/table-types.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import type { BalancerOptions } from "./balancer-options.ts";
import { checkConfig } from "./check-config.ts";
import { checkListener } from "./check-request.ts";
import { circuitPolicy } from "./circuit-policy.ts";
import { type Explanation, explainRanking } from "./explain.ts";
import { makeRuntime } from "./make-runtime.ts";
import { newCallId, openCall } from "./open-call.ts";
import { type ReloadSummary, compareConfigs, isTaughtAlike } from "./reload.ts";
import { balancerStatus } from "./status.ts";

/**
 * Chooses who serves each request, and remembers who could not. No I/O and no timers: it hands out attempts, is told their outcomes, and says what
 * they mean; `send` drives it over a transport. Two balancers in one process share nothing.
 */
export class Balancer implements Disposable {
  readonly #runtime: Runtime;
  readonly #teaching: Teaching;
  readonly #subscription: Disposable | undefined;
  readonly #turns = new BoundedMap<number>(1_000);
  #snapshot: Snapshot;

  /** @throws TypeError where `config` cannot be served with: what is wrong, where, and what to write instead. */
  constructor(config: BalancerConfig, options: BalancerOptions = {}) {
    checkConfig(config);
    this.#snapshot = takeSnapshot(config);
    const { runtime, teaching } = makeRuntime(options, this.#snapshot, (name) => this.#snapshot.providers.get(name));
    this.#runtime = runtime;
    this.#teaching = teaching;
    this.#subscription = options.replica?.subscribe((change) => {
      if (!hasScope(this.#snapshot, change.scope)) return;
      runtime.health.apply(change, runtime.clock.now());
      this.#hear(change);
    });
  }

  /**
   * Opens a call for a request of the API that `context.dialect` names: a parsed one of Messages, or raw bytes that a provider of the same API gets
   * untouched. Throws `CcpbError` `invalid_request`: 400 where it is no request of that API, or builds on state that no known provider holds; 404 where no
   * provider covers its model. Throws `TypeError` where a program passed something else, such as a string.
   */
  open(request: MessagesRequest | RawRequest, context: CallContext = {}): Call {
    const turnOf = (model: string): number => this.#nextTurn(model);
    return openCall(request, context, { snapshot: this.#snapshot, runtime: this.#runtime, turnOf });
  }

  /** The setting `earlyHeadersMs`, for drivers of calls: see `sendWithEarlyHeaders`. */
  get earlyHeadersMs(): number {
    return this.#snapshot.settings.earlyHeadersMs;
  }

  /** An id as `open` would give a call: for answers to requests that could not be opened. */
  newCallId(): string {
    return newCallId(this.#runtime);
  }

  /** Swaps the configuration: calls under way keep the old one; a provider with the same name, URL and credential keeps its health. */
  reload(config: BalancerConfig): ReloadSummary {
    return this.prepareReload(config)();
  }

  /**
   * Does the part of a reload that can fail, and changes nothing.
   *
   * @returns The swap, which cannot fail. Call it at most once, and before another reload is prepared; drop it to leave everything as it is.
   * @throws TypeError where `config` cannot be served with, as the constructor does.
   */
  prepareReload(config: BalancerConfig): () => ReloadSummary {
    checkConfig(config);
    const { summary, kept, keys } = compareConfigs(this.#snapshot.config, config);
    const snapshot = takeSnapshot(config);
    const policy = circuitPolicy(snapshot);
    const names = new Set(config.providers.map((provider) => provider.name));
    const before = this.#snapshot.providers;
    return () => {
      this.#snapshot = snapshot;
      this.#runtime.health.setPolicy(policy);
      this.#runtime.health.retain(kept);
      this.#runtime.load.retain(names);
      this.#runtime.holds.retain((name) => keys.get(name));
      this.#runtime.sessions.retain(names);
      this.#runtime.responseOwners.retain(names);
      this.#runtime.tokenFactors.retain(names);
      this.#runtime.learned.retain(
        (name) => kept.has(name) && isTaughtAlike(before.get(name), snapshot.providers.get(name)),
      );
      this.#runtime.quotas.retain(kept);
      this.#runtime.limits.retain((key) => kept.has(key.slice(0, key.indexOf("\n"))));
      this.#runtime.events.emit("config-reload", summary);
      // A limit may have been raised, or a provider added.
      this.#runtime.room.serve();
      return summary;
    };
  }

  /**
   * Takes a provider, one of its keys or one of its models out of service, as an operator at run time does. Calls under way go on; a reload leaves it as
   * it is. Ignored for a provider that the configuration does not have.
   *
   * @param forMs - Milliseconds after which it comes back by itself; default: when `enable` is called.
   */
  hold(scope: HoldScope, type: HoldType, forMs: number = Number.POSITIVE_INFINITY): void {
    if (!this.#snapshot.providers.has(scope.provider)) return;
    const { holds, clock, room } = this.#runtime;
    holds.set(scope, type, clock.now() + forMs);
    // Calls that wait for an earlier hold of it to end have to wait for this one.
    room.serve();
  }

  /**
   * Puts exactly `holds` into force at once, instead of all that are there: for a process that is told what operators have decided elsewhere. Those of
   * providers that the configuration does not have are left out.
   */
  replaceHolds(holds: readonly HoldOrder[]): void {
    const nowMs = this.#runtime.clock.now();
    const known = holds.filter(({ scope }) => this.#snapshot.providers.has(scope.provider));
    this.#runtime.holds.replace(
      known.map(({ scope, type, forMs = Number.POSITIVE_INFINITY }) => ({ ...scope, type, untilMs: nowMs + forMs })),
    );
    this.#runtime.room.serve();
  }

  /** Ends a hold; of a whole provider, also those of its keys and models. Returns whether there was one. */
  enable(scope: HoldScope): boolean {
    const { holds, clock, room } = this.#runtime;
    const wasHeld = holds.lift(scope, clock.now());
    if (wasHeld) room.serve();
    return wasHeld;
  }

  /** Lists what operators have taken out of service, the oldest first. */
  holds(): readonly HeldStatus[] {
    return this.#runtime.holds.list(this.#runtime.clock.now());
  }

  /**
   * Closes every circuit, or those of one provider, and forgets what was learned there: after topping up an account.
   *
   * @param scope - A provider's name; or a scope whose key or model alone is meant. Of a part, only the circuits that are kept for it are closed; what was
   * learned of limits goes with its key, what was learned of profiles with its model.
   */
  reset(scope?: string | HoldScope): void {
    const { health, clock, limits, quotas, learned, host, room } = this.#runtime;
    const part: HoldScope | undefined = typeof scope === "string" ? { provider: scope } : scope;
    // Every configured one: other processes may have closed out a provider that this one has not tried yet.
    const parts = part === undefined ? [...this.#snapshot.providers.keys()].map((provider) => ({ provider })) : [part];
    for (const one of parts) health.reset(clock.now(), one);
    quotas.forget(part);
    limits.retain((key) => part !== undefined && !isPayerOf(key, part));
    learned.retain((name, model) => {
      const isMeant = part === undefined || (name === part.provider && (part.model ?? model) === model);
      return !isMeant || part?.keyIndex !== undefined;
    });
    host.clear();
    room.serve();
  }

  /**
   * Counts time that the monotonic clock has missed, such as a machine's sleep: cooldowns end that much earlier. `ms`: by how much the wall clock has
   * moved on further.
   */
  skipTime(ms: number): void {
    if (!(ms > 0)) return;
    const { health, clock, host, room } = this.#runtime;
    health.skipTime(ms, clock.now());
    host.clear();
    room.serve();
  }

  /** A snapshot of every provider's health and load, for status pages: plain data without secrets. */
  status(): BalancerStatus {
    return balancerStatus(this.#snapshot, this.#runtime);
  }

  /**
   * Which provider would take a request for `model` now, and why the others would not. Throws `CcpbError` `invalid_request` (400) for a model of more
   * than 512 bytes.
   */
  explain(model: string, context: CallContext = {}): Explanation {
    if (isModelTooLong(model)) throw modelTooLong();
    const snapshot = this.#snapshot;
    const pin = snapshot.settings.allowProviderPin ? context.pin : undefined;
    const candidates = candidatesFor(snapshot, model, pin);
    const ranked = rankCandidates(snapshot, this.#runtime, candidates, noRequest);
    return explainRanking(model, ranked, candidates, { snapshot, runtime: this.#runtime });
  }

  /** Listens to an event; disposing the result ends that. */
  on<Name extends keyof BalancerEvents>(name: Name, listener: (event: BalancerEvents[Name]) => void): Disposable {
    checkListener(name, listener);
    return this.#runtime.events.on(name, listener);
  }

  /** All circuits and lessons as plain JSON; `restoreHealth` takes them in after a restart. */
  healthSnapshot(): HealthSnapshot {
    const { health, clock } = this.#runtime;
    return [...health.snapshot(), ...this.#teaching.snapshot(clock.now())];
  }

  /** Takes in what `healthSnapshot` gave: cooldowns that are over by now are over. */
  restoreHealth(snapshot: HealthSnapshot): void {
    this.#runtime.health.restore(snapshot, this.#runtime.clock.now());
    for (const change of snapshot) this.#hear({ ...change, isSameHost: true });
  }

  /** Ends the subscription to the replica. */
  [Symbol.dispose](): void {
    this.#subscription?.[Symbol.dispose]();
  }

  /** @internal What `countTokens` shares with the balancer. */
  inspect<T>(look: (snapshot: Snapshot, runtime: Runtime) => T): T {
    return look(this.#snapshot, this.#runtime);
  }

  #hear(change: HealthChange): void {
    const { health, clock } = this.#runtime;
    const { provider: name } = change.scope;
    const provider = this.#snapshot.providers.get(name);
    if (provider) this.#teaching.hear(provider, change, { nowMs: clock.now(), resetAtMs: health.resetAtMs(name) });
  }

  #nextTurn(model: string): number {
    if (this.#snapshot.settings.selectionStrategy !== "round_robin") return 0;
    const turn = this.#turns.get(model) ?? 0;
    this.#turns.set(model, turn + 1);
    return turn;
  }
}

const noRequest = { turn: 0, session: undefined, request: undefined };

/** Whether a scope is of a configured provider and key: other processes may have more of them, or make them up. */
function hasScope({ providers }: Snapshot, scope: CircuitScope): boolean {
  const auth = providers.get(scope.provider)?.auth;
  if (auth === undefined || !("keyIndex" in scope)) return auth !== undefined;
  // A provider that passes credentials through counts as having one key.
  return scope.keyIndex < keyCount(auth);
}
