import {
  type BalancerConfig,
  CcpbError,
  type CircuitScope,
  type HealthChange,
  type HealthReplica,
  type HealthSnapshot,
} from "@ccpb/core";
import type * as redisPackage from "@ccpb/redis";
import type { ControlSharing, CountSharing, RedisReplica, ReplicaNotice } from "@ccpb/redis";
import type { Control } from "../control/control.ts";
import type { ControlDesk } from "../control/control-desk.ts";
import type { Log } from "../log/log-types.ts";
import { controlProofs, sharedControl, takeControls } from "./control-sharing.ts";
import { scopeIdentities } from "./scope-identity.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { UsageOfOthers, UsageQuery } from "../usage/usage-report.ts";
import type { UsageSource } from "../usage/usage-store.ts";
import { OthersUsage } from "./usage-of-others.ts";

type Where = NonNullable<ServerSettings["sharedState"]>;
type Identify = (scope: CircuitScope) => string | undefined;
type Redis = Pick<typeof redisPackage, "assertRedisReplicaOptions" | "createRedisReplica">;

/** State of sharing over Redis, for `/providers` and metrics; times in milliseconds. */
export interface SharedStateStatus extends ReturnType<RedisReplica["status"]> {
  readonly address: string;
  readonly prefix: string;
}

export interface SharedStateOptions {
  readonly log: Log;
  /** All that is known: for a Redis that comes in with a reload. */
  readonly snapshot: () => HealthSnapshot;
  /** Receives decisions of other servers, and publishes its own to a Redis that connects. */
  readonly desk: ControlDesk;
  /** Takes what another server has counted of clients, as it told it, unchecked. */
  readonly onCounts?: CountSharing["onCounts"];
  /** The ledger of this server, which others read too. */
  readonly usage?: () => UsageSource;
  /** The balancer's: times of changes are by its clock. */
  readonly epochOffsetMs: number;
}

/** Members of a configuration that sharing depends on. */
interface Wanted {
  readonly config: BalancerConfig;
  readonly server: ServerSettings;
}

/** Sharing that a configuration asks for, made ready to be put into force or given up. */
export interface PreparedSharing {
  readonly commit: () => void;
  readonly discard: () => void;
}

/** Follows `settings.shared_state` through reloads: one replica, with or without a Redis behind it. */
export class SharedState implements HealthReplica {
  readonly #options: SharedStateOptions;
  #redis: Redis | undefined;
  #identify: Identify = () => undefined;
  #prove: ControlSharing["prove"] = () => undefined;
  #where: Where | undefined;
  #replica: RedisReplica | undefined;
  #others: OthersUsage | undefined;
  #subscription: Disposable | undefined;
  #apply: ((change: HealthChange) => void) | undefined;
  #counts: unknown;
  #usageProblem: string | undefined;
  #isClosed = false;

  constructor(options: SharedStateOptions) {
    this.#options = options;
  }

  publish(change: HealthChange): void {
    this.#replica?.publish(change);
  }

  /** Sends decisions of this server's operators to other servers. */
  publishControls(controls: readonly Control[]): void {
    for (const control of controls) this.#replica?.publishControl(sharedControl(control));
  }

  /** Sends all counts of clients of this server to other servers; they replace the counts before. */
  publishCounts(counts: unknown): void {
    this.#counts = counts;
    this.#replica?.publishCounts(counts);
  }

  /** Returns what other servers have counted; null where nothing is shared. */
  async usageOfOthers(query: UsageQuery): Promise<UsageOfOthers | null> {
    return (await this.#others?.read(query)) ?? null;
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
    this.prepare(wanted).commit();
  }

  /** Loads what `prepare` will need; rejects with `CcpbError` (code `configuration`) where `@ccpb/redis` is not installed. */
  async load({ sharedState }: ServerSettings): Promise<void> {
    if (sharedState !== undefined) this.#redis ??= await importRedis();
  }

  /**
   * Makes ready what a configuration asks for; a Redis that is new with it is dialled already. Whether Redis answers is not asked.
   *
   * @returns `commit` puts it into force, and cannot fail; `discard` gives back what was opened. Call one of them.
   * @throws `CcpbError` (code `configuration`) for a URL or prefix that cannot be used.
   */
  prepare({ config, server }: Wanted): PreparedSharing {
    const where = server.sharedState;
    const identify = scopeIdentities(config);
    const prove = controlProofs({ config, server });
    if (where?.redis === this.#where?.redis && where?.prefix === this.#where?.prefix) {
      const commit = (): void => {
        this.#identify = identify;
        this.#prove = prove;
        this.#replica?.refresh();
      };
      return { commit, discard: () => undefined };
    }
    const next = where === undefined || this.#isClosed ? undefined : this.#create(where, { identify, prove });
    return {
      commit: () => {
        this.#identify = identify;
        this.#prove = prove;
        this.#swap(where, next);
      },
      discard: () => void next?.[Symbol.asyncDispose](),
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

  /** `identify` and `prove` are of the configuration that brings this replica: they hold until that one is in force. */
  #create(
    { redis: url, prefix }: Where,
    { identify, prove }: { readonly identify: Identify; readonly prove: ControlSharing["prove"] },
  ): RedisReplica | undefined {
    const { desk, log, onCounts, usage } = this.#options;
    const replica: RedisReplica | undefined = this.#redis?.createRedisReplica({
      url,
      prefix,
      epochOffsetMs: this.#options.epochOffsetMs,
      identify: (scope) => (this.#replica === replica ? this.#identify(scope) : identify(scope)),
      controls: {
        prove: (control) => (this.#replica === replica ? this.#prove(control) : prove(control)),
        onControl: takeControls(desk, log),
      },
      ...(onCounts && { counts: { onCounts } }),
      ...(usage && { ledger: { ...sourceOf(usage()), onProblem: this.#onUsageProblem } }),
      onNotice: (notice) => this.#onNotice(notice, replica?.address ?? "Redis"),
    });
    return replica;
  }

  #swap(where: Where | undefined, next: RedisReplica | undefined): void {
    const before = this.#replica;
    this.#subscription?.[Symbol.dispose]();
    this.#where = where;
    this.#replica = next;
    this.#others = next && new OthersUsage(next);
    this.#subscription = this.#apply && next?.subscribe(this.#apply);
    for (const change of this.#options.snapshot()) next?.publish(change);
    this.publishControls(this.#options.desk.all());
    if (this.#counts !== undefined) next?.publishCounts(this.#counts);
    // Closed between the preparation and here: nothing else would end this connection.
    if (this.#isClosed) void next?.[Symbol.asyncDispose]();
    void before?.[Symbol.asyncDispose]();
  }

  /** Written once until it is another problem: it is tried again and again. */
  readonly #onUsageProblem = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    if (why === this.#usageProblem) return;
    this.#usageProblem = why;
    const message = `usage cannot be copied for the other servers, and is tried again: ${why}`;
    this.#options.log.write("WARNING", "usage_problem", message);
  };

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

function sourceOf({ id, changes, all }: UsageSource): UsageSource {
  return { id, changes, all };
}

/** Rejects with what `load` and `prepare` would fail with, and connects to nothing. */
export async function assertSharedState({ config, server: { sharedState } }: Wanted): Promise<void> {
  scopeIdentities(config);
  if (sharedState === undefined) return;
  const { redis: url, prefix } = sharedState;
  (await importRedis()).assertRedisReplicaOptions({ url, prefix });
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
