import {
  type BalancerConfig,
  CcpbError,
  type CircuitScope,
  type HealthChange,
  type HealthReplica,
  type HealthSnapshot,
} from "@ccpb/core";
import type * as redisPackage from "@ccpb/redis";
import type { RedisReplica, ReplicaNotice } from "@ccpb/redis";
import type { Log } from "./log/log-types.ts";
import { scopeIdentities } from "./scope-identity.ts";
import type { ServerSettings } from "./server-settings.ts";

type Where = NonNullable<ServerSettings["sharedState"]>;
type Redis = Pick<typeof redisPackage, "assertRedisReplicaOptions" | "createRedisReplica">;

/** How sharing over Redis goes, for `/providers` and metrics; times in milliseconds. */
export interface SharedStateStatus extends ReturnType<RedisReplica["status"]> {
  readonly address: string;
  readonly prefix: string;
}

export interface SharedStateOptions {
  readonly log: Log;
  /** All that is known: for a Redis that comes in with a reload. */
  readonly snapshot: () => HealthSnapshot;
  /** The balancer's: times of changes are by its clock. */
  readonly epochOffsetMs: number;
}

/** What of a configuration counts here. */
interface Wanted {
  readonly config: BalancerConfig;
  readonly server: ServerSettings;
}

/** Follows `settings.shared_state` through reloads: one replica, with or without a Redis behind it. */
export class SharedState implements HealthReplica {
  readonly #options: SharedStateOptions;
  #redis: Redis | undefined;
  #identify: (scope: CircuitScope) => string | undefined = () => undefined;
  #where: Where | undefined;
  #replica: RedisReplica | undefined;
  #subscription: Disposable | undefined;
  #apply: ((change: HealthChange) => void) | undefined;
  #isClosed = false;

  constructor(options: SharedStateOptions) {
    this.#options = options;
  }

  publish(change: HealthChange): void {
    this.#replica?.publish(change);
  }

  subscribe(apply: (change: HealthChange) => void): Disposable {
    this.#apply = apply;
    this.#subscription = this.#replica?.subscribe(apply);
    return {
      [Symbol.dispose]: () => {
        this.#apply = undefined;
        this.#subscription?.[Symbol.dispose]();
      },
    };
  }

  /** Loads, prepares and puts into force the configuration that one starts with. */
  async start(wanted: Wanted): Promise<void> {
    await this.load(wanted.server);
    this.prepare(wanted)();
  }

  /** Loads what `prepare` will need; rejects with `CcpbError` (code `configuration`) where `@ccpb/redis` is not installed. */
  async load({ sharedState }: ServerSettings): Promise<void> {
    if (sharedState !== undefined) this.#redis ??= await importRedis();
  }

  /**
   * Makes ready what a configuration asks for; what it answers puts it into force, and cannot fail. Throws `CcpbError` (code `configuration`) for a
   * URL that cannot be used. Whether Redis answers is not asked.
   */
  prepare({ config, server }: Wanted): () => void {
    const where = server.sharedState;
    const identify = scopeIdentities(config);
    const isSame = where?.redis === this.#where?.redis && where?.prefix === this.#where?.prefix;
    if (where !== undefined) this.#redis?.assertRedisReplicaOptions({ url: where.redis, prefix: where.prefix });
    return () => {
      this.#identify = identify;
      if (isSame) this.#replica?.refresh();
      else this.#swap(where);
    };
  }

  status(): SharedStateStatus | null {
    const replica = this.#replica;
    return replica === undefined ? null : { ...replica.status(), address: replica.address, prefix: replica.prefix };
  }

  /** Says what is still unsaid and leaves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#replica?.[Symbol.asyncDispose]();
  }

  #create({ redis: url, prefix }: Where): RedisReplica | undefined {
    const replica: RedisReplica | undefined = this.#redis?.createRedisReplica({
      url,
      prefix,
      epochOffsetMs: this.#options.epochOffsetMs,
      identify: (scope) => this.#identify(scope),
      onNotice: (notice) => this.#onNotice(notice, replica?.address ?? "Redis"),
    });
    return replica;
  }

  #swap(where: Where | undefined): void {
    const before = this.#replica;
    const next = where === undefined || this.#isClosed ? undefined : this.#create(where);
    this.#subscription?.[Symbol.dispose]();
    this.#where = where;
    this.#replica = next;
    this.#subscription = this.#apply && next?.subscribe(this.#apply);
    for (const change of this.#options.snapshot()) next?.publish(change);
    void before?.[Symbol.asyncDispose]();
  }

  #onNotice(notice: ReplicaNotice, address: string): void {
    const { log } = this.#options;
    switch (notice.type) {
      case "connected":
        return log.write("INFO", "shared_state", `health is shared over ${address}`, { state: "connected", address });
      case "disconnected": {
        const message = `${address} is away; every server keeps its own health meanwhile: ${notice.reason}`;
        return log.write("WARNING", "shared_state", message, { state: "disconnected", address });
      }
      case "refused":
        return log.write("WARNING", "shared_state", `${address} refuses: ${notice.reason}`, {
          state: "refused",
          address,
        });
      case "ignored":
        return log.write("WARNING", "shared_state", `ignored what came over ${address}: ${notice.reason}`, {
          state: "ignored",
          address,
        });
    }
  }
}

async function importRedis(): Promise<Redis> {
  try {
    return await import("@ccpb/redis");
  } catch (cause) {
    const message =
      "settings.shared_state needs the package @ccpb/redis, which cannot be loaded: install it where @ccpb/server is (npm install @ccpb/redis, with --global for a global one), or remove shared_state";
    throw new CcpbError("configuration", message, { status: 422, type: "invalid_request_error", cause });
  }
}
