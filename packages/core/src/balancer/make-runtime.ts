import { BoundedMap } from "../base/bounded-map.ts";
import { systemClock } from "../base/clock.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { EventEmitter } from "../base/event-emitter.ts";
import { randomId } from "../base/random-id.ts";
import { LearnedDialects } from "../call/learned-dialects.ts";
import { ProviderLoad } from "../call/provider-load.ts";
import { ResponseItems } from "../call/response-items.ts";
import { ResponseOwners } from "../call/response-owners.ts";
import { type Runtime, type Snapshot, maxLatencies } from "../call/runtime.ts";
import { SignatureOrigins } from "../call/signature-origins.ts";
import { QuotaSharing } from "../call/share-quotas.ts";
import { Teaching } from "../call/teach.ts";
import { TokenFactors } from "../call/token-factors.ts";
import { WaitingRoom } from "../call/waiting-room.ts";
import { Holds } from "../health/holds.ts";
import { HostGate } from "../health/host-gate.ts";
import { LearnedLimits } from "../health/learned-limits.ts";
import { LearnedProfiles } from "../health/learned-profiles.ts";
import { Quotas } from "../health/quotas.ts";
import type { HealthChange } from "../health/replica.ts";
import { HealthTable } from "../health/table.ts";
import { SessionBindings } from "../policy/affinity.ts";
import { classify } from "../policy/classify.ts";
import { RetryBudget } from "../policy/retry-budget.ts";
import type { BalancerOptions } from "./balancer-options.ts";
import { circuitPolicy } from "./circuit-policy.ts";

/**
 * Makes what the calls of one balancer share: health, queues and what was learned, none of it known yet.
 *
 * @param provider - returns a provider by its name as it is configured at the time of asking; undefined where there is none.
 */
export function makeRuntime(
  options: BalancerOptions,
  snapshot: Snapshot,
  provider: (name: string) => ProviderConfig | undefined,
): { readonly runtime: Runtime; readonly teaching: Teaching; readonly quotaSharing: QuotaSharing } {
  const { clock = systemClock, random = Math.random, replica } = options;
  const epochOffsetMs = options.epochOffsetMs ?? clock.wallNow() - clock.now();
  const events = new EventEmitter();
  const room = new WaitingRoom();
  const learned = new LearnedProfiles();
  const share = replica && ((change: HealthChange): void => replica.publish(change));
  const teaching = new Teaching({ learned, events, epochOffsetMs, share });
  const quotas = new Quotas();
  const quotaSharing = new QuotaSharing({ quotas, clock, epochOffsetMs, share });
  const health = new HealthTable({
    policy: circuitPolicy(snapshot),
    random,
    onChange: (change) => {
      events.emit("circuit-change", change);
      if (change.to === "closed") room.serve();
    },
    epochOffsetMs,
    ...(share && { share }),
  });
  const runtime: Runtime = {
    clock,
    random,
    classify: options.classify ?? classify,
    generateId: options.generateId ?? ((prefix) => prefix + randomId(random)),
    scanBody: options.scanBody,
    authorize: options.authorize ?? (() => undefined),
    health,
    load: new ProviderLoad(),
    limits: new LearnedLimits(),
    quotas,
    holds: new Holds(),
    host: new HostGate(),
    budget: new RetryBudget(),
    room,
    latencies: new BoundedMap(maxLatencies),
    sessions: new SessionBindings(),
    responseOwners: new ResponseOwners(),
    responseItems: new ResponseItems(),
    dialects: new LearnedDialects(),
    learned,
    taught: (name, model, lessons) => {
      const taught = provider(name);
      if (taught) teaching.keep(taught, { model, lessons, nowMs: clock.now() });
    },
    signatureOrigins: new SignatureOrigins(),
    tokenFactors: new TokenFactors(),
    events,
    attemptHeaders: options.attemptHeaders,
  };
  return { runtime, teaching, quotaSharing };
}
