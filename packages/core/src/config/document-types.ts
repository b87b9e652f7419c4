import type { InferenceProfile, ProviderType, SelectionStrategy } from "../base/config-types.ts";

/** `timeouts` of the file format, in seconds. See `TimeoutsMs`. */
export interface TimeoutsDocument {
  /** Until the connection is established. Default 10. */
  readonly connect?: number | undefined;
  /** Until the response headers have come. Default 30. */
  readonly response?: number | undefined;
  /** Until the first content has come. Default 120. */
  readonly first_content?: number | undefined;
  /** Longest silence between two bytes. Default 120. */
  readonly idle?: number | undefined;
  /** Until the attempt is over. Default 300. */
  readonly total?: number | undefined;
  /** Until the first content of any attempt of the call. Default 600; only under `settings`. */
  readonly call?: number | undefined;
}

/** `tls` of a provider, as written in the file. See `UpstreamTls`. */
export interface ProviderTlsDocument {
  /** Path of a PEM file with authorities to trust. */
  readonly ca?: string | undefined;
  /** Path of a PEM file with a client certificate. */
  readonly cert?: string | undefined;
  /** Path of a PEM file with the key of `cert`. */
  readonly key?: string | undefined;
  /** Name to which the provider's certificate must be issued. */
  readonly server_name?: string | undefined;
}

/** Entry of `providers`, as written in the file. See `ProviderConfig` and `docs/configuration.md`. */
export interface ProviderDocument {
  /** Unique name of the provider. */
  readonly name: string;
  /** API and envelope that it speaks. */
  readonly type: ProviderType;
  /** URL of its API; required for `anthropic` and `openai`. */
  readonly base_url?: string | undefined;
  /** Region of `bedrock` and `vertex`. */
  readonly region?: string | undefined;
  /** Google Cloud project of `vertex`. */
  readonly project?: string | undefined;
  /** Inference profile of `bedrock`; default: derived from the region. */
  readonly inference_profile?: InferenceProfile | undefined;
  /** Kind of credential. Default: by the other `auth_` keys. */
  readonly auth_type?: "api_key" | "auth_token" | "passthrough" | "command" | "file" | "aws" | "google" | undefined;
  /** Key, or a list of keys. */
  readonly auth_value?: string | readonly string[] | undefined;
  /** Program that prints a token, and its arguments. */
  readonly auth_command?: readonly string[] | undefined;
  /** Path of a file with a token. */
  readonly auth_file?: string | undefined;
  /** Header that carries the credential; default: that of the type. */
  readonly auth_header?: string | undefined;
  /** Profile of the AWS configuration. */
  readonly aws_profile?: string | undefined;
  /** Model for names of big models; `passthrough`: the client's name. */
  readonly big_model?: string | undefined;
  /** Model for names of small models; `passthrough`: the client's name. */
  readonly small_model?: string | undefined;
  /** Models by glob over the client's name, looked at before `big_model` and `small_model`. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  /** False: the provider is never asked. Default `true`. */
  readonly enabled?: boolean | undefined;
  /** Share of requests with `selection_strategy: weighted`. Default 1. */
  readonly weight?: number | undefined;
  /** URL of an http, https or socks5 proxy. */
  readonly proxy?: string | undefined;
  /** Certificates of the provider's own. */
  readonly tls?: ProviderTlsDocument | undefined;
  /** Headers that each request to it carries besides. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Deadlines that differ from `settings.timeouts`. */
  readonly timeouts?: TimeoutsDocument | undefined;
  /** Limit of requests at once. */
  readonly max_concurrent?: number | undefined;
  /** Per cent of each quota window that is kept back while another provider can serve. */
  readonly reserve?: number | undefined;
  /** Context window of its models, in tokens. */
  readonly context_window?: number | undefined;
  /** API that an `openai` provider is asked in. Default `auto`. */
  readonly dialect?: "auto" | "chat" | "responses" | undefined;
  /** Differences from the built-in profile of its host and model. */
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
  /** Domain in which its thinking signatures are valid. Default: the host of `base_url`. */
  readonly signature_domain?: string | undefined;
  /** Names of headers of the client's that are forwarded besides the usual ones. */
  readonly forward_headers?: readonly string[] | undefined;
}

