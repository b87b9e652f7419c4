import type { AlertSink } from "../alerts/alert.ts";
import type { LogLosses } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";

export type { LogLosses } from "../log/logger.ts";

/** Makes a receiver of lost log lines that counts them in the metrics and alerts the webhooks. */
export function logLosses(metrics: Metrics, raise: AlertSink): LogLosses {
  return {
    onLinesDropped: (count) => metrics.onDroppedLines(count),
    onLinesLost: (count) => raise({ type: "log.lines_lost", count }),
  };
}
