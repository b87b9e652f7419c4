import { BoundedMap } from "../base/bounded-map.ts";
import type { BalancerConfig } from "../base/config-types.ts";
import type { BalancerEvents } from "../base/events.ts";
import type { CircuitScope } from "../base/scope.ts";
import type { BalancerStatus, HeldStatus } from "../base/status-types.ts";
import type { Call, CallContext } from "../call/call-types.ts";
import { candidatesFor } from "../call/candidates.ts";
import { rankCandidates } from "../call/rank-candidates.ts";
import { type Runtime, type Snapshot, isPayerOf, takeSnapshot } from "../call/runtime.ts";
import type { QuotaSharing } from "../call/share-quotas.ts";
import type { Teaching } from "../call/teach.ts";
import { keyCount } from "../dialects/headers.ts";
import type { RawRequest } from "../dialects/messages/raw-request.ts";
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
 * Chooses the provider of each request and keeps the health of all providers. It does no I/O and starts no timer:
 * `open` gives a call, the call hands out attempts, and each attempt is told its outcome. `send` and `createFetch`
 * drive it over a transport. Two balancers in one process share nothing.
 *
 * @example
 * ```ts
 * const own = new Balancer({
 *   providers: [
 *     {
 *       name: "anthropic",
 *       type: "anthropic",
 *       baseUrl: "https://api.anthropic.com",
 *       auth: { type: "api_key", keys: ["sk-ant-0123456789"] },
 *       bigModel: "passthrough",
 *       smallModel: "passthrough",
 *     },
 *   ],
 * });
 * const reply = await send(own.open({ model: "claude-opus-5", max_tokens: 64, messages: [{ role: "user", content: "Hi" }] }), transport);
 * console.log(reply.status); // 200
 * ```
 */
export class Balancer implements Disposable {
  readonly #runtime: Runtime;
  readonly #teaching: Teaching;
  readonly #quotaSharing: QuotaSharing;
  readonly #subscription: Disposable | undefined;
  readonly #turns = new BoundedMap<number>(1_000);
  #snapshot: Snapshot;

