import { defaultSettings, type BalancerSettings, type ProviderConfig, type TimeoutsMs } from "@ccpb/core";
import { mayShow, type ConfigPath } from "@ccpb/core/config";
import stringWidth from "string-width";
import type { LoadConfigOptions, LoadedConfig } from "../config/config-file.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import { ValueSources } from "./value-sources.ts";
import { visible, visibleJson } from "../base/visible-text.ts";

/** One line: a key with its value, or the head of a section; `isItem` opens an item of a list. */
interface Row {
  readonly path: ConfigPath;
  readonly value?: unknown;
  readonly isItem?: boolean;
  /** Other keys that may have set it. */
  readonly aliases?: readonly ConfigPath[];
}

const mask = "***";

/** What is in force, as YAML in the file format: defaults filled in, secrets masked, and where each value comes from in a comment. */
export function renderEffectiveConfig(loaded: LoadedConfig, options: LoadConfigOptions): string {
  const sources = new ValueSources(loaded, options);
  const { config, server } = loaded;
  const settings = { ...defaultSettings, ...config.settings };
  const rows: Row[] = [
    { path: ["providers"] },
    ...config.providers.flatMap((provider, index) => providerRows(provider, ["providers", index])),
    ...routeRows(loaded),
    { path: ["settings"] },
    ...balancerRows(settings),
    ...serverRows(server),
  ];
  const lines = rows.map((row) => ({
    text: rowText(row),
    note: row.value === undefined ? "" : sources.of(row.path, row.aliases),
  }));
  const column = Math.min(
    48,
    lines.reduce((most, { text }) => Math.max(most, stringWidth(text)), 0),
  );
  const body = lines.map(({ text, note }) => {
    const padding = " ".repeat(Math.max(0, column - stringWidth(text)));
    return note === "" ? text : `${text}${padding}  # ${visible(note)}`;
  });
  return `# ${visible(sources.name)}\n${body.join("\n")}\n`;
}

function rowText({ path, value, isItem }: Row): string {
  const depth =
    path.filter((step) => typeof step === "string").length - 1 + (path[0] === "providers" && path.length > 1 ? 1 : 0);
  const indent = isItem === true ? `${"  ".repeat(depth - 1)}- ` : "  ".repeat(depth);
  const key = keyText(String(path.at(-1)));
  return value === undefined ? `${indent}${key}:` : `${indent}${key}: ${valueText(path, value)}`;
}

function keyText(key: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(key) ? key : visibleJson(JSON.stringify(key));
}

