import type { Authorize, Balancer, BalancerConfig, ProviderConfig, Transport } from "@ccpb/core";
import type { BodyMemory } from "../http/body-memory.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import type { InboundRequest } from "../http/inbound-request.ts";
import type { AccessRules } from "../http/access-rules.ts";
import type { Caller } from "../http/permissions.ts";
import type { Steering } from "../control/steering.ts";
import type { ClientDesk } from "../clients/client-desk.ts";
import type { Ledger } from "../usage/ledger.ts";
import type { UsageOfOthers, UsageQuery } from "../usage/usage-report.ts";
import type { Log } from "../log/log-types.ts";
import type { CallSearch } from "../views/call-search.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import type { ServerReply } from "../http/server-reply.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { ServedModels } from "../views/served-models.ts";
import type { UpstreamModels } from "../views/upstream-models.ts";
import type { TextTokenizer } from "../tokenizer/text-tokenizer.ts";

/** State and services that handlers use. */
export interface ServerContext {
  readonly balancer: Balancer;
  readonly transport: Transport;
  /** Finds the function that gives a provider its credential. */
  readonly authorize: (provider: ProviderConfig) => Authorize | undefined;
  /** For counts that no provider makes. */
  readonly tokenizer: TextTokenizer;
  /** Through which the bodies of requests are read. */
  readonly bodies: BodyMemory;
  readonly servedModels: ServedModels;
  readonly upstreamModels: UpstreamModels;
  readonly ledger: Ledger;
  /** Reads the usage that other servers have counted; null where nothing is shared. */
  usageOfOthers(query: UsageQuery): Promise<UsageOfOthers | null>;
  /** Admits requests of clients with names. */
  readonly clients: ClientDesk;
  readonly log: Log;
  readonly version: string;
  /** The settings and access rules in force now; a reload swaps both at once. */
  readonly settings: ServerSettings;
  readonly config: BalancerConfig;
  readonly access: AccessRules;
  readonly isDraining: boolean;
  /**
   * Collects the work so far of all processes that serve this address. `isWatched`: a client watches the calls, so
   * that their speed is estimated from now on.
   */
  overview(options?: OverviewOptions): Promise<Overview>;
  /** Finds calls that have ended. */
  readonly search: CallSearch;
  /** Commands of operators at run time. */
  readonly steering: Steering;
  reload(options: { readonly reset: boolean }): Promise<ReloadResult>;
}

/** Answers one request of a caller who may send it; what it throws becomes an error reply. */
export type Handler = (
  inbound: InboundRequest,
  context: ServerContext,
  caller: Caller,
) => ServerReply | Promise<ServerReply>;
