import type { BalancerStatus } from "@ccpb/core";
import type { MetricSamples } from "../metrics/exposition.ts";
import type { SharedStateStatus } from "../sharing/shared-state.ts";
import type { Control } from "../control/control.ts";
import type { CallView } from "./call-history.ts";

/** What a server can say of its work so far: one process of itself, or several of all of them. Plain JSON without secrets. */
export interface Overview {
  readonly status: BalancerStatus;
  readonly metrics: readonly MetricSamples[];
  /** As the status page shows them: those under way, then those that ended. */
  readonly calls: readonly CallView[];
  /** Absent or null where health is not shared over Redis. */
  readonly sharedState?: SharedStateStatus | null;
  /** Controls in force; absent in a worker's own status. */
  readonly controls?: readonly Control[];
}

export interface OverviewOptions {
  /** Somebody looks at the calls under way: how fast each is answered is estimated from now on. Default: false. */
  readonly isWatched?: boolean;
}