  /**
   * @param config - providers, routes and settings. Settings that are absent have the values of `defaultSettings`.
   * @param options - clock, source of randomness, replica and other injected parts; default: the platform's.
   * @throws TypeError if `config` cannot be served with. The message names the member, the value, and what to write
   *   instead.
   */
  constructor(config: BalancerConfig, options: BalancerOptions = {}) {
    checkConfig(config);
    this.#snapshot = takeSnapshot(config);
    const parts = makeRuntime(options, this.#snapshot, (name) => this.#snapshot.providers.get(name));
    const { runtime, teaching, quotaSharing } = parts;
    this.#runtime = runtime;
    this.#teaching = teaching;
    this.#quotaSharing = quotaSharing;
    this.#subscription = options.replica?.subscribe((change) => {
      if (!hasScope(this.#snapshot, change.scope)) return;
      runtime.health.apply(change, runtime.clock.now());
      this.#hear(change);
    });
  }

  /**
   * Opens a call for one request of a client.
   *
   * @param request - a parsed Messages request, or the raw bytes of a request of the API that `context.dialect`
   *   names. A provider of that API is sent the same bytes, with only the model's name replaced.
   * @param context - facts besides the body: API, headers, client, pinned provider. Default: Messages,
   *   without headers.
   * @returns the call; `send` drives it, or iterate over its attempts yourself.
   * @throws CcpbError `invalid_request`: status 400 if the body is no request of that API or builds on state that no
   *   known provider holds; status 404 if no provider covers the model.
   * @throws TypeError if an argument has the wrong type, such as a string.
   */
  open(request: MessagesRequest | RawRequest, context: CallContext = {}): Call {
    const turnOf = (model: string): number => this.#nextTurn(model);
    return openCall(request, context, { snapshot: this.#snapshot, runtime: this.#runtime, turnOf });
  }

  /**
   * Value of the setting `earlyHeadersMs`, for programs that drive calls themselves: see `sendWithEarlyHeaders`.
   * Milliseconds; 0: off.
   */
  get earlyHeadersMs(): number {
    return this.#snapshot.settings.earlyHeadersMs;
  }

  /**
   * Makes an id in the form in which `open` makes ids of calls, for answers to requests that could not be opened.
   *
   * @returns an id that begins with `req_ccpb_`.
   */
  newCallId(): string {
    return newCallId(this.#runtime);
  }

  /**
   * Replaces the configuration. Calls under way finish with the old one. A provider with the same name, URL and
   * credential keeps its health.
   *
   * @param config - the whole new configuration.
   * @returns names of the providers that were added, removed, changed and kept.
   * @throws TypeError if `config` cannot be served with; the old configuration then stays in force.
   */
  reload(config: BalancerConfig): ReloadSummary {
    return this.prepareReload(config)();
  }

  /**
   * Does the part of a reload that can fail, and changes nothing.
   *
   * @param config - the whole new configuration.
   * @returns a function that swaps the configuration and cannot fail. Call it at most once, and before another reload
   *   is prepared; drop it to leave everything as it is.
   * @throws TypeError if `config` cannot be served with, as the constructor does.
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
      this.#quotaSharing.clear();
      this.#runtime.limits.retain((key) => kept.has(key.slice(0, key.indexOf("\n"))));
      this.#runtime.events.emit("config-reload", summary);
      // A limit may have been raised, or a provider added.
      this.#runtime.room.serve();
      return summary;
    };
  }

  /**
   * Takes a provider, one of its keys or one of its models out of service, as an operator does at run time. Calls
   * under way go on. A reload does not end a hold. A provider that the configuration does not have is ignored.
   *
   * @param scope - the part of a provider to take out.
   * @param type - `disabled`: no further attempt. `draining`: only attempts of sessions that are bound to the
   *   provider.
   * @param forMs - milliseconds after which the hold ends by itself. Default: it lasts until `enable` is called.
   */
  hold(scope: HoldScope, type: HoldType, forMs: number = Number.POSITIVE_INFINITY): void {
    if (!this.#snapshot.providers.has(scope.provider)) return;
    const { holds, clock, room } = this.#runtime;
    holds.set(scope, type, clock.now() + forMs);
    // Calls that wait for an earlier hold of it to end have to wait for this one.
    room.serve();
  }

  /**
   * Replaces all holds at once. For a process that is told what operators have decided elsewhere.
   *
   * @param holds - the holds that are in force afterwards. Those of providers that the configuration does not have
   *   are left out.
   */
  replaceHolds(holds: readonly HoldOrder[]): void {
    const nowMs = this.#runtime.clock.now();
    const known = holds.filter(({ scope }) => this.#snapshot.providers.has(scope.provider));
    this.#runtime.holds.replace(
      known.map(({ scope, type, forMs = Number.POSITIVE_INFINITY }) => ({ ...scope, type, untilMs: nowMs + forMs })),
    );
    this.#runtime.room.serve();
  }

  /**
   * Ends a hold. For a whole provider, the holds of its keys and models end too.
   *
   * @param scope - the part of a provider that was held.
   * @returns true if there was such a hold.
   */
  enable(scope: HoldScope): boolean {
    const { holds, clock, room } = this.#runtime;
    const wasHeld = holds.lift(scope, clock.now());
    if (wasHeld) room.serve();
    return wasHeld;
  }

  /**
   * Lists the holds that are in force.
   *
   * @returns the holds, the oldest first.
   */
  holds(): readonly HeldStatus[] {
    return this.#runtime.holds.list(this.#runtime.clock.now());
  }

  /**
   * Closes every circuit, or those of one provider, and forgets what was learned there. For use after an account was
   * topped up.
   *
   * @param scope - a provider's name, or the key or model of one. For a part, only the circuits of that part are
   *   closed: learned limits go with the key, learned profiles with the model. Default: all providers.
   */
  reset(scope?: string | HoldScope): void {
    const { health, clock, limits, quotas, learned, host, room } = this.#runtime;
    const part: HoldScope | undefined = typeof scope === "string" ? { provider: scope } : scope;
    // Every configured one: other processes may have closed out a provider that this one has not tried yet.
    const parts = part === undefined ? [...this.#snapshot.providers.keys()].map((provider) => ({ provider })) : [part];
    for (const one of parts) health.reset(clock.now(), one);
    quotas.forget(part);
    this.#quotaSharing.clear();
    limits.retain((key) => part !== undefined && !isPayerOf(key, part));
    learned.retain((name, model) => {
      const isMeant = part === undefined || (name === part.provider && (part.model ?? model) === model);
      return !isMeant || part?.keyIndex !== undefined;
    });
    host.clear();
    room.serve();
  }

  /**
   * Adds time that the monotonic clock did not count, such as a machine's sleep, so that cooldowns end that much
   * earlier.
   *
   * @param ms - milliseconds by which the wall clock moved on further than the monotonic clock.
   */
  skipTime(ms: number): void {
    if (!(ms > 0)) return;
    const { health, clock, host, room } = this.#runtime;
    health.skipTime(ms, clock.now());
    host.clear();
    room.serve();
  }

  /**
   * Takes a snapshot of every provider's health and load, for status pages.
   *
   * @returns plain data without secrets.
   */
  status(): BalancerStatus {
    return balancerStatus(this.#snapshot, this.#runtime);
  }

  /**
   * Explains how a request for a model would be routed now, without sending one.
   *
   * @param model - the model as a client names it.
   * @param context - the same context as of `open`; only `pin` is read.
   * @returns candidates in the order in which they would be tried, and the reason why each other provider is none.
   * @throws CcpbError `invalid_request` (400) if `model` has more than 512 bytes.
   */
  explain(model: string, context: CallContext = {}): Explanation {
    if (isModelTooLong(model)) throw modelTooLong();
    const snapshot = this.#snapshot;
    const pin = snapshot.settings.allowProviderPin ? context.pin : undefined;
    const candidates = candidatesFor(snapshot, model, pin);
    const ranked = rankCandidates(snapshot, this.#runtime, candidates, noRequest);
    return explainRanking(model, ranked, candidates, { snapshot, runtime: this.#runtime });
  }

  /**
   * Adds a listener to an event. Listeners run synchronously; what they throw is ignored.
   *
   * @param name - name of the event.
   * @param listener - receives the event's payload: plain data without secrets.
   * @returns a subscription; disposing it removes the listener.
   * @example
   * ```ts
   * using subscription = balancer.on("call-end", ({ state, attempts }) => console.log(state, attempts.length));
   * await send(balancer.open(request), transport); // prints: complete 1
   * ```
   */
  on<Name extends keyof BalancerEvents>(name: Name, listener: (event: BalancerEvents[Name]) => void): Disposable {
    checkListener(name, listener);
    return this.#runtime.events.on(name, listener);
  }

  /**
   * Writes all circuits, lessons and quota windows as plain JSON, to be restored after a restart.
   *
   * @returns a snapshot for `restoreHealth`. It holds no secret.
   */
  healthSnapshot(): HealthSnapshot {
    const { health, clock } = this.#runtime;
    return [...health.snapshot(), ...this.#teaching.snapshot(clock.now()), ...this.#quotaSharing.snapshot()];
  }

  /**
   * Restores the circuits, lessons and quota windows of a snapshot. Cooldowns that have ended since are over.
   *
   * @param snapshot - result of `healthSnapshot`, also before a restart.
   */
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
    if (!provider || !hasScope(this.#snapshot, change.scope)) return;
    const resetAtMs = health.resetAtMs(name);
    this.#teaching.hear(provider, change, { nowMs: clock.now(), resetAtMs });
    this.#quotaSharing.hear(change, resetAtMs);
  }

  #nextTurn(model: string): number {
    if (this.#snapshot.settings.selectionStrategy !== "round_robin") return 0;
    const turn = this.#turns.get(model) ?? 0;
    this.#turns.set(model, turn + 1);
    return turn;
  }
}

const noRequest = { turn: 0, session: undefined, request: undefined };

/**
 * Decides whether a scope belongs to a configured provider and key. Other processes may have further ones, or invent
 * them.
 */
function hasScope({ providers }: Snapshot, scope: CircuitScope): boolean {
  const auth = providers.get(scope.provider)?.auth;
  if (auth === undefined || !("keyIndex" in scope)) return auth !== undefined;
  // A provider that passes credentials through counts as having one key.
  return scope.keyIndex < keyCount(auth);
}