/** Entry of `settings.error_rules`, as written in the file. See `ErrorRule`. */
export interface ErrorRuleDocument {
  /** Status code, or a class such as `"5xx"`; absent: any failing status. */
  readonly status?: number | string | undefined;
  /** Substring or `/regex/` that the error's text must match; absent: any text. */
  readonly match?: string | undefined;
  /** `stop`: the client gets the error. `failover`: the next provider is tried. */
  readonly action: "stop" | "failover";
  /** Seconds for which `failover` cools the provider down. */
  readonly cooldown?: number | undefined;
}

/**
 * `settings`, as written in the file; times in seconds. See `BalancerSettings`, `ServerSettingsDocument` and
 * `docs/configuration.md`.
 */
export interface SettingsDocument {
  /** First cooldown after a failure. Default 60. */
  readonly failure_cooldown?: number | undefined;
  /** Older name of `timeouts.response`, which wins over it; never a total. */
  readonly request_timeout?: number | undefined;
  /** Lowest level that is logged. Default `INFO`. */
  readonly log_level?: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL" | undefined;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Port to listen on. */
  readonly port?: number | undefined;
  /** Order in which healthy providers are asked. Default `priority`. */
  readonly selection_strategy?: SelectionStrategy | undefined;
  /** `session`: a session stays with the provider that served it. Default `off`. */
  readonly session_affinity?: "off" | "session" | undefined;
  /** Failures in a row that open a circuit. Default 1. */
  readonly unhealthy_threshold?: number | undefined;
  /** Time without a failure after which counted failures are forgotten. Default 300. */
  readonly unhealthy_reset_timeout?: number | undefined;
  /** Longest cooldown. Default 3600. */
  readonly max_cooldown?: number | undefined;
  /** False: a call fails at once if all providers cool down. Default `true`. */
  readonly last_resort?: boolean | undefined;
  /** False: tools of Anthropic's servers do not change the order of providers. Default `true`. */
  readonly prefer_server_tools?: boolean | undefined;
  /** Longest wait for room at a provider or for a probe. Default 10. */
  readonly queue_timeout?: number | undefined;
  /** Rows in front of the failure table. */
  readonly error_rules?: readonly ErrorRuleDocument[] | undefined;
  /** Older form of `error_rules`: status codes that lead to failover. */
  readonly unhealthy_http_codes?: readonly number[] | undefined;
  /** Older form of `error_rules`: substrings of bodies that lead to failover. */
  readonly unhealthy_response_body_patterns?: readonly string[] | undefined;
  /** Deadlines of the phases of attempts and calls. */
  readonly timeouts?: TimeoutsDocument | undefined;
  /** End of a stream that broke after its first content. Default `auto`. */
  readonly stream_failure?: "auto" | "error" | "abort" | undefined;
  /** Time without content after which a stream gets its headers and pings. Default 0: never. */
  readonly early_headers?: number | undefined;
  /** True: the header `x-ccpb-provider` pins a provider. Default `false`. */
  readonly allow_provider_pin?: boolean | undefined;
  /** Names of headers of the client's that every provider is sent besides the usual ones. */
  readonly forward_headers?: readonly string[] | undefined;
  /** Keys of clients, and routes without a key. */
  readonly auth?:
    | {
        readonly enabled?: boolean | undefined;
        readonly api_key?: string | undefined;
        readonly api_keys?: readonly string[] | undefined;
        readonly clients?: readonly ClientDocument[] | undefined;
        readonly exempt_paths?: readonly string[] | undefined;
      }
    | undefined;
  /** Values of the `Host` header that are answered. */
  readonly allowed_hosts?: readonly string[] | undefined;
  /** Paths of PEM files; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Path of the log file. */
  readonly log_file?: string | undefined;
  /** Older name of `log_file`. */
  readonly log_file_path?: string | undefined;
  /** Rotated log files that are kept. */
  readonly log_keep?:
    | {
        readonly files?: number | undefined;
        readonly megabytes?: number | undefined;
        readonly days?: number | undefined;
      }
    | undefined;
  /** Colours in the log. Default: if the output is a terminal. */
  readonly log_color?: boolean | undefined;
  /** Folder of the ledger of usage. */
  readonly usage_folder?: string | undefined;
  /** Prices per million tokens. */
  readonly prices?: readonly PriceDocument[] | undefined;
  /** Webhooks that receive alerts. */
  readonly webhooks?: readonly WebhookDocument[] | undefined;
  /** True: `/metrics` is served. */
  readonly metrics?: boolean | undefined;
  /** Time that requests under way get when the server stops. */
  readonly drain_timeout?: number | undefined;
  /** Store in which health is shared, and the prefix of its keys. */
  readonly shared_state?: { readonly redis: string; readonly prefix?: string | undefined } | undefined;
  /** Megabytes of request bodies that may be held at once, over all workers. */
  readonly max_body_memory?: number | undefined;
  /** Client connections that may be open at once, over all workers. */
  readonly max_connections?: number | undefined;
  /** Number of processes that serve; `auto`: one for each processor. */
  readonly workers?: number | "auto" | undefined;
}

