import { commandName } from "../base/command-name.ts";
import { isObject } from "../base/json-object.ts";
import { homedir } from "node:os";
import { parseConfig, type ParseConfigResult, type ServerSettingsDocument } from "@ccpb/core/config";
import { locateAll } from "../config/config-file.ts";
import { readOverrides } from "../config/environment.ts";
import { findConfig } from "../config/find.ts";
import { ConfigError } from "../config/problems.ts";
import { readConfigFile } from "../config/read-file.ts";
import { YamlSource } from "../config/yaml-source.ts";
import type { CommonOptions } from "./common-options.ts";

/** Address of a running server. */
export interface ServerAddress {
  /** Without a trailing slash. */
  readonly url: string;
  readonly apiKey?: string;
}

/** The options of verbs that ask a running server. */
export interface ServerOptions extends CommonOptions {
  readonly url?: string;
}

/**
 * Returns the server meant: the one of `--url`; else, with `--config`, `--host` or `--port`, where that configuration says that it listens; else the one of
 * `CCPB_URL`; else where the configuration says. Its key is `CCPB_API_KEY`, else, for an address of the configuration, an operator's of the configuration
 * where that can be read here.
 *
 * @throws `ConfigError` for settings that do not say where the server listens, `TypeError` for a bad URL.
 */
export function serverAddress(options: ServerOptions): ServerAddress {
  const { env } = process;
  const given = env["CCPB_API_KEY"];
  const key = given === undefined || given === "" ? {} : { apiKey: given };
  const named = namedUrl(options);
  // A key of the configuration goes to the address of the configuration only.
  if (named !== undefined) return { url: checkUrl(named, options.url === undefined ? "CCPB_URL" : "--url"), ...key };
  return { ...configuredAddress(options), ...key };
}

/** Returns the address that `--url` or `CCPB_URL` names; undefined where the configuration is to say it. */
export function namedUrl({ url, config, host, port }: ServerOptions): string | undefined {
  const variable = process.env["CCPB_URL"];
  // An option is written for this command, the variable for all of them.
  const isConfigured = config !== undefined || host !== undefined || port !== undefined;
  return url ?? (isConfigured || variable === "" ? undefined : variable);
}

/** A key of the configuration that may do the most; undefined where it has none, or only hashes of keys. */
function operatorKey({ auth: { apiKeys, clients = [] } }: ServerSettingsDocument): string | undefined {
  const operators = clients.filter(({ role }) => role === "operator");
  const keys = (operators.length === 0 ? apiKeys : operators.flatMap(({ key }) => key ?? [])).concat(apiKeys);
  return keys[0];
}

function checkUrl(written: string, source: string): string {
  // A word alone is no address: it has a dot or a port, or is localhost.
  const isHost = /^(?:[\w.-]+:\d{1,5}|[\w-]+\.[\w.-]+|localhost)(?:\/|$)/.test(written);
  const text = isHost ? `http://${written}` : written;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const message = `${source} is no URL of a server: write it as http://127.0.0.1:8080`;
    throw Object.assign(new TypeError(message), { code: "configuration" });
  }
  // The address of the page is what people have at hand.
  return `${url.origin}${withoutLastSlashes(url.pathname).replace(/\/ui$/, "")}`;
}

function urlOf({ host, port, tls }: ServerSettingsDocument): string {
  if (port === 0) throw new TypeError("settings.port is 0, so the server's port is not known here: name it with --url");
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls === undefined ? "http" : "https"}://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

// Of the file only what says where the server listens, and its keys: the rest may need variables that the server's environment alone has.
function configuredAddress({ config, host, port }: CommonOptions): ServerAddress {
  const cwd = process.cwd();
  const { env } = process;
  const found = findConfig({ cwd, env, home: homedir(), ...(config !== undefined && { configPath: config }) });
  const { overrides } = readOverrides(env, {
    cwd,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  });
  const file = found.kind === "file" ? readSource(found.path) : undefined;
  const { place, auth } = settingsOf(file?.data);
  const read = (keys: unknown): ParseConfigResult =>
    parseConfig({ providers: [standIn], settings: { ...place, auth: keys } }, { env, overrides });
  const withKeys = auth === undefined ? undefined : read(auth);
  if (withKeys?.ok === true) {
    const apiKey = operatorKey(withKeys.server);
    return { url: urlOf(withKeys.server), ...(apiKey !== undefined && { apiKey }) };
  }
  // Keys that cannot be read here do not change where the server listens.
  const bare = read({ api_keys: ["stand-in-of-the-keys"] });
  if (bare.ok) return { url: urlOf(bare.server) };
  const errors = bare.problems.filter(({ severity }) => severity === "error");
  if (file === undefined)
    throw new ConfigError(errors.map(({ message }) => ({ file: null, message, severity: "error" })));
  throw new ConfigError(locateAll(errors, file.source, file.path));
}

const standIn = {
  name: "stand-in",
  type: "anthropic",
  base_url: "https://unset.invalid",
  auth_type: "passthrough",
  big_model: "passthrough",
  small_model: "passthrough",
};

interface SourceFile {
  readonly path: string;
  readonly source: YamlSource;
  readonly data: object;
}

function readSource(path: string): SourceFile {
  const read = readConfigFile(path);
  if (!read.ok) throw new ConfigError([{ file: path, message: `the file ${read.message}`, severity: "error" }]);
  const source = new YamlSource(read.text);
  const data = source.isReadable ? source.toData() : undefined;
  if (typeof data === "object" && data !== null) return { path, source, data };
  const message = `the file cannot be read as a configuration (${commandName()} check says why); name the server with --url`;
  throw new ConfigError([{ file: path, message, severity: "error" }]);
}

/** Returns the settings that say where the server listens, and those of its keys without the clients that are no operators. */
function settingsOf(document: object | undefined): { readonly place: object; readonly auth?: unknown } {
  const settings = isObject(document) ? document["settings"] : undefined;
  if (!isObject(settings)) return { place: {} };
  const place = Object.fromEntries(Object.entries(settings).filter(([key]) => ["host", "port", "tls"].includes(key)));
  const { auth } = settings;
  if (!isObject(auth)) return { place };
  const { clients, ...others } = auth;
  const operators: readonly unknown[] = Array.isArray(clients)
    ? clients.filter((client) => isObject(client) && client["role"] === "operator")
    : [];
  return { place, auth: { ...others, ...(operators.length > 0 && { clients: operators }) } };
}

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
