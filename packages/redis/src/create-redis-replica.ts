import { CcpbError, type Clock, type HealthChange, type HealthReplica, systemClock } from "@ccpb/core";
import { redisLinks } from "./redis-link.ts";
import type { ReplicaNotice, ReplicaStatus } from "./replica-status.ts";
import { SharedHealth } from "./shared-health.ts";
import type { ControlSharing, SharedControl } from "./shared-controls.ts";
import { type CountSharing, SharedCounts } from "./shared-counts.ts";
import { type LedgerSharing, type OtherLedgers, SharedLedgers } from "./shared-ledgers.ts";
import { addressText, parseStoreUrl } from "./store-address.ts";

/** Options of `createRedisReplica`. */
export interface RedisReplicaOptions {
  /** URL of the store: `redis://[user:password@]host[:port][/database]`, or `rediss://…` for TLS. */
  readonly url: string;
  /** Prefix of every key and channel: processes with different prefixes share nothing. Default `ccpb`. */
  readonly prefix?: string;
  /** PEM with the authorities to trust for `rediss://`, instead of the system's. */
  readonly ca?: string;
  /**
   * Identifies what a scope stands for, such as a hash of its URL and key. A process ignores changes whose identity
   * differs from its own under the same name. `undefined`: this process has no such scope. Default: the name is
   * enough.
   */
  readonly identify?: (scope: HealthChange["scope"]) => string | undefined;
  /** Sharing of operators' decisions; absent: they stay in this process. */
  readonly controls?: ControlSharing;
  /** Sharing of clients' counts; absent: they stay in this process. */
  readonly counts?: CountSharing;
  /** Copying of this process's ledger to Redis; absent: it stays in this process. */
  readonly ledger?: LedgerSharing;
  /** Called with each notice that is worth a line in a log. */
  readonly onNotice?: (notice: ReplicaNotice) => void;
  /** Clock of the balancer; default: the platform's. */
  readonly clock?: Clock;
  /**
   * Wall clock minus monotonic clock, in milliseconds, as the balancer took it. Default: the difference now, which is
   * right for a replica made beside its balancer.
   */
  readonly epochOffsetMs?: number;
  /** Source of randomness for jitter, uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** Health shared over Redis. It connects and reconnects by itself; no request waits for it. */
export interface RedisReplica extends HealthReplica, AsyncDisposable {
  /** Address of the store without credentials: `redis://host:port/database`. */
  readonly address: string;
  /** Prefix of every key and channel. */
  readonly prefix: string;
  /**
   * Sends a decision of an operator to the other processes. It is repeated until its time is over or another process
   * has decided otherwise.
   *
   * @param control - decision that was made in this process.
   */
  publishControl(control: SharedControl): void;
  /**
   * Sends this process's counts of clients to the other processes.
   *
   * @param value - JSON value with all counts since this process began; it replaces the value before.
   */
  publishCounts(value: unknown): void;
  /**
   * Reads the ledgers of all other processes.
   *
   * @param fromDay - first day to read, such as `2026-11-29` (UTC).
   * @returns their parts; `undefined` where Redis cannot be reached.
   */
  readLedgers(fromDay: string): Promise<OtherLedgers | undefined>;
  /**
   * Reads how sharing goes.
   *
   * @returns state and counters, without credentials.
   */
  status(): ReplicaStatus;
  /** Asks the other processes again for what they know. Call it after a configuration has brought new providers. */
  refresh(): void;
}

/**
 * Checks a URL and a prefix as `createRedisReplica` does, without connecting.
 *
 * @param options - `url` and `prefix` of `RedisReplicaOptions`.
 * @throws CcpbError (code `configuration`) if one of them cannot be used. The message repeats neither.
 * @example
 * ```ts
 * assertRedisReplicaOptions({ url: "redis://127.0.0.1:6379/0", prefix: "team" });
 * ```
 */
export function assertRedisReplicaOptions({ url, prefix = "ccpb" }: Pick<RedisReplicaOptions, "url" | "prefix">): void {
  parseStoreUrl(url);
  if (/^[\w.:{}@-]{1,64}$/.test(prefix)) return;
  const message = "the prefix in Redis must be 1 to 64 letters, digits and . : - _ @ { }";
  throw new CcpbError("configuration", message, { status: 422, type: "invalid_request_error" });
}

/**
 * Makes a replica for `new Balancer(config, { replica })`. It connects in the background: a Redis that cannot be
 * reached is no error.
 *
 * @param options - URL of the store, prefix, and what is shared.
 * @returns the replica. Dispose it (`await using`) to close its connections.
 * @throws CcpbError (code `configuration`) if the URL or the prefix cannot be used.
 * @example
 * ```ts
 * await using replica = createRedisReplica({ url: "redis://127.0.0.1:6379", onNotice: (notice) => console.log(notice) });
 * using shared = new Balancer({ providers }, { replica });
 * ```
 */
export function createRedisReplica(options: RedisReplicaOptions): RedisReplica {
  const { url, prefix = "ccpb", clock = systemClock, random = Math.random, ca } = options;
  assertRedisReplicaOptions({ url, prefix });
  const address = parseStoreUrl(url);
  const origin = crypto.randomUUID();
  const place = { address, prefix, origin, ...(ca !== undefined && { ca }) };
  const health = new SharedHealth({
    open: redisLinks(place),
    origin,
    clock,
    random,
    epochOffsetMs: options.epochOffsetMs ?? clock.wallNow() - clock.now(),
    identify: options.identify ?? (() => ""),
    ...(options.controls && { controls: options.controls }),
    ...(options.onNotice && { onNotice: options.onNotice }),
    redact: redactor([address.password, address.username === "default" ? undefined : address.username]),
  });
  const counts =
    options.counts &&
    new SharedCounts({
      open: redisLinks({ ...place, topic: "clients", longestTtlMs: 40 * 86_400_000 }),
      origin,
      clock,
      random,
      onCounts: options.counts.onCounts,
      onRefused: (error) => health.tellRefused("limits and budgets", error),
    });
  const ledgers =
    options.ledger &&
    new SharedLedgers({
      open: redisLinks({ ...place, topic: "usage" }),
      clock,
      random,
      ...options.ledger,
      onRefused: (error) => health.tellRefused("usage", error),
    });
  return {
    address: addressText(address),
    prefix,
    publish: (change) => health.publish(change),
    publishControl: (control) => health.publishControl(control),
    subscribe: (apply) => health.subscribe(apply),
    status: () => health.status(),
    publishCounts: (value) => counts?.publish(value),
    readLedgers: async (fromDay) => ledgers?.read(fromDay),
    refresh: () => health.refresh(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([
        health[Symbol.asyncDispose](),
        counts?.[Symbol.asyncDispose](),
        ledgers?.[Symbol.asyncDispose](),
      ]);
    },
  };
}

function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  return (text) =>
    secrets.reduce<string>((clean, secret) => (secret ? clean.replaceAll(secret, "[redacted]") : clean), text);
}