/** Entry of `auth.clients`, as written in the file. See `ClientSettings`. */
export interface ClientDocument {
  /** Unique name of the client. */
  readonly name: string;
  /** Key in plain text. */
  readonly key?: string | undefined;
  /** SHA-256 of the key, hexadecimal. */
  readonly key_sha256?: string | undefined;
  /** Rights of the client besides sending requests. Default `client`: none. */
  readonly role?: "client" | "monitor" | "operator" | undefined;
  /** Globs over the models that it may ask for. Default: all. */
  readonly models?: readonly string[] | undefined;
  /** Globs over the names of the providers that may serve it. Default: all. */
  readonly providers?: readonly string[] | undefined;
  /** Limits of requests at once, requests per minute and tokens per minute. */
  readonly limits?:
    | {
        readonly concurrent?: number | undefined;
        readonly requests_per_minute?: number | undefined;
        readonly tokens_per_minute?: number | undefined;
      }
    | undefined;
  /** Budget, or a list of budgets. */
  readonly budget?: BudgetDocument | readonly BudgetDocument[] | undefined;
  /** Requests of clients with a higher number go first where requests wait. Default 0. */
  readonly priority?: number | undefined;
}

/** Budget of a client, as written in the file. See `BudgetSettings`. */
export interface BudgetDocument {
  /** Limit in US dollars. */
  readonly usd?: number | undefined;
  /** Limit in euros. */
  readonly eur?: number | undefined;
  /** Limit in Chinese yuan. */
  readonly cny?: number | undefined;
  /** Limit in tokens of input, output and cache writes. */
  readonly tokens?: number | undefined;
  /** Length of the period. Default `month`. */
  readonly per?: "day" | "week" | "month" | undefined;
  /** IANA name of the time zone in which periods begin. Default: that of the machine. */
  readonly timezone?: string | undefined;
}

/** Entry of `webhooks`, as written in the file. See `WebhookSettings`. */
export interface WebhookDocument {
  /** Address that alerts are posted to. */
  readonly url: string;
  /** Secret of signatures, base64. */
  readonly secret?: string | undefined;
  /** Events that are sent. Default: all. */
  readonly events?: readonly WebhookEvent[] | undefined;
  /** Format of the messages. Default `standard`. */
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

/** Entry of `prices`, as written in the file: per million tokens. */
export interface PriceDocument {
  /** Glob over the provider's model. */
  readonly model: string;
  /** Glob over the provider's name; absent: any provider. */
  readonly provider?: string | undefined;
  /** Price of input. */
  readonly input: number;
  /** Price of output. */
  readonly output: number;
  /** Price of reading from a cache. Default: `input`. */
  readonly cache_read?: number | undefined;
  /** Price of writing to a cache for five minutes. Default: `input`. */
  readonly cache_write?: number | undefined;
  /** Price of writing to a cache for one hour. Default: 1.6 times `cache_write`. */
  readonly cache_write_1h?: number | undefined;
  /** Currency (ISO 4217). Default `USD`. */
  readonly currency?: string | undefined;
}

/** Candidate of a route, as written in the file. */
export interface RouteCandidateDocument {
  /** Name of the provider. */
  readonly provider: string;
  /** Model that it is asked for. */
  readonly model: string;
  /** Place in the order: lower numbers come first. */
  readonly priority?: number | undefined;
  /** False: the candidate is left out. Default `true`. */
  readonly enabled?: boolean | undefined;
}

/** Whole file after `${…}`, as `parseConfig` reads it. Keys are the file's own: snake_case, times in seconds. */
export interface ConfigDocument {
  /** Providers, in the order of priority. */
  readonly providers: readonly ProviderDocument[];
  /** Settings of the balancer and of the server. */
  readonly settings?: SettingsDocument | undefined;
  /** Candidates by glob over the client's model. */
  readonly model_routes?: Readonly<Record<string, readonly RouteCandidateDocument[]>> | undefined;
}
