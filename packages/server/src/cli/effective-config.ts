import { defaultSettings, type ProviderConfig, type UpstreamTls } from "@ccpb/core";
import { type ConfigPath } from "@ccpb/core/config";
import { isSecretPath, mayShow, settingsInForce, writeTimeouts, type SettingInForce } from "@ccpb/core/internal";
import stringWidth from "string-width";
import type { LoadConfigOptions, LoadedConfig } from "../config/config-file.ts";
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
// Source of a value that no configuration wrote: there is nothing to hide in it, such as in the path of the log below a folder with a long name.
const ownValue = "default";

/**
 * Writes the configuration in force as YAML in the file format: with defaults, with masked secrets, and with the
 * source of each value in a comment.
 */
export function renderEffectiveConfig(loaded: LoadedConfig, options: LoadConfigOptions): string {
  const sources = new ValueSources(loaded, options);
  const { config, server } = loaded;
  const settings = { ...defaultSettings, ...config.settings };
  const rows: Row[] = [
    { path: ["providers"] },
    ...config.providers.flatMap((provider, index) => providerRows(provider, ["providers", index])),
    ...routeRows(loaded),
    { path: ["settings"] },
    ...settingsInForce(settings, server).map(masked),
  ];
  const lines = rows.map((row) => {
    const note = row.value === undefined ? "" : sources.of(row.path, row.aliases);
    return { text: rowText(row, note === ownValue), note };
  });
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

function rowText({ path, value, isItem }: Row, isOwn: boolean): string {
  const depth =
    path.filter((step) => typeof step === "string").length - 1 + (path[0] === "providers" && path.length > 1 ? 1 : 0);
  const indent = isItem === true ? `${"  ".repeat(depth - 1)}- ` : "  ".repeat(depth);
  const key = keyText(String(path.at(-1)));
  return value === undefined ? `${indent}${key}:` : `${indent}${key}: ${valueText(path, value, isOwn)}`;
}

function keyText(key: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(key) ? key : visibleJson(JSON.stringify(key));
}

function valueText(path: ConfigPath, value: unknown, isOwn: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => valueText(path, item, isOwn)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${keyText(key)}: ${valueText([...path, key], item, isOwn)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  if (typeof value !== "string") return String(value);
  if (!isOwn && !mayShow(path, value)) return JSON.stringify(mask);
  return /^[a-z/~][\w./:@-]*$/i.test(value) && !/^(?:true|false|null|yes|no|on|off|~)$|:$/i.test(value)
    ? value
    : visibleJson(JSON.stringify(value));
}

function providerRows(provider: ProviderConfig, at: ConfigPath): Row[] {
  const { auth } = provider;
  const keys = "keys" in auth ? auth.keys.map(() => mask) : [];
  const source = auth.type === "renewed" ? auth.source : undefined;
  const values: Readonly<Record<string, unknown>> = {
    name: provider.name,
    type: provider.type,
    base_url: provider.baseUrl,
    region: provider.region,
    project: provider.project,
    inference_profile: provider.inferenceProfile,
    auth_type: source?.type ?? auth.type,
    auth_value: keys.length > 1 ? keys : keys[0],
    // The program alone: a secret may stand among its arguments.
    auth_command:
      source?.type === "command" ? [source.command[0] ?? "", ...source.command.slice(1).map(() => mask)] : undefined,
    auth_file: source?.type === "file" ? source.file : undefined,
    auth_header: auth.type === "passthrough" ? undefined : auth.header,
    aws_profile: source?.type === "aws" ? source.profile : undefined,
    big_model: provider.bigModel,
    small_model: provider.smallModel,
    models: provider.models && Object.fromEntries(provider.models.map(({ pattern, model }) => [pattern, model])),
    enabled: provider.enabled,
    weight: provider.weight,
    proxy: provider.proxy && mask,
    tls: provider.tls && tlsView(provider.tls),
    headers: provider.headers && Object.fromEntries(Object.keys(provider.headers).map((name) => [name, mask])),
    timeouts: provider.timeouts && writeTimeouts(provider.timeouts),
    max_concurrent: provider.maxConcurrent,
    reserve: provider.reserve,
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

function tlsView({ serverName, ...files }: UpstreamTls): Readonly<Record<string, string>> {
  return { ...files, ...(serverName !== undefined && { server_name: serverName }) };
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

/** Hides the values of a key that holds secrets, one by one: how many there are may be seen. */
function masked({ path, value, aliases }: SettingInForce): Row {
  const isHidden = isSecretPath(path) && Array.isArray(value);
  return { path, value: isHidden ? value.map(() => mask) : value, aliases };
}
