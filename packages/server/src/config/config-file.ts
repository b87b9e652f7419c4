import { commandName } from "../base/command-name.ts";
import { isObject } from "../base/json-object.ts";
import { dirname, join, resolve } from "node:path";
import type { BalancerConfig, ProviderConfig } from "@ccpb/core";
import {
  parseConfig,
  type ConfigProblem,
  type ParseConfigResult,
  type ServerSettingsDocument,
} from "@ccpb/core/config";
import { fileProblems, type FileNames } from "./file-places.ts";
import { limitShareProblems } from "./limit-shares.ts";
import { workerCount } from "./worker-count.ts";
import { environmentConfig, readOverrides } from "./environment.ts";
import { excerptOf } from "./excerpt.ts";
import { findConfig, type FindOptions, type FoundConfig } from "./find.ts";
import { ConfigError, type LocatedProblem } from "./problems.ts";
import { readConfigFile } from "./read-file.ts";
import { secretsOf } from "./secrets.ts";
import { YamlSource } from "./yaml-source.ts";
import type { ServerSettings } from "./server-settings.ts";

/** Options of reading a configuration. */
export interface LoadConfigOptions extends FindOptions {
  /** Value of `--host`, which wins over environment and file. */
  readonly host?: string;
  /** Value of `--port`, which wins over environment and file. */
  readonly port?: string;
  /** Value of `--workers`, which wins over environment and file. */
  readonly workers?: string;
}

/** Configuration that was read, and its source. */
export interface LoadedConfig {
  /** Configuration of the balancer. */
  readonly config: BalancerConfig;
  /** Settings of the server. */
  readonly server: ServerSettings;
  /** Absolute path of the file, or the variables of a start without a file. */
  readonly source:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "environment"; readonly variables: readonly string[] };
  /** Warnings, in the order of the file. */
  readonly warnings: readonly LocatedProblem[];
}

/** The parts of a `LoadedConfig` that a running server needs. */
export type ActiveConfig = Pick<LoadedConfig, "config" | "server"> & Partial<Pick<LoadedConfig, "warnings">>;

/**
 * Finds, reads and checks the configuration; reads files at once and blocks while it does. Throws `ConfigError` with every problem at once.
 */
export function loadConfig(options: LoadConfigOptions): LoadedConfig {
  const found = findConfig(options);
  return found.kind === "file" ? loadFile(found, options) : loadEnvironment(found.looked, found.near, options);
}

const defaultLogFile = join("logs", "balancer.jsonl");

function loadFile(found: FoundConfig & { kind: "file" }, options: LoadConfigOptions): LoadedConfig {
  const file = found.path;
  const read = readConfigFile(file);
  if (!read.ok) {
    const { ok: _, message, ...place } = read;
    const subject = found.asked === undefined || found.asked === "" ? "the file" : `the file that ${found.asked} names`;
    throw new ConfigError([{ file, ...place, message: `${subject} ${message}`, severity: "error" }]);
  }
  const { overrides, warnings } = readOverrides(options.env, options);
  const source = new YamlSource(read.text);
  const faults = source.faults.map((fault) => placed(source, file, { ...fault, severity: "error" }));
  const data = source.isReadable ? readData(source, file) : undefined;
  const problems = [...faults, ...(data?.problem === undefined ? [] : [data.problem])];
  const result =
    data === undefined || data.problem !== undefined
      ? undefined
      : parseConfig(data.value, { env: options.env, overrides });
  const located = result === undefined ? [] : locateAll(problemsOf(result), source, file);
  const all = [...problems, ...located].sort(byPlace);
  if (result?.ok !== true || problems.length > 0) throw new ConfigError([...all, ...warnings]);
  const loaded = complete(result, {
    options,
    folder: dirname(file),
    source: { kind: "file", path: file },
    document: data?.value,
    locate: (problem) => locateAll([problem], source, file),
    warnings: [...all, ...warnings],
  });
  const shared = read.isShared && holdsSecret(read.text, loaded) ? [sharedFileWarning(file)] : [];
  return { ...loaded, warnings: [...shared, ...loaded.warnings] };
}

