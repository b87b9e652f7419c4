import type { Clock, HealthReplica, Transport } from "@ccpb/core";
import type { AlertSink } from "../alerts/alert.ts";
import type { ClientCounts } from "../clients/client-counts.ts";
import type { ActiveConfig } from "../config/config-file.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import type { ControlCommand, ControlOutcome } from "../control/control.ts";
import type { Log } from "../log/log-types.ts";
import type { Environment } from "../transport/proxy-route.ts";
import type { CallQuery, FoundCalls } from "../views/find-calls.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import type { UsageOfOthers, UsageQuery } from "../usage/usage-report.ts";
import type { UsageStore } from "../usage/usage-store.ts";

/** The other processes that serve the same address. */
export interface Team {
  /** Reloads all processes. */
  reload(options: { readonly reset: boolean }): Promise<ReloadResult>;
  /** Number of workers; each has its share of `settings.max_connections` and `settings.max_body_memory`. */
  readonly size: number;
  /** Status that the workers report together. */
  overview(options: OverviewOptions): Promise<Overview>;
  /** Finds calls that any of them remembers. */
  findCalls(query: CallQuery): Promise<FoundCalls>;
  /** Carries out an operator's command in all processes. */
  readonly control: (command: ControlCommand) => Promise<ControlOutcome>;
  /** Keeps the usage of all of them where there is no folder. */
  readonly usage: UsageStore;
  /** Reads the usage that other servers have counted; null where nothing is shared. */
  readonly usageOfOthers: (query: UsageQuery) => Promise<UsageOfOthers | null>;
  /** Tells all of them what this process has counted of clients since it began. */
  readonly tellCounts: (counts: ClientCounts) => void;
}

export interface AppOptions {
  readonly active: ActiveConfig;
  readonly log: Log;
  /** Reads the configuration again; throws `ConfigError` when it cannot be used. Absent: there is nothing to read again. */
  readonly load?: () => ActiveConfig;
  /** Environment that the proxy variables are read from. */
  readonly environment?: Environment;
  /** Default: undici, made and closed by the app. */
  readonly transport?: Transport;
  /** Clock for the expiry of credentials and for noticing that the machine slept; default: the platform's. */
  readonly clock?: Clock;
  /** Clock of the balancer: for cooldowns and deadlines; default: the platform's. */
  readonly balancerClock?: Clock;
  /** Shares health with other processes, instead of what `settings.shared_state` asks for. */
  readonly replica?: HealthReplica;
  /** Milliseconds, as in the balancer's option. */
  readonly epochOffsetMs?: number;
  /** Takes what the webhooks are told of; absent: this process has them itself. */
  readonly onAlert?: AlertSink;
  /** Absent: this process serves alone. */
  readonly team?: Team;
}

/** Options of one reload. */
export interface ReloadOptions {
  /** Closes every circuit, too. */
  readonly reset: boolean;
  /** Makes the configuration, at the reload's turn. Default: `AppOptions.load`, else the one in force again. */
  readonly load?: () => ActiveConfig;
}

/** A reload that cannot fail any more: put it into force, or drop it and leave everything as it was. Call one of the two. */
export interface PreparedReload {
  commit(): ReloadResult;
  discard(): void;
}
