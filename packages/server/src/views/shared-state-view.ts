import type { MetricSamples } from "../metrics/exposition.ts";
import { gauge } from "../metrics/metric-kinds.ts";
import type { SharedStateStatus } from "../sharing/shared-state.ts";

/** `shared_state` in `/providers`. */
export interface SharedStateView {
  /** `connecting`: not reached since the start; `disconnected`: lost, and tried again. */
  readonly status: string;
  /** ISO 8601: since when that is so. */
  readonly since: string;
  /** Without credentials. */
  readonly redis: string;
  readonly prefix: string;
  /** Other servers that were heard of within half a minute. */
  readonly peers: number;
  readonly last_error: string | null;
}

/** Builds the view of shared health for `/providers`; null if none is configured. */
export function sharedStateView(status: SharedStateStatus | null): SharedStateView | null {
  if (status === null) return null;
  const { state, forMs, address, prefix, peers, lastError } = status;
  const since = new Date(Date.now() - forMs).toISOString();
  return { status: state, since, redis: address, prefix, peers, last_error: lastError };
}

/** Builds the metrics of shared health; none if none is configured. */
export function sharedStateMetrics(status: SharedStateStatus | null): readonly MetricSamples[] {
  if (status === null) return [];
  const isConnected = Number(status.state === "connected");
  return [
    gauge("ccpb_shared_state_connected", "Whether the Redis of settings.shared_state can be had.", "max", [
      { labels: {}, value: isConnected },
    ]),
    gauge("ccpb_shared_state_peers", "Other servers that were heard of within half a minute.", "max", [
      { labels: {}, value: status.peers },
    ]),
  ];
}
