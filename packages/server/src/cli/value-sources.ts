import { statSync } from "node:fs";
import type { ConfigPath } from "@ccpb/core/config";
import type { LoadConfigOptions, LoadedConfig } from "../config/config-file.ts";
import { environmentConfig, readOverrides, type EnvironmentOverrides } from "../config/environment.ts";
import { readConfigFile } from "../config/read-file.ts";
import { YamlSource } from "../config/yaml-source.ts";

/** Says where each value of a configuration comes from: a line of the file, the environment, the command line, or a default. */
export class ValueSources {
  /** The file, or the variables of an environment-only start. */
  readonly name: string;
  readonly #env: LoadConfigOptions["env"];
  readonly #overrides: EnvironmentOverrides["overrides"];
  readonly #source: YamlSource | undefined;
  readonly #document: unknown;
  readonly #kind: LoadedConfig["source"]["kind"];

  constructor({ source }: LoadedConfig, options: LoadConfigOptions) {
    this.#env = options.env;
    this.#overrides = readOverrides(options.env, options).overrides;
    this.#kind = source.kind;
    this.#source = source.kind === "file" ? openSource(source.path) : undefined;
    this.#document = source.kind === "file" ? this.#source?.toData() : environmentConfig(options.env).document;
    this.name = source.kind === "file" ? source.path : `environment: ${source.variables.join(", ")}`;
  }

  /** The source of the value at `path`, or of the key among `aliases` that set it. */
  of(path: ConfigPath, aliases: readonly ConfigPath[] = []): string {
    const override = path[0] === "settings" && path.length === 2 ? this.#overrides[String(path[1])]?.source : undefined;
    if (override !== undefined) return override.startsWith("--") ? `option ${override}` : `environment ${override}`;
    const set = [path, ...aliases].find((candidate) => valueAt(this.#document, candidate) !== undefined);
    if (set === undefined) return this.#kind === "file" && this.#source === undefined ? "" : "default";
    return this.#describe(set);
  }

  #describe(path: ConfigPath): string {
    const names = variablesIn(valueAt(this.#document, path));
    const used = names.filter((name) => (this.#env[name] ?? "") !== "");
    const place = this.#source && `line ${this.#source.position(this.#source.locate(path, "value").start).line}`;
    if (used.length > 0) return `environment ${used.join(", ")}${place === undefined ? "" : `, ${place}`}`;
    const unset = names.length === 0 ? "" : ` (${names.join(", ")} is not set)`;
    return `${place ?? "chosen for the environment's key"}${unset}`;
  }
}

function openSource(path: string): YamlSource | undefined {
  // A pipe cannot be read a second time.
  if (!statSync(path).isFile()) return undefined;
  const read = readConfigFile(path);
  return read.ok ? new YamlSource(read.text) : undefined;
}

function valueAt(document: unknown, path: ConfigPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value ?? undefined;
}

function variablesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(variablesIn);
  if (typeof value !== "string") return [];
  return [...value.matchAll(/(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = ""]) => name);
}