function loadEnvironment(
  looked: readonly string[],
  near: string | undefined,
  options: LoadConfigOptions,
): LoadedConfig {
  const { document, variables, problems } = environmentConfig(options.env);
  if (variables.length === 0) throw new ConfigError([nothingFound(looked, near)]);
  const { overrides, warnings } = readOverrides(options.env, options);
  const result = problems.length > 0 ? undefined : parseConfig(document, { env: options.env, overrides });
  const unplaced = (result === undefined ? [] : problemsOf(result)).map(withoutPlace);
  if (result?.ok !== true) throw new ConfigError([...problems, ...unplaced, ...warnings]);
  return complete(result, {
    options,
    folder: options.cwd,
    source: { kind: "environment", variables },
    document,
    locate: (problem) => [withoutPlace(problem)],
    warnings: [...unplaced, ...warnings],
  });
}

function nothingFound(looked: readonly string[], near: string | undefined): LocatedProblem {
  const found =
    near === undefined
      ? ""
      : ` (${near} is there: name it with --config, or move it to ${looked[0] ?? "providers.yaml"})`;
  const message = `no configuration found${found}: make one with ${commandName()} init, or copy providers.example.yaml to providers.yaml, or set ANTHROPIC_API_KEY; looked for ${looked.join(", ")}`;
  return { file: null, message, severity: "error" };
}

function problemsOf(result: ParseConfigResult): readonly ConfigProblem[] {
  return result.ok ? result.warnings : result.problems;
}

interface Completion {
  readonly options: LoadConfigOptions;
  /** Folder that relative paths of the configuration are relative to. */
  readonly folder: string;
  readonly source: LoadedConfig["source"];
  /** The document as it was read. */
  readonly document: unknown;
  readonly locate: (problem: ConfigProblem) => readonly LocatedProblem[];
  readonly warnings: readonly LocatedProblem[];
}

function complete(result: ParseConfigResult & { ok: true }, completion: Completion): LoadedConfig {
  const { options, folder, source, locate, warnings } = completion;
  const { server } = result;
  const tls = server.tls && {
    cert: absolute(server.tls.cert, folder, options.home),
    key: absolute(server.tls.key, folder, options.home),
  };
  const logFile = logFileOf(server, completion);
  const providers = result.config.providers.map((one) => withAbsolutePaths(one, folder, options));
  const settings = {
    ...server,
    logFile,
    usageFolder: usageFolderOf(server, logFile, completion),
    ...(tls !== undefined && { tls }),
    configPath: source.kind === "file" ? source.path : null,
  };
  const found = [
    ...fileProblems({ providers, server: settings, written: writtenFiles(server, completion) }),
    ...limitShareProblems(result.config, workerCount(server.workers)),
  ];
  const located = found.flatMap(locate);
  if (found.some(({ severity }) => severity === "error")) throw new ConfigError([...located, ...warnings]);
  return { config: { ...result.config, providers }, server: settings, source, warnings: [...warnings, ...located] };
}

/** The files of the settings that are named in so many words, in the file or by a variable. */
function writtenFiles(
  { logFile, usageFolder }: ServerSettingsDocument,
  { options, document }: Completion,
): FileNames["written"] {
  const source = readOverrides(options.env, options).overrides["log_file"]?.source;
  const settings = isObject(document) ? document["settings"] : undefined;
  const key =
    isObject(settings) && !("log_file" in settings) && "log_file_path" in settings ? "log_file_path" : "log_file";
  return {
    ...(logFile !== undefined && { log: source === undefined ? { key } : { key: "log_file", source } }),
    ...(usageFolder !== undefined && { usage: true }),
  };
}

