import { type Clock, systemClock } from "@ccpb/core";
import type { AlertSink } from "../alerts/alert.ts";
import { Alerts, type AlertsOptions } from "../alerts/alerts.ts";
import type { AppOptions } from "./app-options.ts";

/** Receives a server's alerts: its own webhooks, or in a worker the primary. */
export interface OpenAlerts {
  /** undefined: another process has the webhooks. */
  readonly alerts: Alerts | undefined;
  readonly raise: AlertSink;
  readonly clock: Clock;
}

/** Opens the webhooks of a configuration, unless the options name who takes alerts. */
export function openAlerts(
  { active, log, environment = {}, transport, clock = systemClock, onAlert }: AppOptions,
  metrics: AlertsOptions["metrics"],
  redact: (text: string) => string,
): OpenAlerts {
  if (onAlert !== undefined) return { alerts: undefined, raise: onAlert, clock };
  const alerts = new Alerts({ clock, log, environment, metrics, ...(transport !== undefined && { transport }) });
  alerts.useConfig(active, redact);
  return { alerts, raise: alerts.raise, clock };
}
