import { commandName } from "../base/command-name.ts";
import { homedir } from "node:os";
import { parseConfig, type ServerSettingsDocument } from "@ccpb/core/config";
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
 * `CCPB_URL`; else where the configuration says. Its key is `CCPB_API_KEY`, else, for an address of the configuration, an operator's of the configuration.
 *
 * @throws `ConfigError` for settings that cannot be read, `TypeError` for a bad URL.
 */
export function serverAddress(options: ServerOptions): ServerAddress {
  const { env } = process;
  const given = env["CCPB_API_KEY"];
  const key = given === undefined || given === "" ? {} : { apiKey: given };
  const named = namedUrl(options);
  // A key of the configuration goes to the address of the configuration only.
  if (named !== undefined) return { url: checkUrl(named, options.url === undefined ? "CCPB_URL" : "--url"), ...key };
  const settings = readSettings(options);
  const own = operatorKey(settings);
  return { url: urlOf(settings), ...(own !== undefined && { apiKey: own }), ...key };
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

// Providers are left out: their keys may be known to the server's environment only, and they do not matter here.
function readSettings({ config, host, port }: CommonOptions): ServerSettingsDocument {
  const cwd = process.cwd();
  const { env } = process;
  const found = findConfig({ cwd, env, home: homedir(), ...(config !== undefined && { configPath: config }) });
  const { overrides } = readOverrides(env, {
    cwd,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  });
  const settings = found.kind === "file" ? settingsOf(found.path) : undefined;
  const result = parseConfig({ providers: [standIn], ...(settings !== undefined && { settings }) }, { env, overrides });
  if (result.ok) return result.server;
  const file = found.kind === "file" ? found.path : null;
  throw new ConfigError(result.problems.map(({ message, severity }) => ({ file, message, severity })));
}

const standIn = {
  name: "stand-in",
  type: "anthropic",
  base_url: "https://unset.invalid",
  auth_type: "passthrough",
  big_model: "passthrough",
  small_model: "passthrough",
};

function settingsOf(file: string): unknown {
  const read = readConfigFile(file);
  if (!read.ok) throw new ConfigError([{ file, message: `the file ${read.message}`, severity: "error" }]);
  const source = new YamlSource(read.text);
  const data = source.isReadable ? source.toData() : undefined;
  if (typeof data !== "object" || data === null) {
    const message = `the file cannot be read as a configuration (${commandName()} check says why); name the server with --url`;
    throw new ConfigError([{ file, message, severity: "error" }]);
  }
  return "settings" in data && data.settings !== null ? data.settings : undefined;
}

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