/** Files of providers are named relative to the configuration's folder. */
function withAbsolutePaths(provider: ProviderConfig, folder: string, { home }: LoadConfigOptions): ProviderConfig {
  const { auth, tls } = provider;
  const path = (text: string): string => absolute(text, folder, home);
  const isFile = auth.type === "renewed" && auth.source.type === "file";
  return {
    ...provider,
    ...(isFile && { auth: { ...auth, source: { ...auth.source, file: path(auth.source.file) } } }),
    ...(tls && {
      tls: {
        ...tls,
        ...(tls.ca !== undefined && { ca: path(tls.ca) }),
        ...(tls.cert !== undefined && { cert: path(tls.cert) }),
        ...(tls.key !== undefined && { key: path(tls.key) }),
      },
    }),
  };
}

// The default is where `tail -f logs/balancer.jsonl` looks: below the folder one is in, wherever the configuration lies.
function logFileOf(server: ServerSettingsDocument, { folder, options }: Completion): string | null {
  if (server.logFile === undefined) return resolve(options.cwd, defaultLogFile);
  return server.logFile === null ? null : absolute(server.logFile, folder, options.home);
}

// Beside the log, wherever that is; where no log is kept, nothing is.
function usageFolderOf(
  { usageFolder }: ServerSettingsDocument,
  logFile: string | null,
  { folder, options }: Completion,
): string | null {
  if (usageFolder === undefined) return logFile === null ? null : join(dirname(logFile), "usage");
  return usageFolder === null ? null : absolute(usageFolder, folder, options.home);
}

function absolute(path: string, folder: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : resolve(folder, path);
}

/** Shorter keys are words for servers that want any key, such as `unused`. */
const minSecretLength = 10;

/** Decides whether a secret stands in the file itself; one that a variable holds does not. */
function holdsSecret(text: string, loaded: Pick<LoadedConfig, "config" | "server">): boolean {
  return secretsOf(loaded).some((secret) => secret.length >= minSecretLength && text.includes(secret));
}

function sharedFileWarning(file: string): LocatedProblem {
  const message = "every user of this machine can read this file, and with it the keys in it; run chmod 600 on it";
  return { file, message, severity: "warning" };
}

function readData(source: YamlSource, file: string): { value: unknown; problem?: LocatedProblem } {
  try {
    const value = source.toData();
    if (value !== null) return { value };
    const message = `the file is empty; copy providers.example.yaml over it, or run ${commandName()} init`;
    return { value, problem: { file, line: 1, column: 1, message, severity: "error" } };
  } catch (error) {
    // The parser's message may quote the file and so a secret: it is replaced.
    const isBomb = error instanceof ReferenceError;
    const message = isBomb
      ? "aliases (*) in this file stand for more than 100 copies of their anchors, as in an attack on memory; write the values out"
      : "a << in this file merges something that is no section; name an anchor (&) of a section after it";
    const offset = Math.max(0, source.text.search(isBomb ? /&\w/ : /<<\s*:/));
    return { value: undefined, problem: placed(source, file, { offset, message, severity: "error" }) };
  }
}

/** Adds to problems their places in a file, and the lines there. */
export function locateAll(
  problems: readonly ConfigProblem[],
  source: YamlSource,
  file: string,
): readonly LocatedProblem[] {
  return problems.map((problem) => {
    if (problem.source !== undefined) return withoutPlace(problem);
    const range = source.locate(problem.path, problem.target);
    const first = problem.related && source.position(source.locate(problem.related, "value").start);
    const message = first === undefined ? problem.message : `${problem.message} (the first is in line ${first.line})`;
    return placed(source, file, { offset: range.start, end: range.end, message, severity: problem.severity });
  });
}

function placed(
  source: YamlSource,
  file: string,
  fault: { offset: number; end?: number; message: string; severity: LocatedProblem["severity"] },
): LocatedProblem {
  const { offset, end = offset + 1, message, severity } = fault;
  return { file, ...source.position(offset), message, severity, excerpt: excerptOf(source, { start: offset, end }) };
}

function withoutPlace({ message, severity }: ConfigProblem): LocatedProblem {
  return { file: null, message, severity };
}

function byPlace(one: LocatedProblem, other: LocatedProblem): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
