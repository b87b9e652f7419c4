import {
  defaultSettings,
  type BalancerConfig,
  type BalancerSettings,
  type ErrorRule,
  type ModelRoute,
  type ProviderAuth,
  type ProviderConfig,
  type TimeoutsMs,
} from "../base/config-types.ts";
import { checkBaseUrl } from "./base-url.ts";
import { readBodyPattern } from "./body-patterns.ts";
import type {
  ConfigDocument,
  ErrorRuleDocument,
  ProviderDocument,
  RouteCandidateDocument,
  SettingsDocument,
  TimeoutsDocument,
} from "./document-types.ts";
import { canonicalHost } from "./host-address.ts";
import { problemsOf } from "./issue-message.ts";
import { modelProblems } from "./model-rules.ts";
import { isSection, pathKey } from "./plain-data.ts";
import { prepare, type ParseConfigOptions, type PreparedDocument } from "./prepare.ts";
import { toNativeProfile, toProfile } from "./profile-schema.ts";
import { errorAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { providerProblems } from "./provider-rules.ts";
import { describeValue } from "./quote.ts";
import { documentSchema } from "./schema.ts";
import { serverDefaults, type ServerSettingsDocument } from "./server-document.ts";
import { isSecretPath } from "./secrets.ts";
import { settingsProblems } from "./settings-rules.ts";
import { readExemptPath } from "./text-rules.ts";
import { intendedPaths } from "./unknown-keys.ts";

/** A configuration that can be used, or every problem at once. */
export type ParseConfigResult =
  | {
      readonly ok: true;
      readonly config: BalancerConfig;
      readonly server: ServerSettingsDocument;
      readonly warnings: readonly ConfigProblem[];
    }
  /** At least one problem is an error; warnings are among them. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Checks a document in the file format (snake_case, seconds) and turns it into configuration (camelCase, milliseconds). Finds every problem at
 * once and throws nothing; `document` may be anything.
 */
export function parseConfig(document: unknown, options: ParseConfigOptions): ParseConfigResult {
  if (!isSection(document)) {
    const message = `the configuration must be a section with the key providers, not ${describeValue(document)}; see providers.example.yaml`;
    return { ok: false, problems: [errorAt([], "value", message)] };
  }
  const prepared = prepare(document, options);
  if (prepared.isOverfull) return { ok: false, problems: prepared.problems };
  const checked = documentSchema.safeParse(prepared.document, { jitless: true });
  const issues = checked.success
    ? []
    : problemsOf(checked.error.issues, { document: prepared.document, isHidden: isHidden(prepared) });
  const meant = new Set(intendedPaths(issues).map(pathKey));
  const problems = distinct(
    [
      ...prepared.problems,
      ...issues.filter((problem) => !prepared.unresolved.has(pathKey(problem.path))),
      ...providerProblems(prepared.document),
      ...modelProblems(prepared.document),
      ...settingsProblems(prepared.document),
    ]
      .filter((problem) => problem.target !== "missing" || !meant.has(pathKey(problem.path)))
      .map((problem) => withSource(problem, prepared)),
  );
  if (!checked.success || problems.some((problem) => problem.severity === "error")) return { ok: false, problems };
  return {
    ok: true,
    config: toConfig(checked.data),
    server: toServer(checked.data.settings ?? {}),
    warnings: problems,
  };
}

// What somebody keeps in the environment may be a secret that has got to the wrong place.
function isHidden({ variables }: PreparedDocument): (path: ConfigPath) => boolean {
  return (path) => isSecretPath(path) || variables.has(pathKey(path));
}

function withSource(problem: ConfigProblem, { variables, overridden }: PreparedDocument): ConfigProblem {
  const key = pathKey(problem.path);
  const variable = variables.get(key);
  const source = overridden.get(key);
  if (problem.target === "key" || (variable ?? source) === undefined) return problem;
  const message = `${problem.message} (its value comes from ${variable ?? source})`;
  return { ...problem, message, ...(source !== undefined && { source }) };
}

// One value, one error: the first that was found is the most basic.
function distinct(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = `${problem.severity} ${pathKey(problem.path)}`;
    return !seen.has(key) && seen.add(key);
  });
}

function toConfig(document: ConfigDocument): BalancerConfig {
  return {
    providers: document.providers.map((provider) => toProvider(provider, document.settings?.forward_headers)),
    ...(document.model_routes !== undefined && { routes: Object.entries(document.model_routes).flatMap(toRoute) }),
    settings: toSettings(document.settings ?? {}),
  };
}

function toProvider(provider: ProviderDocument, forwarded: readonly string[] = []): ProviderConfig {
  const check = checkBaseUrl(provider.base_url);
  const { timeouts, models, headers } = provider;
  return {
    name: provider.name,
    type: provider.type,
    baseUrl: check.ok ? check.url : provider.base_url,
    auth: toAuth(provider),
    ...defined("bigModel", provider.big_model),
    ...defined("smallModel", provider.small_model),
    ...defined("models", models && Object.entries(models).map(([pattern, model]) => ({ pattern, model }))),
    enabled: provider.enabled ?? true,
    ...defined("weight", provider.weight),
    ...defined("proxy", provider.proxy),
    ...defined("headers", headers && lowerCaseNames(headers)),
    ...defined("timeouts", timeouts && toTimeouts(timeouts)),
    ...defined("maxConcurrent", provider.max_concurrent),
    ...defined("contextWindow", provider.context_window),
    ...defined("dialect", provider.dialect),
    ...defined("profile", provider.type === "openai" ? provider.profile && toProfile(provider.profile) : undefined),
    ...defined(
      "nativeProfile",
      provider.type === "anthropic" ? provider.profile && toNativeProfile(provider.profile) : undefined,
    ),
    ...defined("signatureDomain", provider.signature_domain),
    ...defined("forwardHeaders", toForwarded(provider, provider.type === "anthropic" ? forwarded : [])),
  };
}

