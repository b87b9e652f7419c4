import { CcpbError, type Clock, type HealthChange, type HealthReplica, systemClock } from "@ccpb/core";
import { redisLinks } from "./redis-link.ts";
import type { ReplicaNotice, ReplicaStatus } from "./replica-status.ts";
import { SharedHealth } from "./shared-health.ts";
import type { ControlSharing, SharedControl } from "./shared-controls.ts";
import { type CountSharing, SharedCounts } from "./shared-counts.ts";
import { addressText, parseStoreUrl } from "./store-address.ts";

export interface RedisReplicaOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://…` for TLS. */
  readonly url: string;
  /** Stands in front of every key and channel: who has another one shares nothing. Default `ccpb`. */
  readonly prefix?: string;
  /** PEM: the authorities to trust for `rediss://`, instead of the system's. */
  readonly ca?: string;
  /**
   * What a scope stands for, such as a hash of its URL and key: a process that has something else under the same name does not take it in;
   * `undefined` for a scope that this process does not have. Default: the name is enough.
   */
  readonly identify?: (scope: HealthChange["scope"]) => string | undefined;
  /** Shares decisions of operators; absent to keep them to this process. */
  readonly controls?: ControlSharing;
  /** Shares counts of clients; absent to keep them to this process. */
  readonly counts?: CountSharing;
  /** What is worth a line in a log. */
  readonly onNotice?: (notice: ReplicaNotice) => void;
  /** The clock of the balancer; default the platform's. */
  readonly clock?: Clock;
  /** Wall clock minus monotonic clock as the balancer took it; default: as it is now, which is right for a replica made beside its balancer. */
  readonly epochOffsetMs?: number;
  /** Uniform in [0, 1): jitter; default `Math.random`. */
  readonly random?: () => number;
}

/** Health shared over Redis. It connects, and connects again, by itself; nothing of it is waited for by a request. */
export interface RedisReplica extends HealthReplica, AsyncDisposable {
  /** `redis://host:port/database`, without credentials. */
  readonly address: string;
  readonly prefix: string;
  /** Tells the others what an operator has decided here; it is repeated until it is over, or another process has decided otherwise. */
  publishControl(control: SharedControl): void;
  /** Tells the others what this process has counted of clients since it began: a JSON value, which replaces the one before. */
  publishCounts(value: unknown): void;
  status(): ReplicaStatus;
  /** Asks again what the others know: after a configuration has brought new providers. */
  refresh(): void;
}

/** Throws `CcpbError` (code `configuration`) for a URL or prefix that `createRedisReplica` would not take; repeats neither. */
export function assertRedisReplicaOptions({ url, prefix = "ccpb" }: Pick<RedisReplicaOptions, "url" | "prefix">): void {
  parseStoreUrl(url);
  if (/^[\w.:{}@-]{1,64}$/.test(prefix)) return;
  const message = "the prefix in Redis must be 1 to 64 letters, digits and . : - _ @ { }";
  throw new CcpbError("configuration", message, { status: 422, type: "invalid_request_error" });
}

/** Makes a replica for `new Balancer(config, { replica })`. Throws `CcpbError` (code `configuration`) for a URL or prefix that cannot be used; a Redis that is away is no error. */
export function createRedisReplica(options: RedisReplicaOptions): RedisReplica {
  const { url, prefix = "ccpb", clock = systemClock, random = Math.random, ca } = options;
  assertRedisReplicaOptions({ url, prefix });
  const address = parseStoreUrl(url);
  const origin = crypto.randomUUID();
  const place = { address, prefix, origin, ...(ca !== undefined && { ca }) };
  const counts =
    options.counts &&
    new SharedCounts({
      open: redisLinks({ ...place, topic: "clients", longestTtlMs: 40 * 86_400_000 }),
      origin,
      clock,
      random,
      onCounts: options.counts.onCounts,
    });
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
  return {
    address: addressText(address),
    prefix,
    publish: (change) => health.publish(change),
    publishControl: (control) => health.publishControl(control),
    subscribe: (apply) => health.subscribe(apply),
    status: () => health.status(),
    publishCounts: (value) => counts?.publish(value),
    refresh: () => health.refresh(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([health[Symbol.asyncDispose](), counts?.[Symbol.asyncDispose]()]);
    },
  };
}

function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  return (text) =>
    secrets.reduce<string>((clean, secret) => (secret ? clean.replaceAll(secret, "[redacted]") : clean), text);
}