function valueText(path: ConfigPath, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => valueText(path, item)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${keyText(key)}: ${valueText([...path, key], item)}`);
    return `{${entries.join(", ")}}`;
  }
  if (typeof value !== "string") return String(value);
  if (!mayShow(path, value)) return JSON.stringify(mask);
  return /^[a-z/~][\w./:@-]*$/i.test(value) && !/^(?:true|false|null|yes|no|on|off|~)$|:$/i.test(value)
    ? value
    : visibleJson(JSON.stringify(value));
}

function providerRows(provider: ProviderConfig, at: ConfigPath): Row[] {
  const { auth } = provider;
  const keys = auth.type === "passthrough" ? [] : auth.keys.map(() => mask);
  const values: Readonly<Record<string, unknown>> = {
    name: provider.name,
    type: provider.type,
    base_url: provider.baseUrl,
    auth_type: auth.type,
    auth_value: keys.length > 1 ? keys : keys[0],
    big_model: provider.bigModel,
    small_model: provider.smallModel,
    models: provider.models && Object.fromEntries(provider.models.map(({ pattern, model }) => [pattern, model])),
    enabled: provider.enabled,
    weight: provider.weight,
    proxy: provider.proxy && mask,
    headers: provider.headers && Object.fromEntries(Object.keys(provider.headers).map((name) => [name, mask])),
    timeouts: provider.timeouts && inSeconds(provider.timeouts),
    max_concurrent: provider.maxConcurrent,
    context_window: provider.contextWindow,
    dialect: provider.dialect,
    profile: provider.profile && "set",
    signature_domain: provider.signatureDomain,
    forward_headers: provider.forwardHeaders,
  };
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value], index) => ({ path: [...at, key], value, isItem: index === 0 }));
}

function routeRows({ config: { routes = [] } }: LoadedConfig): Row[] {
  const patterns = [...new Set(routes.map(({ pattern }) => pattern))];
  if (patterns.length === 0) return [];
  const rows = patterns.map((pattern) => ({
    path: ["model_routes", pattern],
    value: routes.filter((route) => route.pattern === pattern).flatMap(({ candidates }) => candidates),
  }));
  return [{ path: ["model_routes"] }, ...rows];
}

function balancerRows(settings: BalancerSettings): Row[] {
  const setting = (key: string, value: unknown, ...aliases: readonly ConfigPath[]): Row => ({
    path: ["settings", key],
    value,
    aliases,
  });
  const { responseMs, ...timeouts } = settings.timeouts;
  const rules = settings.errorRules.map(({ cooldownMs, ...rule }) => ({
    ...rule,
    ...(cooldownMs !== undefined && { cooldown: cooldownMs / 1000 }),
  }));
  return [
    setting("selection_strategy", settings.selectionStrategy),
    setting("session_affinity", settings.sessionAffinity),
    setting("failure_cooldown", settings.failureCooldownMs / 1000),
    setting("max_cooldown", settings.maxCooldownMs / 1000),
    setting("unhealthy_threshold", settings.unhealthyThreshold),
    setting("unhealthy_reset_timeout", settings.unhealthyResetMs / 1000),
    setting("last_resort", settings.lastResort),
    setting("prefer_server_tools", settings.prefersServerTools),
    setting("queue_timeout", settings.queueTimeoutMs / 1000),
    setting(
      "error_rules",
      rules,
      ["settings", "unhealthy_http_codes"],
      ["settings", "unhealthy_response_body_patterns"],
    ),
    { path: ["settings", "timeouts"] },
    timeoutRow("response", responseMs, ["settings", "request_timeout"]),
    ...Object.entries(inSeconds(timeouts)).map(([key, value]) => timeoutRow(key, value * 1000)),
    setting("stream_failure", settings.streamFailure),
    setting("early_headers", settings.earlyHeadersMs / 1000),
    setting("allow_provider_pin", settings.allowProviderPin),
  ];
}

function timeoutRow(key: string, ms: number, ...aliases: readonly ConfigPath[]): Row {
  return { path: ["settings", "timeouts", key], value: ms / 1000, aliases };
}

function serverRows(server: ServerSettings): Row[] {
  const exempt = server.auth.exemptPaths.map(({ methods, path }) =>
    methods === undefined ? path : `${methods.join("|")} ${path}`,
  );
  const setting = (key: string, value: unknown): Row => ({ path: ["settings", key], value });
  return [
    setting("host", server.host),
    setting("port", server.port),
    setting("log_level", server.logLevel),
    { ...setting("log_file", server.logFile ?? ""), aliases: [["settings", "log_file_path"]] },
    ...(server.logColor === undefined ? [] : [setting("log_color", server.logColor)]),
    { path: ["settings", "auth"] },
    {
      path: ["settings", "auth", "api_keys"],
      value: server.auth.apiKeys.map(() => mask),
      aliases: [["settings", "auth", "api_key"]],
    },
    { path: ["settings", "auth", "exempt_paths"], value: exempt },
    setting("allowed_hosts", server.allowedHosts),
    ...(server.tls === undefined ? [] : [setting("tls", server.tls)]),
    ...(server.sharedState === undefined ? [] : [setting("shared_state", server.sharedState)]),
    setting("metrics", server.metrics),
    setting("drain_timeout", server.drainTimeoutMs / 1000),
    setting("max_body_memory", server.maxBodyMemoryBytes / 1_000_000),
    setting("max_connections", server.maxConnections),
    setting("workers", server.workers),
  ];
}

function inSeconds(timeouts: Partial<TimeoutsMs>): Readonly<Record<string, number>> {
  const names: Readonly<Record<keyof TimeoutsMs, string>> = {
    connectMs: "connect",
    responseMs: "response",
    firstContentMs: "first_content",
    idleMs: "idle",
    totalMs: "total",
    callMs: "call",
  };
  return Object.fromEntries(
    Object.entries(timeouts).map(([key, ms]) => [names[key as keyof TimeoutsMs], (ms ?? 0) / 1000]),
  );
}
