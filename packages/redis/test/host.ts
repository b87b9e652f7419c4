import type { Clock, HealthChange, Reason } from "@ccpb/core";
import type { VirtualClock } from "@ccpb/core/testing";
import { type Availability, HealthTable } from "../../core/src/health/table.ts";
import type { ReplicaNotice } from "../src/replica-status.ts";
import { SharedHealth } from "../src/shared-health.ts";
import { type FakeStore, hostClock } from "./fake-store.ts";

export interface HostOptions {
  readonly originMs?: number;
  readonly wallWrongByMs?: number;
  readonly identify?: (scope: HealthChange["scope"]) => string | undefined;
}

export const policy = {
  baseMs: 60_000,
  maxCooldownMs: 3_600_000,
  maxBackoffMs: 900_000,
  threshold: 1,
  resetMs: 300_000,
};
const serverError: Reason = { class: "server-error", detail: "HTTP 500" };
const expiresInMs = 300_000;

/** One process on a host of its own: clocks, circuits, and the replica between them and the store. */
export class Host implements AsyncDisposable {
  readonly clock: Clock;
  readonly health: HealthTable;
  readonly shared: SharedHealth;
  readonly notices: ReplicaNotice[] = [];
  readonly #subscription: Disposable;

  constructor(
    name: string,
    where: { readonly base: VirtualClock; readonly store: FakeStore },
    options: HostOptions = {},
  ) {
    const { originMs = 0, wallWrongByMs = 0, identify = () => "" } = options;
    const clock = hostClock(where.base, { originMs, wallWrongByMs });
    const epochOffsetMs = clock.wallNow() - clock.now();
    this.clock = clock;
    this.shared = new SharedHealth({
      open: where.store.links(name),
      origin: name,
      clock,
      epochOffsetMs,
      random: () => 0.5,
      identify,
      onNotice: (notice) => this.notices.push(notice),
      redact: (text) => text,
    });
    this.health = new HealthTable({
      policy,
      random: () => 0.5,
      epochOffsetMs,
      share: (change) => this.shared.publish(change),
    });
    this.#subscription = this.shared.subscribe((change) => this.health.apply(change, clock.now()));
  }

  /** One request to the provider serves, or fails for `reason`. */
  attempt(succeeds: boolean, provider = "a", reason: Reason = serverError): void {
    const nowMs = this.clock.now();
    const times = { nowMs, expiresAtMs: nowMs + expiresInMs };
    const lease = this.health.acquire({ provider, keyIndex: 0, model: "m" }, times);
    if (succeeds) this.health.succeed(lease, nowMs);
    else this.health.fail(lease, { scope: "provider", cooldown: { kind: "base" }, when: "now" }, { reason, nowMs });
  }

  availability(provider = "a"): Availability {
    return this.health.availability({ provider, keyIndex: 0, model: "m" }, this.clock.now());
  }

  /** Milliseconds until the provider is tried again; 0 if it may be now. */
  remainingMs(provider = "a"): number {
    const availability = this.availability(provider);
    return availability.type === "open" ? availability.untilMs - this.clock.now() : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    await this.shared[Symbol.asyncDispose]();
  }
}
