import { homedir } from "node:os";
import { findConfig } from "../config/find.ts";
import { readConfigFile } from "../config/read-file.ts";
import { YamlSource } from "../config/yaml-source.ts";

/** The names in a configuration that a person may want to type. */
export interface ConfigNames {
  readonly providers: readonly string[];
  /** Models by which clients ask, and models that providers are asked for; no patterns. */
  readonly models: readonly string[];
  /** The names of `settings.auth.clients`. */
  readonly clients: readonly string[];
}

/**
 * Reads the names of a configuration for completion. Does not check it: a key that is set in the server's environment only must not take the names away.
 *
 * @param configPath the file; default: found as `serve` finds it
 * @returns no names where there is no file, or where it cannot be read
 */
export function readConfigNames(configPath: string | undefined): ConfigNames {
  const document = readDocument(configPath);
  const providers = listOf(document["providers"]);
  const models = [
    ...Object.keys(objectOf(document["model_routes"])),
    ...providers.flatMap((provider) => [
      ...Object.entries(objectOf(provider["models"])).flat(),
      provider["big_model"],
      provider["small_model"],
    ]),
  ];
  const clients = listOf(objectOf(objectOf(document["settings"])["auth"])["clients"]);
  return {
    providers: textsOf(providers.map(({ name }) => name)),
    models: textsOf(models).filter(isModelName),
    clients: textsOf(clients.map(({ name }) => name)),
  };
}

function readDocument(configPath: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const found = findConfig({
      cwd: process.cwd(),
      env: process.env,
      home: homedir(),
      ...(configPath !== undefined && { configPath }),
    });
    const read = found.kind === "file" ? readConfigFile(found.path) : undefined;
    return read?.ok === true ? objectOf(new YamlSource(read.text).toData()) : {};
  } catch {
    // Whatever is wrong with the file: a tab prints no error.
    return {};
  }
}

function isModelName(name: string): boolean {
  return name !== "passthrough" && !/[*?${}\s]/.test(name);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function textsOf(values: readonly unknown[]): readonly string[] {
  return [...new Set(values.flatMap((value) => (typeof value === "string" && value !== "" ? [value] : [])))];
}
