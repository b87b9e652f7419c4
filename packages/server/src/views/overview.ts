import type { BalancerStatus } from "@ccpb/core";
import type { MetricSamples } from "../metrics/exposition.ts";
import type { SharedStateStatus } from "../sharing/shared-state.ts";
import type { Control } from "../control/control.ts";
import type { CallView } from "./call-history.ts";

/** Work of a server so far: of one process, or of all together. Plain JSON without secrets. */
export interface Overview {
  readonly status: BalancerStatus;
  readonly metrics: readonly MetricSamples[];
  /** Calls as the status page shows them: those under way, then those that ended. */
  readonly calls: readonly CallView[];
  /** Absent or null where health is not shared over Redis. */
  readonly sharedState?: SharedStateStatus | null;
  /** Controls in force; absent in a worker's own status. */
  readonly controls?: readonly Control[];
}

export interface OverviewOptions {
  /** True if a client watches the calls under way, so that their speed is estimated from now on. Default `false`. */
  readonly isWatched?: boolean;
}
