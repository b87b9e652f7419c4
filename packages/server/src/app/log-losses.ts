import type { AlertSink } from "../alerts/alert.ts";
import type { LogLosses } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";

export type { LogLosses } from "../log/logger.ts";

/** Has lost lines of the log counted by the metrics, and the webhooks told of them. */
export function logLosses(metrics: Metrics, raise: AlertSink): LogLosses {
  return {
    onLinesDropped: (count) => metrics.onDroppedLines(count),
    onLinesLost: (count) => raise({ type: "log.lines_lost", count }),
  };
}
