import { commandName } from "../base/command-name.ts";
import { resolve } from "node:path";
import type { ConfigOverride } from "@ccpb/core/config";
import type { LocatedProblem } from "./problems.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings from the environment and the command line, by key of `settings`; a later layer wins over an earlier one and all of them over the file. */
export interface EnvironmentOverrides {
  readonly overrides: Readonly<Record<string, ConfigOverride>>;
  readonly warnings: readonly LocatedProblem[];
}

/** Reads `LOG_LEVEL`, `LOG_FILE_PATH`, `PORT`, `CCPB_PORT`, `CCPB_HOST`, and what `--host`, `--port` and `--workers` say. */
export function readOverrides(
  env: Environment,
  {
    cwd,
    host,
    port,
    workers,
  }: { readonly cwd: string; readonly host?: string; readonly port?: string; readonly workers?: string },
): EnvironmentOverrides {
  const overrides: Record<string, ConfigOverride> = {};
  const warnings: LocatedProblem[] = [];
  const logLevel = read(env, "LOG_LEVEL");
  if (logLevel !== undefined && /^(?:debug|info|warn|warning|error|critical)$/i.test(logLevel)) {
    overrides["log_level"] = { value: logLevel, source: "LOG_LEVEL" };
  } else if (logLevel !== undefined) {
    // Other programs read this variable too, and know other words.
    warnings.push(
      warn("LOG_LEVEL is none of DEBUG, INFO, WARNING, ERROR and is ignored; unset it or write one of them"),
    );
  }
  const logFile = read(env, "LOG_FILE_PATH");
  if (logFile !== undefined) overrides["log_file"] = { value: resolve(cwd, logFile), source: "LOG_FILE_PATH" };
  for (const variable of ["PORT", "CCPB_PORT"]) {
    const value = read(env, variable);
    if (value === undefined) continue;
    // Kubernetes and Docker links set <SERVICE>_PORT to the address of a service of that name.
    if (/^(?:tcp|udp):\/\//.test(value)) {
      warnings.push(
        warn(`${variable} holds an address, as Kubernetes sets it for a service of that name, and is ignored`),
      );
    } else {
      overrides["port"] = { value, source: variable };
    }
  }
  const listenHost = read(env, "CCPB_HOST");
  if (listenHost !== undefined) overrides["host"] = { value: listenHost, source: "CCPB_HOST" };
  if (host !== undefined) overrides["host"] = { value: host, source: "--host" };
  if (port !== undefined) overrides["port"] = { value: port, source: "--port" };
  if (workers !== undefined) overrides["workers"] = { value: workers, source: "--workers" };
  return { overrides, warnings };
}

/** A configuration made of the environment alone. */
export interface EnvironmentConfig {
  /** In the file format. */
  readonly document: Readonly<Record<string, unknown>>;
  /** The variables that it is made of; empty if none is set. */
  readonly variables: readonly string[];
  readonly problems: readonly LocatedProblem[];
}

/**
 * Providers for the keys in the environment, in this order: `ANTHROPIC_API_KEY` or `ANTHROPIC_AUTH_TOKEN` (models passed through),
 * `OPENROUTER_API_KEY`, `OPENAI_API_KEY` (both need `CCPB_BIG_MODEL` and `CCPB_SMALL_MODEL`). `ANTHROPIC_BASE_URL` is not read: it points here.
 */
export function environmentConfig(env: Environment): EnvironmentConfig {
  const variables = providerRows.flatMap(({ name, variables: candidates }) => {
    const variable = candidates.find((candidate) => read(env, candidate) !== undefined);
    return variable === undefined ? [] : [{ name, variable }];
  });
  const translated = variables.filter(({ name }) => name !== "anthropic");
  const problems = ["CCPB_BIG_MODEL", "CCPB_SMALL_MODEL"]
    .filter((model) => translated.length > 0 && read(env, model) === undefined)
    .map((model): LocatedProblem => {
      const message = `${translated.map(({ variable }) => variable).join(" and ")} needs ${model}, which is not set; set it to the model that is to be asked for, unset the key, or write a providers.yaml (${commandName()} init)`;
      return { file: null, message, severity: "error" };
    });
  const providers = variables.map(({ name, variable }) => ({
    name,
    type: name === "anthropic" ? "anthropic" : "openai",
    base_url: providerRows.find((row) => row.name === name)?.baseUrl,
    auth_type: variable === "ANTHROPIC_AUTH_TOKEN" ? "auth_token" : "api_key",
    auth_value: `\${${variable}}`,
    big_model: name === "anthropic" ? "passthrough" : "${CCPB_BIG_MODEL}",
    small_model: name === "anthropic" ? "passthrough" : "${CCPB_SMALL_MODEL}",
  }));
  return { document: { providers }, variables: variables.map(({ variable }) => variable), problems };
}

const providerRows = [
  {
    name: "anthropic",
    baseUrl: "https://api.anthropic.com",
    variables: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
  },
  { name: "openrouter", baseUrl: "https://openrouter.ai/api/v1", variables: ["OPENROUTER_API_KEY"] },
  { name: "openai", baseUrl: "https://api.openai.com/v1", variables: ["OPENAI_API_KEY"] },
];

function read(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value.trim() === "" ? undefined : value;
}

function warn(message: string): LocatedProblem {
  return { file: null, message, severity: "warning" };
}
