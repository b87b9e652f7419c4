import * as z from "zod";
import { withoutForeignKeys } from "./original-keys.ts";
import { isSection, pathKey, type Section } from "./plain-data.ts";
import { errorAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { viewProviders } from "./provider-view.ts";
import { didYouMean } from "../base/did-you-mean.ts";
import { labelOf } from "./label.ts";
import { alternatives, schemaAt } from "./schema-at.ts";
import { isSecretPath } from "./secrets.ts";
import { substitute, type SubstitutionFault } from "./substitute.ts";

/** Setting from outside the document, which wins over the document's. */
export interface ConfigOverride {
  /** Value, as text or already of the setting's type. */
  readonly value: unknown;
  /** Name of the source in messages, such as `CCPB_PORT` or `--port`. */
  readonly source: string;
}

/** Environment for `${NAME}`, and values that win over the document. */
export interface ParseConfigOptions {
  /** Environment variables for `${NAME}` in the document. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overrides by key of `settings`, such as `port`. */
  readonly overrides?: Readonly<Record<string, ConfigOverride>>;
}

/** A document ready for the schema, and what was found on the way. */
export interface PreparedDocument {
  readonly document: Section;
  /** It is cut short, and only `problems` counts. */
  readonly isOverfull: boolean;
  readonly problems: readonly ConfigProblem[];
  /** Paths (by `pathKey`) whose text still holds a `${…}`: whatever else is wrong there is no news. */
  readonly unresolved: ReadonlySet<string>;
  /** Variables by path (`pathKey`), for texts that hold something of the environment. */
  readonly variables: ReadonlyMap<string, string>;
  /** Sources of overrides by path (`pathKey`). */
  readonly overridden: ReadonlyMap<string, string>;
}

/** Takes out foreign keys, replaces `${…}`, applies overrides, and reads numbers and flags that came as text from the environment. */
export function prepare(raw: Section, { env, overrides = {} }: ParseConfigOptions): PreparedDocument {
  const { document: own, warnings } = withoutForeignKeys(raw);
  const { document: substituted, isOverfull, faults, used } = substitute(own, env);
  const overridden = new Map(
    Object.entries(overrides).map(([key, { source }]) => [pathKey(["settings", key]), source] as const),
  );
  const variables = new Map(used.map(({ path, variables }) => [pathKey(path), variables.join(", ")] as const));
  for (const path of overridden.keys()) variables.delete(path);
  const isForeign = (path: ConfigPath): boolean => variables.has(pathKey(path)) || overridden.has(pathKey(path));
  const document = asSection(tidy(override(asSection(substituted), overrides), [], isForeign));
  // Of KEY_ONE and KEY_TWO, one that is in use elsewhere is not what was meant.
  const inUse = new Set(used.flatMap(({ variables }) => variables));
  const spare = Object.keys(env).filter((name) => !inUse.has(name));
  return {
    document: withoutUnset(document, faults),
    isOverfull,
    problems: [...warnings, ...faults.flatMap((fault) => faultProblem(fault, document, spare))],
    unresolved: new Set(faults.map((fault) => pathKey(fault.path))),
    variables,
    overridden,
  };
}

function override(document: Section, overrides: Readonly<Record<string, ConfigOverride>>): Section {
  const values = Object.entries(overrides).map(([key, { value }]) => [key, value] as const);
  const { settings } = document;
  // Settings of another type have a problem of their own, and it must not be hidden.
  const isReplaceable = settings === undefined || settings === null || isSection(settings);
  if (values.length === 0 || !isReplaceable) return document;
  return { ...document, settings: { ...asSection(settings), ...Object.fromEntries(values) } };
}

// A disabled provider may name variables that are not set: what would not pass the schema without them is left out or stands in for it.
function withoutUnset(document: Section, faults: readonly SubstitutionFault[]): Section {
  const providers = document["providers"];
  if (!Array.isArray(providers)) return document;
  const standIns: Readonly<Record<string, string>> = { base_url: "https://unset.invalid", type: "anthropic" };
  const trimmed = viewProviders(document).filter((view) => !view.enabled);
  const copy = [...(providers as readonly unknown[])];
  for (const { index, section } of trimmed) {
    const unset = faults.filter((fault) => fault.variable !== undefined && fault.path[1] === index);
    const keys = new Set(unset.filter((fault) => fault.path[0] === "providers").map((fault) => String(fault.path[2])));
    copy[index] = Object.fromEntries(
      Object.entries(section).flatMap(([key, value]) => {
        if (!keys.has(key) || key === "name") return [[key, value]];
        return Object.hasOwn(standIns, key) ? [[key, standIns[key]]] : [];
      }),
    );
  }
  return { ...document, providers: copy };
}

function asSection(value: unknown): Section {
  return isSection(value) ? value : {};
}

// A section whose entries are all commented out is an empty one to its author, and null to YAML.
function tidy(value: unknown, path: ConfigPath, isForeign: (path: ConfigPath) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item, index) => tidy(item, [...path, index], isForeign));
  if (isSection(value)) {
    const entries = Object.entries(value).filter(([key, item]) => item !== null || !takesSection([...path, key]));
    return Object.fromEntries(entries.map(([key, item]) => [key, tidy(item, [...path, key], isForeign)]));
  }
  if (typeof value !== "string") return value;
  if (path.at(-1) === "log_level") return logLevelWord(value);
  return isForeign(path) ? readScalar(value, path) : value;
}

function takesSection(path: ConfigPath): boolean {
  const schema = path.length === 1 && path[0] === "providers" ? undefined : schemaAt(path);
  return (
    schema !== undefined &&
    alternatives(schema).some(
      (one) => one instanceof z.ZodObject || one instanceof z.ZodRecord || one instanceof z.ZodArray,
    ) &&
    alternatives(schema).every((one) => !(one instanceof z.ZodString))
  );
}

function logLevelWord(text: string): string {
  if (/^warn$/i.test(text)) return "WARNING";
  return /^(?:debug|info|warning|error|critical)$/i.test(text) ? text.toUpperCase() : text;
}

// Values from the environment are always text: the schema decides whether one is a number or a boolean.
function readScalar(text: string, path: ConfigPath): unknown {
  const schemas = alternatives(schemaAt(path) ?? z.string());
  if (schemas.some((one) => one instanceof z.ZodString)) return text;
  if (schemas.some((one) => one instanceof z.ZodNumber) && /^-?\d+(\.\d+)?$/.test(text.trim())) return Number(text);
  if (schemas.some((one) => one instanceof z.ZodBoolean) && /^(true|false)$/i.test(text.trim())) {
    return text.trim().toLowerCase() === "true";
  }
  return text;
}

function faultProblem(
  fault: SubstitutionFault,
  document: Section,
  spareVariables: readonly string[],
): readonly ConfigProblem[] {
  const { path, variable } = fault;
  const label = labelOf(path, document);
  if (variable === undefined) return [errorAt(path, "value", `${label} ${fault.message ?? "cannot be read"}`)];
  const provider = viewProviders(document).find(({ index }) => path[0] === "providers" && path[1] === index);
  if (provider?.enabled === false) return [];
  const near = didYouMean(variable, spareVariables);
  const remedies = [
    near === undefined ? "set it" : `did you mean ${near}?`,
    // A key has no sensible default.
    ...(near === undefined && !isSecretPath(path) ? [`write \${${variable}:-default}`] : []),
    ...(near === undefined && provider !== undefined ? ["disable the provider with enabled: false"] : []),
  ];
  const message = `${label}: the environment variable ${variable} is not set; ${remedies.join(", or ")}`;
  return [errorAt(path, "value", message)];
}
