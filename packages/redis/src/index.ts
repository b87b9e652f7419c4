export {
  assertRedisReplicaOptions,
  createRedisReplica,
  type RedisReplica,
  type RedisReplicaOptions,
} from "./create-redis-replica.ts";
export type { ControlSharing, SharedControl } from "./shared-controls.ts";
export type { CountSharing } from "./shared-counts.ts";
export type { LedgerChanges, LedgerPart, LedgerSharing, OtherLedgers } from "./shared-ledgers.ts";
export type { ReplicaNotice, ReplicaState, ReplicaStatus } from "./replica-status.ts";
