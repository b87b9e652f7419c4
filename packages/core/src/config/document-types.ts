import type { InferenceProfile, ProviderType, SelectionStrategy } from "../base/config-types.ts";

/** `timeouts` of the file format, in seconds. */
export interface TimeoutsDocument {
  readonly connect?: number | undefined;
  readonly response?: number | undefined;
  readonly first_content?: number | undefined;
  readonly idle?: number | undefined;
  readonly total?: number | undefined;
  readonly call?: number | undefined;
}

/** `tls` of a provider, as written in the file. */
export interface ProviderTlsDocument {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly server_name?: string | undefined;
}

/** One entry of `providers`, as written in the file. */
export interface ProviderDocument {
  readonly name: string;
  readonly type: ProviderType;
  readonly base_url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly inference_profile?: InferenceProfile | undefined;
  readonly auth_type?: "api_key" | "auth_token" | "passthrough" | "command" | "file" | "aws" | "google" | undefined;
  readonly auth_value?: string | readonly string[] | undefined;
  readonly auth_command?: readonly string[] | undefined;
  readonly auth_file?: string | undefined;
  readonly auth_header?: string | undefined;
  readonly aws_profile?: string | undefined;
  readonly big_model?: string | undefined;
  readonly small_model?: string | undefined;
  readonly models?: Readonly<Record<string, string>> | undefined;
  readonly enabled?: boolean | undefined;
  readonly weight?: number | undefined;
  readonly proxy?: string | undefined;
  readonly tls?: ProviderTlsDocument | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeouts?: TimeoutsDocument | undefined;
  readonly max_concurrent?: number | undefined;
  readonly reserve?: number | undefined;
  readonly context_window?: number | undefined;
  readonly dialect?: "auto" | "chat" | "responses" | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
  readonly signature_domain?: string | undefined;
  readonly forward_headers?: readonly string[] | undefined;
}

/** One entry of `settings.error_rules`, as written in the file; `cooldown` in seconds. */
export interface ErrorRuleDocument {
  readonly status?: number | string | undefined;
  readonly match?: string | undefined;
  readonly action: "stop" | "failover";
  readonly cooldown?: number | undefined;
}

/** `settings`, as written in the file; times in seconds. */
export interface SettingsDocument {
  readonly failure_cooldown?: number | undefined;
  readonly request_timeout?: number | undefined;
  readonly log_level?: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL" | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly selection_strategy?: SelectionStrategy | undefined;
  readonly session_affinity?: "off" | "session" | undefined;
  readonly unhealthy_threshold?: number | undefined;
  readonly unhealthy_reset_timeout?: number | undefined;
  readonly max_cooldown?: number | undefined;
  readonly last_resort?: boolean | undefined;
  readonly prefer_server_tools?: boolean | undefined;
  readonly queue_timeout?: number | undefined;
  readonly error_rules?: readonly ErrorRuleDocument[] | undefined;
  readonly unhealthy_http_codes?: readonly number[] | undefined;
  readonly unhealthy_response_body_patterns?: readonly string[] | undefined;
  readonly timeouts?: TimeoutsDocument | undefined;
  readonly stream_failure?: "auto" | "error" | "abort" | undefined;
  readonly early_headers?: number | undefined;
  readonly allow_provider_pin?: boolean | undefined;
  readonly forward_headers?: readonly string[] | undefined;
  readonly auth?:
    | {
        readonly enabled?: boolean | undefined;
        readonly api_key?: string | undefined;
        readonly api_keys?: readonly string[] | undefined;
        readonly clients?: readonly ClientDocument[] | undefined;
        readonly exempt_paths?: readonly string[] | undefined;
      }
    | undefined;
  readonly allowed_hosts?: readonly string[] | undefined;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly log_file?: string | undefined;
  readonly log_file_path?: string | undefined;
  readonly log_keep?:
    | {
        readonly files?: number | undefined;
        readonly megabytes?: number | undefined;
        readonly days?: number | undefined;
      }
    | undefined;
  readonly log_color?: boolean | undefined;
  readonly usage_folder?: string | undefined;
  readonly prices?: readonly PriceDocument[] | undefined;
  readonly webhooks?: readonly WebhookDocument[] | undefined;
  readonly metrics?: boolean | undefined;
  readonly drain_timeout?: number | undefined;
  readonly shared_state?: { readonly redis: string; readonly prefix?: string | undefined } | undefined;
  readonly max_body_memory?: number | undefined;
  readonly max_connections?: number | undefined;
  readonly workers?: number | "auto" | undefined;
}

/** One entry of `auth.clients`, as written in the file. */
export interface ClientDocument {
  readonly name: string;
  readonly key?: string | undefined;
  readonly key_sha256?: string | undefined;
  readonly role?: "client" | "monitor" | "operator" | undefined;
  readonly models?: readonly string[] | undefined;
  readonly providers?: readonly string[] | undefined;
  readonly limits?:
    | {
        readonly concurrent?: number | undefined;
        readonly requests_per_minute?: number | undefined;
        readonly tokens_per_minute?: number | undefined;
      }
    | undefined;
  readonly budget?: BudgetDocument | readonly BudgetDocument[] | undefined;
  readonly priority?: number | undefined;
}

/** A budget of a client, as written in the file. */
export interface BudgetDocument {
  readonly usd?: number | undefined;
  readonly eur?: number | undefined;
  readonly cny?: number | undefined;
  readonly tokens?: number | undefined;
  readonly per?: "day" | "week" | "month" | undefined;
  readonly timezone?: string | undefined;
}

/** One entry of `webhooks`, as written in the file. */
export interface WebhookDocument {
  readonly url: string;
  readonly secret?: string | undefined;
  readonly events?: readonly WebhookEvent[] | undefined;
  readonly format?: WebhookFormat | undefined;
}

/** Names the format of messages to a webhook. */
export type WebhookFormat = "standard" | "slack" | "discord" | "ntfy";

/** Lists the events that a webhook can subscribe to. */
export type WebhookEvent =
  | "provider.down"
  | "provider.up"
  | "providers.all_down"
  | "providers.recovered"
  | "credential.refused"
  | "credential.expiring"
  | "budget.reached"
  | "config.rejected"
  | "certificate.expiring"
  | "certificate.rejected"
  | "log.lines_lost";

/** One entry of `prices`, as written in the file: per million tokens. */
export interface PriceDocument {
  readonly model: string;
  readonly provider?: string | undefined;
  readonly input: number;
  readonly output: number;
  readonly cache_read?: number | undefined;
  readonly cache_write?: number | undefined;
  readonly cache_write_1h?: number | undefined;
  readonly currency?: string | undefined;
}

/** One candidate of a route, as written in the file. */
export interface RouteCandidateDocument {
  readonly provider: string;
  readonly model: string;
  readonly priority?: number | undefined;
  readonly enabled?: boolean | undefined;
}

/** The whole file, after `${…}`; what `parseConfig` reads. Keys are the file's own: snake_case, seconds. */
export interface ConfigDocument {
  readonly providers: readonly ProviderDocument[];
  readonly settings?: SettingsDocument | undefined;
  readonly model_routes?: Readonly<Record<string, readonly RouteCandidateDocument[]>> | undefined;
}
