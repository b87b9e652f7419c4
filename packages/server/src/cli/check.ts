import { homedir } from "node:os";
import { relative } from "node:path";
import { Balancer, CcpbError } from "@ccpb/core";
import { createColors } from "picocolors";
import { loadConfig, type LoadConfigOptions, type LoadedConfig } from "../config/config-file.ts";
import { ConfigError, type LocatedProblem, renderProblems } from "../config/problems.ts";
import { exposureWarnings } from "../app/exposure-warnings.ts";
import { prepareConfig } from "../app/prepared-config.ts";
import { assertSharedState } from "../sharing/shared-state.ts";
import type { Environment } from "../transport/proxy-route.ts";
import { exitCodes } from "../base/exit-codes.ts";
import type { ModelAbilities } from "./ask-abilities.ts";
import type { LiveResult } from "../control/ask-provider.ts";
import { hasColor } from "./output.ts";
import type { CommonOptions } from "./common-options.ts";
import { visible, visibleJson } from "../base/visible-text.ts";

interface CheckOptions extends CommonOptions {
  readonly live?: boolean;
  readonly abilities?: boolean;
  readonly print?: boolean;
  readonly json?: boolean;
  readonly model?: string;
}

/**
 * `ccpb check [FILE]`: every problem of a configuration with its place. `live` also asks each enabled provider, `abilities` finds out what those that
 * answered take, `print` shows what is in force, `json` writes all of it as one object. Answers 2 (without `json` by `ConfigError`) for a configuration
 * that cannot be used, 1 where a provider failed.
 */
export async function check(file: string | undefined, options: CheckOptions): Promise<number> {
  const configPath = file ?? options.config;
  const load: LoadConfigOptions = {
    cwd: process.cwd(),
    env: process.env,
    home: homedir(),
    ...(configPath !== undefined && { configPath }),
    ...(file !== undefined && { configPathFrom: "" }),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.port !== undefined && { port: options.port }),
    ...(options.workers !== undefined && { workers: options.workers }),
  };
  if (options.json === true) return checkAsJson(load, options);
  const loaded = loadConfig(load);
  const warnings = [...loaded.warnings, ...(await findExposure(loaded, load.env))];
  process.stderr.write(renderProblems(warnings, { color: hasColor(process.stderr), cwd: load.cwd }));
  if (options.print === true) {
    const { renderEffectiveConfig } = await import("./effective-config.ts");
    process.stdout.write(renderEffectiveConfig(loaded, load));
  } else {
    process.stdout.write(summary(loaded, load.cwd));
  }
  if (options.live !== true) return exitCodes.ok;
  const results = await askLive(loaded, options);
  const { renderResults } = await import("./live-check.ts");
  process.stdout.write(renderResults(results));
  if (options.abilities === true) {
    const { renderAbilities } = await import("./render-abilities.ts");
    process.stdout.write(renderAbilities(await findAbilities(loaded, results, options)));
  }
  return codeOf(results);
}

async function askLive({ config }: LoadedConfig, { model }: CheckOptions): Promise<readonly LiveResult[]> {
  const { askProviders } = await import("./live-check.ts");
  return askProviders(config, { ...(model !== undefined && { model }) });
}

/** Asks what the providers that have answered take. Says on stderr beforehand what that costs at most. */
async function findAbilities(
  { config }: LoadedConfig,
  results: readonly LiveResult[],
  { model }: CheckOptions,
): Promise<readonly ModelAbilities[]> {
  const { askAbilities, costText } = await import("./ask-abilities.ts");
  const answered = new Set(results.filter(({ outcome }) => outcome === "answered").map(({ provider }) => provider));
  const asked = { ...config, providers: config.providers.filter(({ name }) => answered.has(name)) };
  process.stderr.write(`${costText(asked, model)}\n`);
  return askAbilities(asked, model);
}

function codeOf(results: readonly LiveResult[]): number {
  return results.some(({ outcome }) => outcome === "failed") ? exitCodes.failed : exitCodes.ok;
}

/** Output of `check --json`; `live` is null if no provider was asked. */
interface CheckReport {
  /** The configuration can be used, and no provider that was asked failed. */
  readonly ok: boolean;
  /** The file; null where the environment alone configures, or where there is no file. */
  readonly file: string | null;
  readonly providers: { readonly enabled: number; readonly disabled: number } | null;
  readonly problems: readonly LocatedProblem[];
  readonly live: readonly (Omit<LiveResult, "durationMs"> & { readonly duration_ms: number | null })[] | null;
  /** Abilities of each model; present with `--abilities`. */
  readonly abilities?: readonly ModelAbilities[];
}

async function checkAsJson(load: LoadConfigOptions, options: CheckOptions): Promise<number> {
  let loaded: LoadedConfig;
  let problems: readonly LocatedProblem[];
  try {
    loaded = loadConfig(load);
    problems = [...loaded.warnings, ...(await findExposure(loaded, load.env))];
  } catch (error) {
    const found = problemsOf(error);
    writeReport({ ok: false, file: found[0]?.file ?? null, providers: null, problems: found, live: null });
    return error instanceof CcpbError && error.code === "configuration" ? exitCodes.usage : exitCodes.failed;
  }
  const results = options.live === true ? await askLive(loaded, options) : [];
  const code = codeOf(results);
  writeReport({
    ok: code === exitCodes.ok,
    file: loaded.source.kind === "file" ? loaded.source.path : null,
    providers: countOf(loaded),
    problems,
    live: options.live === true ? results.map(resultView) : null,
    ...(options.live === true &&
      options.abilities === true && { abilities: await findAbilities(loaded, results, options) }),
  });
  return code;
}

function problemsOf(error: unknown): readonly LocatedProblem[] {
  if (error instanceof ConfigError) return error.problems;
  // A start would fail with this error although the file can be read: a certificate is missing, for example.
  return [{ file: null, message: error instanceof Error ? error.message : String(error), severity: "error" }];
}

function resultView({ durationMs, ...result }: LiveResult): NonNullable<CheckReport["live"]>[number] {
  return { ...result, duration_ms: durationMs === undefined ? null : Math.round(durationMs) };
}

function writeReport(report: CheckReport): void {
  process.stdout.write(`${visibleJson(JSON.stringify(report, null, 2))}\n`);
}

/** Returns the warnings of how the server could be reached. Rejects with what a start or a reload would fail with. Connects to nothing. */
async function findExposure(loaded: LoadedConfig, environment: Environment): Promise<readonly LocatedProblem[]> {
  const { exposure } = prepareConfig(loaded, environment);
  await assertSharedState(loaded);
  new Balancer(loaded.config)[Symbol.dispose]();
  const warnings = exposureWarnings(exposure, Date.now());
  return warnings.map((message) => ({ file: null, message, severity: "warning" }));
}

function summary({ config, source }: LoadedConfig, cwd: string): string {
  const colors = createColors(hasColor(process.stdout));
  const name = visible(
    source.kind === "file" ? shown(source.path, cwd) : `the environment (${source.variables.join(", ")})`,
  );
  const { enabled, disabled } = countOf({ config });
  const count = `${enabled} enabled ${enabled === 1 ? "provider" : "providers"}${disabled === 0 ? "" : `, ${disabled} disabled`}`;
  return `${colors.green("✓")} ${name} can be used: ${count}\n`;
}

function countOf({ config }: Pick<LoadedConfig, "config">): NonNullable<CheckReport["providers"]> {
  const enabled = config.providers.filter(({ enabled: isEnabled = true }) => isEnabled).length;
  return { enabled, disabled: config.providers.length - enabled };
}

function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith("..") ? path : near;
}