function toAuth({ auth_type: type = "api_key", auth_value: value }: ProviderDocument): ProviderAuth {
  if (type === "passthrough" || value === "passthrough") return { type: "passthrough" };
  const keys = value === undefined ? [] : typeof value === "string" ? [value] : [...new Set(value)];
  return { type, keys };
}

function toForwarded(
  { forward_headers: own = [] }: ProviderDocument,
  all: readonly string[],
): readonly string[] | undefined {
  const names = new Set([...all, ...own].map((name) => name.toLowerCase()));
  return names.size === 0 ? undefined : [...names];
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function toTimeouts(timeouts: TimeoutsDocument): Partial<TimeoutsMs> {
  return {
    ...defined("connectMs", inMs(timeouts.connect)),
    ...defined("responseMs", inMs(timeouts.response)),
    ...defined("firstContentMs", inMs(timeouts.first_content)),
    ...defined("idleMs", inMs(timeouts.idle)),
    ...defined("totalMs", inMs(timeouts.total)),
    ...defined("callMs", inMs(timeouts.call)),
  };
}

function toRoute([pattern, candidates]: [string, readonly RouteCandidateDocument[]]): readonly ModelRoute[] {
  const enabled = candidates.flatMap(({ provider, model, priority, enabled }, index) =>
    enabled === false ? [] : [{ provider, model, priority: priority ?? index + 1 }],
  );
  return [{ pattern, candidates: enabled }];
}

function toSettings(settings: SettingsDocument): BalancerSettings {
  const { timeouts } = defaultSettings;
  return {
    failureCooldownMs: inMs(settings.failure_cooldown) ?? defaultSettings.failureCooldownMs,
    maxCooldownMs: inMs(settings.max_cooldown) ?? defaultSettings.maxCooldownMs,
    unhealthyThreshold: settings.unhealthy_threshold ?? defaultSettings.unhealthyThreshold,
    unhealthyResetMs: inMs(settings.unhealthy_reset_timeout) ?? defaultSettings.unhealthyResetMs,
    timeouts: {
      ...timeouts,
      responseMs: inMs(settings.request_timeout) ?? timeouts.responseMs,
      ...toTimeouts(settings.timeouts ?? {}),
    },
    selectionStrategy: settings.selection_strategy ?? defaultSettings.selectionStrategy,
    sessionAffinity: settings.session_affinity ?? defaultSettings.sessionAffinity,
    queueTimeoutMs: inMs(settings.queue_timeout) ?? defaultSettings.queueTimeoutMs,
    lastResort: settings.last_resort ?? defaultSettings.lastResort,
    prefersServerTools: settings.prefer_server_tools ?? defaultSettings.prefersServerTools,
    errorRules: [
      ...(settings.error_rules ?? []).map(toErrorRule),
      ...(settings.unhealthy_http_codes ?? []).map((status): ErrorRule => ({ status, action: "failover" })),
      ...(settings.unhealthy_response_body_patterns ?? []).flatMap(patternRule),
    ],
    streamFailure: settings.stream_failure ?? defaultSettings.streamFailure,
    earlyHeadersMs: inMs(settings.early_headers) ?? defaultSettings.earlyHeadersMs,
    allowProviderPin: settings.allow_provider_pin ?? defaultSettings.allowProviderPin,
  };
}

function toErrorRule({ status, match, action, cooldown }: ErrorRuleDocument): ErrorRule {
  return {
    ...defined("status", typeof status === "string" ? status.toLowerCase() : status),
    ...defined("match", match),
    action,
    ...defined("cooldownMs", inMs(cooldown)),
  };
}

function patternRule(pattern: string): readonly ErrorRule[] {
  const read = readBodyPattern(pattern);
  return read.type === "rule" ? [{ match: read.match, action: "failover" }] : [];
}

function toServer(settings: SettingsDocument): ServerSettingsDocument {
  const { auth, log_level: level, log_file: logFile = settings.log_file_path } = settings;
  const { shared_state: shared } = settings;
  const sharedState = shared && { redis: shared.redis, prefix: shared.prefix ?? serverDefaults.sharedStatePrefix };
  const keys = [...(auth?.api_keys ?? []), ...(auth?.api_key === undefined ? [] : [auth.api_key])];
  return {
    host: (settings.host ?? serverDefaults.host).replace(/^\[(.*)\]$/, "$1"),
    port: settings.port ?? serverDefaults.port,
    logLevel: level === "CRITICAL" ? "ERROR" : (level ?? serverDefaults.logLevel),
    logFile: logFile === "" ? null : logFile,
    logColor: settings.log_color,
    auth: {
      apiKeys: auth?.enabled === false ? [] : [...new Set(keys)],
      exemptPaths: (auth?.exempt_paths ?? serverDefaults.exemptPaths).map(readExemptPath),
    },
    allowedHosts: (settings.allowed_hosts ?? []).map((host) => canonicalHost(host) ?? host.toLowerCase()),
    ...defined("tls", settings.tls),
    metrics: settings.metrics ?? serverDefaults.metrics,
    drainTimeoutMs: inMs(settings.drain_timeout) ?? serverDefaults.drainTimeoutMs,
    maxBodyMemoryBytes: (settings.max_body_memory ?? serverDefaults.maxBodyMemoryMb) * 1_000_000,
    maxConnections: settings.max_connections ?? serverDefaults.maxConnections,
    workers: settings.workers ?? serverDefaults.workers,
    ...defined("sharedState", sharedState),
  };
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  // A computed key widens to string.
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
